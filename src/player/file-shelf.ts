import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissingFile } from './missing-file.ts';

/** Where a player keeps files, by their SHA-256 in 64 lower-case hexadecimal digits. */
export interface FileShelf {
  /** Reads all of it. */
  look(sha256: string): Promise<'WHOLE' | 'MISSING' | 'DAMAGED'>;
  /** Keeps what comes if its SHA-256 is this, and else nothing. Gives the one it has. */
  put(sha256: string, chunks: AsyncIterable<Uint8Array>): Promise<string>;
  /** Forgets all others. */
  keepOnly(sha256s: readonly string[]): Promise<void>;
}

/** Remembers only which files came as they shall be, until the process ends: text does not draw what is in them. */
export function volatileShelf(): FileShelf {
  const whole = new Set<string>();
  return {
    look: async (sha256) => (whole.has(sha256) ? 'WHOLE' : 'MISSING'),
    async put(sha256, chunks) {
      const came = await digestOf(chunks);
      if (came === sha256) whole.add(sha256);
      return came;
    },
    async keepOnly(sha256s) {
      for (const sha256 of whole) if (!sha256s.includes(sha256)) whole.delete(sha256);
    },
  };
}

/** In a folder that its owner alone can read, made when the first one comes. */
export function folderShelf(folder: string): FileShelf {
  const pathOf = (sha256: string): string => {
    // It comes from elsewhere, and is to lead nowhere else.
    if (!SHA256.test(sha256)) throw new TypeError(`${sha256} is no SHA-256.`);
    return join(folder, sha256);
  };
  return {
    async look(sha256) {
      try {
        return (await digestOf(createReadStream(pathOf(sha256)))) === sha256 ? 'WHOLE' : 'DAMAGED';
      } catch (error) {
        if (isMissingFile(error)) return 'MISSING';
        throw error;
      }
    },
    async put(sha256, chunks) {
      const path = pathOf(sha256);
      const draft = `${path}.new`;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      const file = await open(draft, 'w', 0o600);
      try {
        const came = await digestOf(chunks, (chunk) => file.writeFile(chunk)).finally(() => file.close());
        if (came === sha256) await rename(draft, path);
        return came;
      } finally {
        await rm(draft, { force: true });
      }
    },
    async keepOnly(sha256s) {
      const names = await readdir(folder).catch((error: unknown) => {
        if (isMissingFile(error)) return [];
        throw error;
      });
      const others = names.filter((name) => OURS.test(name) && !sha256s.includes(name.slice(0, 64)));
      for (const name of others) await rm(join(folder, name), { force: true });
    },
  };
}

const SHA256 = /^[0-9a-f]{64}$/;
const OURS = /^[0-9a-f]{64}(?:\.new)?$/;

async function digestOf(
  chunks: AsyncIterable<Uint8Array>,
  take: (chunk: Uint8Array) => Promise<unknown> = async () => {},
): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of chunks) {
    hash.update(chunk);
    await take(chunk);
  }
  return hash.digest('hex');
}
