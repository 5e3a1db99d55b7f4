/** Waiting for what some process does and the log says, each thing by a key. */
export interface Expectations {
  /** To be called before what is expected can have happened, and disposed of when it is waited for no longer. */
  expect(key: string): Expectation;
  /** The log says that it happened. */
  happened(key: string): void;
}

export interface Expectation extends Disposable {
  /** Resolves when it has happened, and at the latest after so long. */
  within(ms: number): Promise<void>;
}

export function createExpectations(): Expectations {
  const waiting = new Map<string, Set<() => void>>();

  function listen(key: string, listener: () => void): () => void {
    const listeners = waiting.get(key) ?? new Set();
    waiting.set(key, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && waiting.get(key) === listeners) waiting.delete(key);
    };
  }

  return {
    expect(key) {
      let stop = () => {};
      const happened = new Promise<void>((resolve) => {
        stop = listen(key, resolve);
      });
      return {
        async within(ms) {
          let timer: NodeJS.Timeout | undefined;
          const late = new Promise<void>((resolve) => {
            timer = setTimeout(resolve, ms);
          });
          await Promise.race([happened, late]);
          clearTimeout(timer);
        },
        [Symbol.dispose]: () => stop(),
      };
    },
    happened(key) {
      for (const listener of waiting.get(key) ?? []) listener();
    },
  };
}
