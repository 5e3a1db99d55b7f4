import { type Storage, StorageError } from './storage.ts';

/** A storage that is far away, of which is known whether it did what it was asked last. */
export interface WatchedStorage {
  readonly storage: Storage;
  /** Whether it did not. Then whoever wants to know has it asked again, for the next who does. */
  isFailing(): boolean;
}

/** What is asked for to see whether it answers: there is no such file. */
const NO_FILE = '00000000-0000-0000-0000-000000000000';

export function watchStorage(storage: Storage): WatchedStorage {
  let fails = false;
  let isAsked = false;

  async function watch<T>(answer: Promise<T>): Promise<T> {
    try {
      const given = await answer;
      fails = false;
      return given;
    } catch (error) {
      fails ||= error instanceof StorageError;
      throw error;
    }
  }

  const watched: Storage = {
    put: (id, file, signal) => watch(storage.put(id, file, signal)),
    read: (id, range) => watch(storage.read(id, range)),
    delete: (id, signal) => watch(storage.delete(id, signal)),
  };

  async function askAgain(): Promise<void> {
    if (isAsked) return;
    isAsked = true;
    // What comes of it is noted by now.
    await watched.read(NO_FILE).catch(() => null);
    isAsked = false;
  }

  return {
    storage: watched,
    isFailing() {
      if (fails) void askAgain();
      return fails;
    },
  };
}
