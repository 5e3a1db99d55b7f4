/** Waiting, one waiter at a time, that new work can cut short. */
import type { Clock } from './port.ts';

export interface Pace {
  /** Resolves at `untilMs` of the clock, or earlier when woken: look again after it. */
  wait(untilMs: number): Promise<void>;
  wake(): void;
}

export function createPace(clock: Clock): Pace {
  let end: (() => void) | null = null;

  return {
    wait(untilMs) {
      const ms = Math.ceil(untilMs - clock.nowMs());
      if (ms <= 0) return Promise.resolve();
      return new Promise((resolve) => {
        const timer = clock.setTimer(ms, () => end?.());
        end = () => {
          end = null;
          timer[Symbol.dispose]();
          resolve();
        };
      });
    },
    wake: () => end?.(),
  };
}
