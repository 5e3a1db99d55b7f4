import type { Timers } from './timers.ts';

/** How long to wait before one more try, as `realtimeInfo { backoff }` advertises it. */
export interface BackoffPolicy {
  readonly initialDelayMs: number;
  /** How much longer each wait is than the last. */
  readonly stepMs: number;
  readonly maxDelayMs: number;
  /** Tries in a row that fail before another way is taken. */
  readonly maxAttempts: number;
  /** Whether a wait is drawn between half of it and all of it. */
  readonly jitter: boolean;
}

/** Until the server has said its own. */
export const DEFAULT_BACKOFF: BackoffPolicy = {
  initialDelayMs: 1_000,
  stepMs: 1_000,
  maxDelayMs: 30_000,
  maxAttempts: 5,
  jitter: true,
};

/** @param attempt the first is 1 */
export function delayBefore(attempt: number, policy: BackoffPolicy, timers: Timers): number {
  const delayMs = Math.min(policy.maxDelayMs, policy.initialDelayMs + (attempt - 1) * policy.stepMs);
  return policy.jitter ? delayMs * (0.5 + timers.random() / 2) : delayMs;
}
