import type { Timers } from '../../src/client/timers.ts';

/**
 * A clock that goes ten times too fast from now on. Waits of less than ten seconds are a hundred times too short;
 * longer ones are deadlines, which a slow machine must not miss. Chance is always the highest.
 */
export interface FastTimers extends Timers {
  /** The waits asked for, in milliseconds, in order. */
  readonly waits: readonly number[];
}

const FASTER = 10;
const LONG_MS = 10_000;

export function fastTimers(): FastTimers {
  const waits: number[] = [];
  const begun = Date.now();
  return {
    waits,
    now: () => begun + (Date.now() - begun) * FASTER,
    random: () => 1,
    after(delayMs, run) {
      waits.push(delayMs);
      const timer = setTimeout(run, delayMs / (delayMs < LONG_MS ? FASTER ** 2 : FASTER));
      return () => clearTimeout(timer);
    },
  };
}
