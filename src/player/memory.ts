import { readFile, rename, writeFile } from 'node:fs/promises';
import { isMissingFile } from './missing-file.ts';

/** What a player remembers when it is switched off, as JSON; in one place, and whole or not at all. */
export interface PlayerMemory {
  /** What was kept last; null before anything was, or when that cannot be read any more. */
  load(): Promise<unknown>;
  /** The newest stands for those before it that were not written yet. */
  save(kept: unknown): Promise<void>;
}

/** Nothing outlives the process. */
export function volatileMemory(): PlayerMemory {
  let kept: unknown = null;
  return {
    load: async () => kept,
    async save(given) {
      kept = given;
    },
  };
}

/** In a file that its owner alone can read: there are tokens in it. */
export function fileMemory(path: string): PlayerMemory {
  let newest: { readonly kept: unknown } | null = null;
  let writing: Promise<void> | null = null;

  async function write(): Promise<void> {
    try {
      for (let next = newest; next; next = newest) {
        newest = null;
        const draft = `${path}.new`;
        await writeFile(draft, JSON.stringify(next.kept), { mode: 0o600 });
        await rename(draft, path);
      }
    } finally {
      // In the very moment when nothing is left: what is saved from then on is written by another.
      writing = null;
    }
  }

  return {
    async load() {
      try {
        return JSON.parse(await readFile(path, 'utf8')) as unknown;
      } catch (error) {
        if (isMissingFile(error) || error instanceof SyntaxError) return null;
        throw error;
      }
    },
    async save(kept) {
      newest = { kept };
      writing ??= write();
      await writing;
    },
  };
}
