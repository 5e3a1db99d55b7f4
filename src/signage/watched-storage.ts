import { type Storage, StorageError } from './storage.ts';

/** A storage that is far away, of which is known whether it did what it was asked last. */
export interface WatchedStorage {
  readonly storage: Storage;
  /** Whether it did not. Then whoever wants to know has it tried again, for the next who does. */
  isFailing(): boolean;
}

/** @param isThere tries whether it does all that it is asked. */
export function watchStorage(storage: Storage, isThere: () => Promise<boolean>): WatchedStorage {
  let fails = false;
  let isTried = false;

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

  async function tryAgain(): Promise<void> {
    if (isTried) return;
    isTried = true;
    fails = !(await isThere());
    isTried = false;
  }

  return {
    storage: {
      put: (id, file, signal) => watch(storage.put(id, file, signal)),
      read: (id, range) => watch(storage.read(id, range)),
      delete: (id, signal) => watch(storage.delete(id, signal)),
    },
    isFailing() {
      if (fails) void tryAgain();
      return fails;
    },
  };
}
