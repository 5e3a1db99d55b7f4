import type { Network } from './network.ts';
import type { Timers } from './timers.ts';

/** The wait before the next try: to its end, or only until there is a network again. One at a time. */
export interface RetryTimer {
  wait(delay: RetryDelay, run: () => void): void;
  cancel(): void;
}

export interface RetryDelay {
  readonly delayMs: number;
  /** What of it the server asked for, which no network shortens. */
  readonly askedMs?: number;
}

/** Between two tries that a network brought on: one that comes and goes is no reason to try all the time. */
const PAUSE_MS = 1_000;

export function createRetryTimer({
  timers,
  network,
}: {
  readonly timers: Timers;
  readonly network: Network;
}): RetryTimer {
  let cancel = () => {};
  let hurriedAt = Number.NEGATIVE_INFINITY;
  return {
    wait({ delayMs, askedMs = 0 }, run) {
      cancel();
      const begunAt = timers.now();
      const go = () => {
        cancel();
        run();
      };
      const stopWaiting = timers.after(delayMs, go);
      let stopHurrying = () => {};
      const stopHearing = network.onOnline(() => {
        // No later word could bring it on earlier.
        stopHearing();
        const now = timers.now();
        hurriedAt = Math.max(now, begunAt + askedMs, hurriedAt + PAUSE_MS);
        stopHurrying = timers.after(hurriedAt - now, go);
      });
      cancel = () => {
        stopWaiting();
        stopHurrying();
        stopHearing();
      };
    },
    cancel: () => cancel(),
  };
}
