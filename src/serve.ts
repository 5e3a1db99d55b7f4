import { type App, createApp } from './app.ts';
import { misspeltNames, readConfig } from './config.ts';
import { DEMO_SCREEN, DEMO_USERS, DEMO_VENUE } from './demo/venue.ts';
import { createLogger } from './lib/logger.ts';
import { tuneForServing } from './lib/tuning.ts';
import { explainFailure } from './start-failure.ts';
import { stopOnSignals } from './stop-on-signals.ts';

try {
  const config = readConfig();
  const logger = createLogger(config.logLevel);
  for (const line of misspeltNames()) logger.warn(line);
  const app = await createApp(config, logger);
  tuneForServing();
  stopOnSignals(app, logger);
  logger.info({ url: app.url }, 'floorwire answers');
  greet(app);
} catch (error) {
  explainFailure(error);
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
    const { deviceNumber, serialNumber, pairingCode } = DEMO_SCREEN;
    lines.push('  A screen of it, in another terminal:');
    lines.push(
      `    npx floorwire player --url ${url} --venue ${DEMO_VENUE.slug} --device ${deviceNumber} --serial ${serialNumber} --code ${pairingCode}`,
    );
  }
  process.stderr.write(`${lines.join('\n')}\n\n`);
}
