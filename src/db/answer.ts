import { setTimeout as pause } from 'node:timers/promises';

/** How long a connection of its own waits for an answer before it counts as dead. */
const ANSWER_TIMEOUT_MS = 5_000;

/** What the server answers. @throws when it does not */
export async function answer<Result>(asked: Promise<Result>): Promise<Result> {
  const stop = new AbortController();
  const timeout = pause(ANSWER_TIMEOUT_MS, undefined, { signal: stop.signal }).then(() =>
    Promise.reject(new Error('PostgreSQL does not answer')),
  );
  try {
    return await Promise.race([asked, timeout]);
  } finally {
    // Whichever lost is no news any more.
    for (const late of [asked, timeout]) late.catch(() => {});
    stop.abort();
  }
}
