import { SlowConsumerError } from './errors.ts';

/** What one reader has not taken yet: bounded, in order, read by one consumer. */
export interface ReaderQueue<T> {
  /** Adds an item; ignored after the end. */
  push(item: T): void;
  /** The next item; null after the end. Rejects once the reader was too slow. */
  take(): Promise<T | null>;
  /** Ends the queue at once: a waiting `take` gets null. */
  end(): void;
  /** Forgets what is waiting, and that there was too much of it. */
  clear(): void;
  readonly overflowed: boolean;
}

/** Keeps every item; a reader that falls more than `limit` behind is told so (WS_004). */
export function createDurableQueue<T>(limit: number): ReaderQueue<T> {
  const items: T[] = [];
  let overflowed = false;
  return createQueue({
    put(item) {
      if (overflowed) return;
      if (items.length >= limit) overflowed = true;
      else items.push(item);
    },
    shift: () => items.shift(),
    clear() {
      items.length = 0;
      overflowed = false;
    },
    overflowed: () => overflowed,
  });
}

/** Keeps the newest item of each subject: a slow reader misses steps, never the state. */
export function createConflatingQueue<T>(subjectOf: (item: T) => string): ReaderQueue<T> {
  const newest = new Map<string, T>();
  return createQueue({
    put: (item) => newest.set(subjectOf(item), item),
    shift() {
      const [first] = newest;
      if (!first) return undefined;
      newest.delete(first[0]);
      return first[1];
    },
    clear: () => newest.clear(),
    overflowed: () => false,
  });
}

interface Store<T> {
  put(item: T): void;
  shift(): T | undefined;
  clear(): void;
  overflowed(): boolean;
}

function createQueue<T>(store: Store<T>): ReaderQueue<T> {
  let ended = false;
  let wakeReader: (() => void) | null = null;

  function wake(): void {
    wakeReader?.();
    wakeReader = null;
  }

  return {
    get overflowed() {
      return store.overflowed();
    },
    push(item) {
      if (ended) return;
      store.put(item);
      wake();
    },
    async take() {
      for (;;) {
        if (ended) return null;
        if (store.overflowed()) throw new SlowConsumerError();
        const item = store.shift();
        if (item !== undefined) return item;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    },
    end() {
      ended = true;
      store.clear();
      wake();
    },
    clear: () => store.clear(),
  };
}
