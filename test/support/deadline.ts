import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 10;
const DEADLINE_MS = 10_000;

type Present<Value> = Exclude<Value, null | undefined | false | 0 | 0n | ''>;

/**
 * Waits until `condition` answers something truthy, and answers that. What it throws means "not yet".
 * Fails at the deadline (default 10 s) with the last answer or error.
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
    if (performance.now() - started > deadlineMs) {
      const options = 'error' in last ? { cause: last.error } : {};
      const detail = 'error' in last ? String(last.error) : `it is ${String(last.value)}`;
      throw new Error(`Not within ${deadlineMs} ms: ${condition} — ${detail}`, options);
    }
    await pause(POLL_MS);
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
