import type { Client, Event, EventListener } from 'graphql-ws/client';
import { RefusedError } from './errors.ts';
import type { FloorClient } from './floor-client.ts';

/**
 * The same connection with the face of a graphql-ws client, as Apollo's `GraphQLWsLink` takes one. Of its events
 * there are `connecting`, `connected` and `closed`, without the socket: it may be another by then, or none.
 */
export function graphqlWsClient(floor: FloorClient): Client {
  const subscribe: Client['subscribe'] = (payload, sink) =>
    floor.on(payload, {
      next: (result) => sink.next(result as Parameters<typeof sink.next>[0]),
      // A stock client tells refusals as the errors they are.
      error: (error) => sink.error(error instanceof RefusedError ? error.errors : error),
      complete: () => sink.complete(),
    });
  return {
    subscribe,
    iterate: (payload) => iterate((sink) => subscribe(payload, sink)),
    on: (event, listener) => listen(floor, event, listener),
    dispose: () => floor.dispose(),
    terminate: () => floor.reconnect(),
  };
}

function listen<E extends Event>(floor: FloorClient, event: E, listener: EventListener<E>): () => void {
  const told = listener as (...news: unknown[]) => void;
  let hadConnection = false;
  return floor.onStatus((status) => {
    if (status.state === 'connecting' && event === 'connecting') told(hadConnection);
    if (status.state === 'connected' && event === 'connected') told(undefined, undefined, hadConnection);
    if (status.state === 'disconnected' && event === 'closed') told(status.error);
    hadConnection ||= status.state === 'connected';
  });
}

interface Sink<Item> {
  next(item: Item): void;
  error(error: unknown): void;
  complete(): void;
}

/** What comes while nobody takes it waits. */
function iterate<Item>(begin: (sink: Sink<Item>) => () => void): AsyncIterableIterator<Item> {
  const waiting: Item[] = [];
  let end: { readonly error?: unknown } | null = null;
  let wake = () => {};
  const finish = (how: { readonly error?: unknown }) => {
    end ??= how;
    wake();
  };
  const stop = begin({
    next(item) {
      waiting.push(item);
      wake();
    },
    error: (error) => finish({ error }),
    complete: () => finish({}),
  });
  // One taker after the other, however many ask at once.
  async function* take() {
    for (;;) {
      if (waiting.length > 0) yield waiting.shift() as Item;
      else if (!end)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      else if ('error' in end) throw end.error;
      else return;
    }
  }
  const leave = async (): Promise<IteratorResult<Item, undefined>> => {
    stop();
    finish({});
    return { done: true, value: undefined };
  };
  return Object.assign(take(), {
    return: leave,
    async throw(error: unknown): Promise<never> {
      await leave();
      throw error;
    },
  });
}
