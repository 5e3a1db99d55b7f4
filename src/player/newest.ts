import type { Timers } from '../client/timers.ts';

/** Sends the newest of what it is given, one at a time, until it was sent or something newer came. */
export interface NewestSender<Item> {
  give(item: Item): void;
  /** Tries at once what it waits to try again. */
  hurry(): void;
  stop(): void;
}

const RETRY_MS = 2_000;

/** @param send throws when it is to be tried again after a while */
export function createNewestSender<Item>(
  send: (item: Item) => Promise<void>,
  { timers, onError }: { readonly timers: Timers; readonly onError: (error: unknown) => void },
): NewestSender<Item> {
  let waiting: { readonly item: Item } | null = null;
  let isSending = false;
  let isOver = false;
  let cancel = () => {};

  async function run(): Promise<void> {
    cancel();
    if (isSending || isOver || !waiting) return;
    const own = waiting;
    isSending = true;
    try {
      await send(own.item);
      if (waiting === own) waiting = null;
    } catch (error) {
      onError(error);
      cancel = timers.after(RETRY_MS, () => void run());
      // What came meanwhile need not wait for that.
      if (waiting === own) return;
    } finally {
      isSending = false;
    }
    await run();
  }

  return {
    give(item) {
      waiting = { item };
      void run();
    },
    hurry: () => void run(),
    stop() {
      isOver = true;
      cancel();
    },
  };
}
