#!/usr/bin/env node
import nodeModule from 'node:module';
import { type App, createApp } from './app.ts';
import { readConfig } from './config.ts';
import { DEMO_USERS } from './demo/venue.ts';
import { createLogger, type Logger } from './lib/logger.ts';
import { explainFailure } from './start-failure.ts';

// Node 22 has it, and 20 starts without.
(nodeModule as { enableCompileCache?: () => void }).enableCompileCache?.();

/** How long a drain may take before the process ends without it. */
const DRAIN_MS = 20_000;

try {
  const config = readConfig();
  const logger = createLogger(config.logLevel);
  const app = await createApp(config, logger);
  stopOnSignals(app, logger);
  logger.info({ url: app.url }, 'floorwire answers');
  greet(app);
} catch (error) {
  explainFailure(error);
}

/** The first signal drains; more of them change nothing. */
function stopOnSignals(app: App, logger: Logger): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    await app[Symbol.asyncDispose]();
    logger.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
}

/** For whoever sits at the terminal; the log has its own stream. */
function greet({ url, isDemo }: App): void {
  const lines = ['', `  GraphiQL  ${url}/graphql`];
  if (isDemo) {
    lines.push('  This is the demo venue: simulated machines play on two serial lines. Sign in as');
    lines.push(
      ...DEMO_USERS.map(
        ({ username, password, roles }) =>
          `    ${username.padEnd(9)} ${password.padEnd(24)} ${roles.join(', ')}`,
      ),
    );
  }
  process.stderr.write(`${lines.join('\n')}\n\n`);
}
