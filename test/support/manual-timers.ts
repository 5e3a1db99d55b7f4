import type { Timers } from '../../src/client/timers.ts';

/** A clock that stands still until it is told otherwise. Chance is always the highest. */
export interface ManualTimers extends Timers {
  /** Runs what is due until then, each at its instant, and lets what follows from it settle. */
  advance(ms: number): Promise<void>;
}

export function manualTimers(startMs = 0): ManualTimers {
  let nowMs = startMs;
  let waiting: readonly { readonly atMs: number; readonly run: () => void }[] = [];
  return {
    now: () => nowMs,
    random: () => 1,
    after(delayMs, run) {
      const entry = { atMs: nowMs + delayMs, run };
      waiting = [...waiting, entry];
      return () => {
        waiting = waiting.filter((each) => each !== entry);
      };
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settled();
      for (;;) {
        const [next] = waiting
          .filter(({ atMs }) => atMs <= untilMs)
          .sort((one, other) => one.atMs - other.atMs);
        if (!next) break;
        waiting = waiting.filter((each) => each !== next);
        nowMs = next.atMs;
        next.run();
        await settled();
      }
      nowMs = untilMs;
    },
  };
}

/** After all that promises do by themselves. */
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));
