/** A source of events in the hands of a test, for any number of subscribers. */
export interface Channel<T> {
  readonly subscribers: number;
  push(value: T): void;
  fail(error: Error): void;
  /** Ends what every subscriber gets, once it has taken what was pushed. */
  finish(): void;
  subscribe(): AsyncIterableIterator<T>;
  /** Calls this in the middle of the next subscribing. */
  whenSubscribed(call: () => void): void;
}

const END = Symbol('the end');

export function createChannel<T>(): Channel<T> {
  const open = new Set<{ put(item: T | Error | typeof END): void }>();
  let subscribed = () => {};
  const put = (item: T | Error | typeof END) => {
    for (const subscriber of open) subscriber.put(item);
  };
  return {
    get subscribers() {
      return open.size;
    },
    push: put,
    fail: put,
    finish: () => put(END),
    whenSubscribed(call) {
      subscribed = call;
    },
    subscribe() {
      const waiting: (T | Error | typeof END)[] = [];
      let wake = () => {};
      let ended = false;
      const subscriber = {
        put(item: T | Error | typeof END) {
          waiting.push(item);
          wake();
        },
      };
      const end = async () => {
        ended = true;
        open.delete(subscriber);
        wake();
        return { done: true as const, value: undefined };
      };
      open.add(subscriber);
      subscribed();
      subscribed = () => {};
      return {
        async next() {
          while (waiting.length === 0 && !ended) await new Promise<void>((resolve) => (wake = resolve));
          const item = waiting.shift();
          if (ended || item === undefined || item === END) return await end();
          if (item instanceof Error) {
            await end();
            throw item;
          }
          return { done: false, value: item };
        },
        return: end,
        [Symbol.asyncIterator]() {
          return this;
        },
      };
    },
  };
}
