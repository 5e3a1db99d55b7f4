import type { Fetch } from '../client/http.ts';
import type { Timers } from '../client/timers.ts';
import type { FileShelf } from './file-shelf.ts';

/** A file as the API tells of it. */
export interface WantedFile {
  readonly url: string;
  /** 64 hexadecimal digits. */
  readonly sha256: string;
  readonly byteSize: string;
}

/** Nothing came, or something else. */
export class DownloadError extends Error {
  override readonly name = 'DownloadError';
  /** Of what came instead; null: it did not come. */
  readonly sha256: string | null;
  constructor(
    message: string,
    { sha256 = null, ...options }: ErrorOptions & { sha256?: string | null } = {},
  ) {
    super(message, options);
    this.sha256 = sha256;
  }
}

export interface DownloadParts {
  readonly fetch: Fetch;
  readonly shelf: FileShelf;
  readonly timers: Timers;
  /** Gives it up. */
  readonly signal: AbortSignal;
}

/** With nothing more of it for so long it comes no more. */
const SILENCE_MS = 30_000;

/** Fetches a file and keeps it, if it is what it shall be. @throws DownloadError; what keeps it from being kept */
export async function download(
  file: WantedFile,
  { fetch, shelf, timers, signal }: DownloadParts,
): Promise<void> {
  const silence = new AbortController();
  let cancel = () => {};
  const hope = () => {
    cancel();
    cancel = timers.after(SILENCE_MS, () => silence.abort(new DownloadError('Nothing more of it comes.')));
  };
  hope();
  try {
    const { ok, status, body } = await fetch(file.url, { signal: AbortSignal.any([signal, silence.signal]) });
    if (!ok || !body) {
      await body?.cancel();
      throw new DownloadError(`The server answered ${status}.`);
    }
    const came = await shelf.put(
      file.sha256,
      noMoreThan(body, { bytes: BigInt(file.byteSize), onChunk: hope }),
    );
    if (came !== file.sha256) throw new DownloadError('Something else came.', { sha256: came });
  } catch (error) {
    if (silence.signal.aborted) throw silence.signal.reason;
    // What `fetch` says of a server that does not answer, or that broke off.
    throw error instanceof TypeError ? new DownloadError(error.message, { cause: error }) : error;
  } finally {
    cancel();
  }
}

/** Up to the first byte too many: that makes it another file, and it may have no end. */
async function* noMoreThan(
  chunks: AsyncIterable<Uint8Array>,
  { bytes, onChunk }: { readonly bytes: bigint; readonly onChunk: () => void },
): AsyncGenerator<Uint8Array> {
  let left = bytes;
  for await (const chunk of chunks) {
    onChunk();
    yield chunk;
    left -= BigInt(chunk.byteLength);
    if (left < 0n) return;
  }
}
