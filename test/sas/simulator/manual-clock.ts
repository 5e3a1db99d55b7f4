import type { Clock } from '../../../src/sas/host/port.ts';

/** A clock that stands still until it is told to go on. */
export interface ManualClock extends Clock {
  /** Lets so much time pass, and the timers in it go off in order. */
  advance(ms: number): void;
  /** Until when the next timer wants to wait; null without a timer. */
  readonly nextTimerMs: number | null;
}

export function manualClock(start = new Date('2024-05-01T12:00:00Z')): ManualClock {
  let now = 0;
  const timers = new Set<{ readonly atMs: number; readonly fn: () => void }>();
  const first = () => [...timers].sort((one, other) => one.atMs - other.atMs)[0];
  return {
    nowMs: () => now,
    date: () => new Date(start.getTime() + now),
    setTimer(ms, fn) {
      const timer = { atMs: now + ms, fn };
      timers.add(timer);
      return { [Symbol.dispose]: () => timers.delete(timer) };
    },
    get nextTimerMs() {
      return first()?.atMs ?? null;
    },
    advance(ms) {
      const until = now + ms;
      for (let timer = first(); timer !== undefined && timer.atMs <= until; timer = first()) {
        timers.delete(timer);
        now = timer.atMs;
        timer.fn();
      }
      now = until;
    },
  };
}
