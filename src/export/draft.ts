import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../lib/folder.ts';

/** A file that is being written, of one JSON object a line. Nobody is shown it before it is whole. */
export interface Draft extends AsyncDisposable {
  readonly path: string;
  readonly rowCount: number;
  /** It is written when this is over. @throws TooLargeError */
  add(lines: readonly string[]): Promise<void>;
  /** All of it is on the disk, also after a power cut. */
  finish(): Promise<{ readonly byteSize: number; readonly sha256: Buffer }>;
}

/** It would have more bytes than an export may. */
export class TooLargeError extends Error {
  override readonly name = 'TooLargeError';
}

/** A new file of this computer, for its owner alone. Disposing deletes it, unless it was moved away. */
export async function openDraft(path: string, maxBytes: number): Promise<Draft> {
  await makeFolder(dirname(path), 0o700);
  const handle = await open(path, 'wx', 0o600);
  const hash = createHash('sha256');
  let byteSize = 0;
  let rowCount = 0;
  return {
    path,
    get rowCount() {
      return rowCount;
    },
    async add(lines) {
      const bytes = Buffer.from(lines.map((line) => `${line}\n`).join(''));
      if (byteSize + bytes.length > maxBytes)
        throw new TooLargeError(`an export has more than ${maxBytes} bytes`);
      await handle.writeFile(bytes);
      hash.update(bytes);
      byteSize += bytes.length;
      rowCount += lines.length;
    },
    async finish() {
      await handle.sync();
      return { byteSize, sha256: hash.digest() };
    },
    async [Symbol.asyncDispose]() {
      await handle.close();
      await rm(path, { force: true });
    },
  };
}
