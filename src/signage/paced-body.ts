import { UploadRejectedError } from './errors.ts';

/** How fast a file has to come. */
export interface Pace {
  /** Between two pieces of it. */
  readonly idleMs: number;
  /** What it comes to on the average, once the first idle time is over. */
  readonly minBytesPerSecond: number;
}

/** RULES 28. */
export const UPLOAD_PACE: Pace = { idleMs: 30_000, minBytesPerSecond: 16 * 1_024 };

/**
 * The pieces of a body as they come.
 *
 * @throws UploadRejectedError when they come too slowly, or the body breaks off
 */
export async function* paced(
  body: AsyncIterable<Uint8Array>,
  { idleMs, minBytesPerSecond }: Pace,
): AsyncGenerator<Uint8Array, void, undefined> {
  const pieces = body[Symbol.asyncIterator]();
  const startedMs = performance.now();
  let bytes = 0;
  try {
    for (;;) {
      const allowedMs = idleMs + (bytes / minBytesPerSecond) * 1_000;
      const leftMs = startedMs + allowedMs - performance.now();
      const piece = await nextWithin(pieces, Math.min(idleMs, leftMs));
      if (piece.done) return;
      bytes += piece.value.length;
      yield piece.value;
    }
  } finally {
    // Not waited for: behind a piece that does not come it does not end before the body does.
    pieces.return?.().catch(() => {});
  }
}

/** A piece that never comes is waited for by nobody; whoever holds the body ends it. */
async function nextWithin<T>(pieces: AsyncIterator<T>, ms: number): Promise<IteratorResult<T>> {
  let timer: NodeJS.Timeout | undefined;
  const tooSlow = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new UploadRejectedError('TOO_SLOW', 'The file comes too slowly.')),
      Math.max(ms, 0),
    );
  });
  const next = pieces.next().catch((error: unknown) => {
    throw new UploadRejectedError('INCOMPLETE', 'The file broke off.', { cause: error });
  });
  try {
    return await Promise.race([next, tooSlow]);
  } finally {
    clearTimeout(timer);
    next.catch(() => {});
  }
}
