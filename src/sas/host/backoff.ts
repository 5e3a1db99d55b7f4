/** Waits that grow: each try waits twice as long as the one before, and never exactly as long as its neighbours. */

export interface Backoff {
  /** The wait before the next try, in milliseconds, between half of and the whole step. */
  next(): number;
  reset(): void;
}

export interface BackoffOptions {
  readonly minMs: number;
  readonly maxMs: number;
  readonly random: () => number;
}

export function createBackoff({ minMs, maxMs, random }: BackoffOptions): Backoff {
  let stepMs = minMs;

  return {
    next() {
      const waitMs = stepMs * (0.5 + random() / 2);
      stepMs = Math.min(stepMs * 2, maxMs);
      return waitMs;
    },
    reset() {
      stepMs = minMs;
    },
  };
}
