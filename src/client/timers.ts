/** Time and chance, which a test brings its own of. */
export interface Timers {
  /** In milliseconds, of whatever beginning `Date.now` has. */
  now(): number;
  /** From 0 up to, not including, 1. */
  random(): number;
  /** Runs it once after so many milliseconds, unless the answered function is called before. */
  after(delayMs: number, run: () => void): () => void;
}

export const SYSTEM_TIMERS: Timers = {
  now: () => Date.now(),
  random: () => Math.random(),
  after(delayMs, run) {
    const timer = setTimeout(run, Math.min(delayMs, LONGEST_MS));
    return () => clearTimeout(timer);
  },
};

/** What a timer can hold: 24 days. */
const LONGEST_MS = 2 ** 31 - 1;
