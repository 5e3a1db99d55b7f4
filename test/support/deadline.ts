import { setTimeout as pause } from 'node:timers/promises';

const FIRST_POLL_MS = 10;
const LAST_POLL_MS = 100;
/** Of the time waited so far: what is asked often costs more than what it finds early is worth. */
const SHARE = 0.1;
/** Only what never comes takes so long: a guard, and no promise of anything. */
const DEADLINE_MS = 60_000;

type Present<Value> = Exclude<Value, null | undefined | false | 0 | 0n | ''>;

/**
 * Waits until `condition` answers something truthy, and answers that; it is asked less often the longer it takes. What it
 * throws means "not yet".
 * Fails at the deadline (default 60 s) with the last answer or error.
 */
export async function eventually<Value>(
  condition: () => Value | Promise<Value>,
  { deadlineMs = DEADLINE_MS }: { readonly deadlineMs?: number } = {},
): Promise<Present<Value>> {
  const started = performance.now();
  for (;;) {
    let last: { readonly value: Value } | { readonly error: unknown };
    try {
      const value = await condition();
      if (value) return value as Present<Value>;
      last = { value };
    } catch (error) {
      last = { error };
    }
    const waitedMs = performance.now() - started;
    if (waitedMs > deadlineMs) {
      const options = 'error' in last ? { cause: last.error } : {};
      const detail = 'error' in last ? String(last.error) : `it is ${String(last.value)}`;
      throw new Error(`Not within ${deadlineMs} ms: ${condition} — ${detail}`, options);
    }
    await pause(Math.min(Math.max(SHARE * waitedMs, FIRST_POLL_MS), LAST_POLL_MS));
  }
}

/** The promise's outcome, or an error that names what was waited for once `timeoutMs` have passed. */
export async function withDeadline<Value>(
  promise: PromiseLike<Value>,
  timeoutMs: number,
  what: string,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: not within ${timeoutMs} ms`)), timeoutMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
