import { DownloadError, type WantedFile } from './download.ts';
import type { FileShelf } from './file-shelf.ts';
import type { FileState, StateOf } from './media.ts';

/** The files of the media that a player shows, fetched one after the other and kept. */
export interface Library {
  readonly stateOf: StateOf;
  /**
   * What is wanted from now on, and nothing else. Gives, when each was looked for once, whether that is what is wanted
   * still.
   */
  want(files: readonly WantedFile[]): Promise<boolean>;
  /** Trusts nothing that it has until it has looked again. */
  doubt(): void;
  stop(): void;
}

export interface LibraryOptions {
  readonly shelf: FileShelf;
  /** @throws DownloadError */
  readonly fetchFile: (file: WantedFile, signal: AbortSignal) => Promise<void>;
  /** What is kept besides, by SHA-256. */
  readonly others: () => readonly string[];
  /** Told whenever one of them comes to stand otherwise. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

export function createLibrary(options: LibraryOptions): Library {
  const { shelf, fetchFile, others, onChange, onError } = options;
  const states = new Map<string, FileState>();
  let wanted: ReadonlySet<string> = new Set();
  let orders = 0;
  let working: Promise<unknown> = Promise.resolve();
  let fetching: { readonly sha256: string; readonly abort: AbortController } | null = null;

  /** What became of a file that is not known to be whole. */
  async function get(file: WantedFile): Promise<FileState> {
    const { sha256 } = file;
    const found = await shelf.look(sha256);
    if (found === 'WHOLE' || !wanted.has(sha256)) return found;
    const abort = new AbortController();
    fetching = { sha256, abort };
    try {
      await fetchFile(file, abort.signal);
      return 'WHOLE';
    } catch (error) {
      if (!abort.signal.aborted) onError(error);
      return error instanceof DownloadError && error.sha256 !== null ? 'DAMAGED' : found;
    } finally {
      fetching = null;
    }
  }

  async function settle(files: readonly WantedFile[], order: number): Promise<boolean> {
    for (const file of files) {
      if (order !== orders) return false;
      if (states.get(file.sha256) === 'WHOLE') continue;
      const state = await get(file).catch((error: unknown) => {
        onError(error);
        return 'MISSING' as const;
      });
      if (!wanted.has(file.sha256) || states.get(file.sha256) === state) continue;
      states.set(file.sha256, state);
      onChange();
    }
    if (order !== orders) return false;
    await shelf.keepOnly([...wanted, ...others()]).catch(onError);
    return order === orders;
  }

  return {
    stateOf: ({ sha256 }) => states.get(sha256) ?? 'FETCHING',
    want(files) {
      orders += 1;
      const order = orders;
      wanted = new Set(files.map(({ sha256 }) => sha256));
      for (const sha256 of [...states.keys()]) if (!wanted.has(sha256)) states.delete(sha256);
      if (fetching && !wanted.has(fetching.sha256)) fetching.abort.abort();
      const settled = working.then(() => settle(files, order));
      working = settled;
      return settled;
    },
    doubt: () => states.clear(),
    stop() {
      orders += 1;
      wanted = new Set();
      fetching?.abort.abort();
    },
  };
}
