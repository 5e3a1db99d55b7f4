import type { Timers } from '../../src/client/timers.ts';

/**
 * A clock that goes ten times too fast from now on. Waits of less than five seconds are a hundred times too short;
 * longer ones are deadlines, which a slow machine must not miss: they wait for a tick of this process after the other,
 * and however late one is, it is one. Chance is always the highest.
 */
export interface FastTimers extends Timers {
  /** The waits asked for, in milliseconds, in order. */
  readonly waits: readonly number[];
}

const FASTER = 10;
const LONG_MS = 5_000;
const TICK_MS = 50;

export function fastTimers(): FastTimers {
  const waits: number[] = [];
  const begun = Date.now();
  return {
    waits,
    now: () => begun + (Date.now() - begun) * FASTER,
    random: () => 1,
    after(delayMs, run) {
      waits.push(delayMs);
      if (delayMs >= LONG_MS) return afterTicks(Math.ceil(delayMs / FASTER / TICK_MS), run);
      const timer = setTimeout(run, delayMs / FASTER ** 2);
      return () => clearTimeout(timer);
    },
  };
}

function afterTicks(count: number, run: () => void): () => void {
  let left = count;
  const tick = () => {
    left -= 1;
    if (left > 0) timer = setTimeout(tick, TICK_MS);
    else run();
  };
  let timer = setTimeout(tick, TICK_MS);
  return () => clearTimeout(timer);
}
