import { createPubSub } from '@graphql-yoga/subscription';
import type { LoggedEvent, Signal } from './events.ts';

/**
 * What this process tells its own sockets: the log's events in order, and state signals; several at
 * a time, because each handing over costs. For sockets only; an effect in another domain is a reactor.
 */
export type FloorPubSub = ReturnType<typeof createFloorPubSub>;

interface Topics extends Record<string, [unknown]> {
  log: [readonly LoggedEvent[]];
  signal: [readonly Signal[]];
  /** Signals were lost: state is to be read again. */
  signalsLost: [readonly [null]];
}

export const createFloorPubSub = () => createPubSub<Topics>();

/** Hands on what a topic carries, to any number of listeners. */
export interface Pump<T> extends AsyncDisposable {
  /** The listener must not throw and must not wait: it stands between the topic and everybody else. */
  add(listener: (item: T) => void): Disposable;
  readonly listeners: number;
}

/**
 * Takes from one topic of PubSub without ever waiting for a subscriber.
 *
 * A subscription of PubSub that is read too slowly throws where nobody can catch it, so
 * readers get bounded queues of their own behind this one.
 */
export function startPump<T>(source: AsyncIterableIterator<readonly T[]>): Pump<T> {
  const listeners = new Set<(item: T) => void>();
  const finished = (async () => {
    for await (const items of source)
      for (const item of items) for (const listener of listeners) listener(item);
  })();
  return {
    get listeners() {
      return listeners.size;
    },
    add(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {
      await source.return?.();
      await finished;
    },
  };
}
