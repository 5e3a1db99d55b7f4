import { setTimeout as pause } from 'node:timers/promises';
import { isConnectionError } from '../db/errors.ts';
import { DatabaseUnavailableError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';

export interface OutageLogOptions {
  /** Asks PostgreSQL something. @throws while it is away */
  readonly ask: () => Promise<unknown>;
  /** So often while it is away, in milliseconds. */
  readonly everyMs?: number;
  /** It is asked no more. */
  readonly stopped: AbortSignal;
}

const ASK_MS = 1_000;

/**
 * The same log, in which an outage of PostgreSQL is told by its causes and its end: everything that runs by itself
 * warns of each of its tries. What does so meanwhile is counted, and told one by one at the level debug.
 */
export function createOutageLog(
  logger: Logger,
  { ask, everyMs = ASK_MS, stopped }: OutageLogOptions,
): Logger {
  const log = logger.child({});
  let isWatching = false;
  /** Since it is known that it is away. */
  let warnings: number | null = null;

  async function watch(): Promise<void> {
    const sinceMs = performance.now();
    const causes = new Set<string>();
    while (!stopped.aborted) {
      const failure = await ask().then(
        () => null,
        (error: unknown) => ({ err: error }),
      );
      if (!failure || stopped.aborted) break;
      // How it went says less than what keeps it away.
      if (!causes.has(String(failure.err)))
        logger.warn(failure, 'PostgreSQL is away; what fails because of it is counted');
      causes.add(String(failure.err));
      warnings ??= 0;
      await pause(everyMs, undefined, { ref: false });
    }
    const awayMs = Math.round(performance.now() - sinceMs);
    if (warnings !== null && !stopped.aborted) logger.warn({ awayMs, warnings }, 'PostgreSQL is back');
    warnings = null;
    isWatching = false;
  }

  log.warn = (first: unknown, ...rest: readonly unknown[]) => {
    const isOutage = isAbsence(typeof first === 'object' && first && 'err' in first ? first.err : null);
    if (isOutage && warnings !== null) {
      warnings += 1;
      return Reflect.apply(logger.debug, logger, [first, ...rest]);
    }
    Reflect.apply(logger.warn, logger, [first, ...rest]);
    if (!isOutage || isWatching) return;
    isWatching = true;
    void watch();
  };
  return log;
}

const isAbsence = (error: unknown): boolean =>
  error instanceof DatabaseUnavailableError || isConnectionError(error);
