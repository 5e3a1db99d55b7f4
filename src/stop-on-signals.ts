import type { Logger } from './lib/logger.ts';

/** How long a drain may take before the process ends without it. */
const DRAIN_MS = 20_000;

/** The first signal drains, and ends the process; more of them change nothing. */
export function stopOnSignals(what: AsyncDisposable, logger: Logger): void {
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    logger.info({ signal }, 'stopping');
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    await what[Symbol.asyncDispose]();
    logger.info('stopped');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => void stop(signal));
}
