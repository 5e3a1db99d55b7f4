import type { Clock } from '../../../src/sas/host/port.ts';

export interface ManualClock extends Clock {
  /** Lets time pass; every timer that falls due runs at its own time, with the promises that follow from it. */
  advance(ms: number): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly fn: () => void;
}

/** @param quiet resolves once nothing goes on but what waits for time to pass. */
export function aManualClock({ quiet = settled } = {}): ManualClock {
  let now = 1_000;
  const timers = new Set<Timer>();

  function nextUntil(endMs: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of timers) if (timer.atMs <= endMs && (!next || timer.atMs < next.atMs)) next = timer;
    return next;
  }

  return {
    nowMs: () => now,
    date: () => new Date(Date.UTC(2025, 0, 1) + now),
    setTimer(ms, fn) {
      const timer = { atMs: now + ms, fn };
      timers.add(timer);
      return { [Symbol.dispose]: () => void timers.delete(timer) };
    },
    async advance(ms) {
      const endMs = now + ms;
      await quiet();
      for (let timer = nextUntil(endMs); timer; timer = nextUntil(endMs)) {
        timers.delete(timer);
        now = timer.atMs;
        timer.fn();
        await quiet();
      }
      now = endMs;
    },
  };
}

/** Lets every promise that can go on go on. */
export const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
