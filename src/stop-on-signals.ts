import type { Logger } from './lib/logger.ts';

/** How long a drain may take before the process ends without it. */
const DRAIN_MS = 20_000;

/**
 * The first signal drains, and ends the process; more of them change nothing. So does a database that has become
 * another one, with exit code 1: what keeps the process running starts it anew.
 */
export function stopOnSignals(
  what: AsyncDisposable & { readonly replaced: Promise<void> },
  logger: Logger,
): void {
  let stopping = false;
  const stop = async (code: 0 | 1) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    await what[Symbol.asyncDispose]();
    logger.info('stopped');
    process.exit(code);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (!stopping) logger.info({ signal }, 'stopping');
      void stop(0);
    });
  void what.replaced.then(() => {
    logger.error(
      'the database has become another one, in which no cursor holds: stopping, to be started anew',
    );
    void stop(1);
  });
}
