import type { LoggedEvent, Signal } from '../../src/events/events.ts';
import { createFeed } from '../../src/events/feed.ts';
import type { Pump } from '../../src/events/pubsub.ts';
import type { CatchUp, EventSource, Sight } from '../../src/events/source.ts';
import { createStreams } from '../../src/events/stream.ts';
import type { Actor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';

declare module '../../src/events/events.ts' {
  interface EventMap {
    'test.ticked': { readonly value: number };
  }
}

/** A source of durable events in the hands of a test, for any number of subscribers. */
export interface Channel {
  push(value: number): void;
  /** Breaks the source of everybody who follows it. */
  fail(error: Error): void;
  /** Ends what everybody who follows it gets. */
  finish(): void;
  plan(sight?: Sight): EventSource;
  /** The same from its first event on; behind a query that showed the first `shown`, without these. */
  planFromStart(shown?: number): EventSource;
  /** The newest of each thousand of values. */
  planConflated(options: {
    readonly minIntervalMs: number;
    readonly after?: string | null;
    readonly sightOf?: (actor: Actor, value: number) => Sight;
  }): EventSource;
  /** Calls this in the middle of the next subscribing. */
  whenSubscribed(call: () => void): void;
}

const VENUE = newId();

export function createChannel(): Channel {
  const pump = handPump<LoggedEvent>();
  const log = newId();
  const feed = createFeed(pump, { log, start: 0n });
  const [signals, signalsLost] = [handPump<Signal>(), handPump<null>()];
  const streams = createStreams({
    db: undefined as never,
    log,
    feed,
    signals,
    signalsLost,
    rightsApplied: async () => {},
  });
  const failing = new Set<(error?: Error) => void>();
  const end = (error?: Error) => {
    for (const fail of failing) fail(error);
    failing.clear();
  };
  let subscribed = () => {};
  let position = 0n;

  const tellOfSubscribing = () => {
    const call = subscribed;
    subscribed = () => {};
    call();
  };
  const planLive = (sight: Sight) =>
    streams.events({ types: ['test.ticked'], venueId: VENUE, after: 'now', sightOf: () => sight });

  return {
    push(value) {
      position += 1n;
      pump.put({
        position,
        venueId: VENUE,
        type: 'test.ticked',
        at: new Date(),
        actor: { kind: 'system', id: 'test' },
        origin: null,
        payload: { value },
        xid: position,
      });
    },
    fail: end,
    finish: () => end(),
    whenSubscribed(call) {
      subscribed = call;
    },
    plan(sight = 'SHARED') {
      tellOfSubscribing();
      return Object.assign(planLive(sight), {
        begin: async () => ({ position: feed.position, snapshot: null, settledAt: 0n }),
        async catchUp({ goLive }: CatchUp) {
          goLive(feed.position);
          await new Promise<never>((_, reject) => failing.add(reject));
        },
      });
    },
    planConflated: ({ minIntervalMs, after = null, sightOf = () => 'SHARED' }) =>
      streams.events({
        types: ['test.ticked'],
        venueId: VENUE,
        after,
        sightOf: (actor, { payload }) => sightOf(actor, payload.value),
        conflation: { minIntervalMs, subjectOf: ({ payload }) => String(Math.trunc(payload.value / 1_000)) },
      }),
    planFromStart(shown = 0) {
      tellOfSubscribing();
      return Object.assign(planLive('SHARED'), {
        after: String(shown),
        begin: async (after: string) => ({
          position: 0n,
          snapshot:
            after === '0' ? null : { xmin: 1n, xmax: BigInt(after) + 1n, inProgress: new Set<bigint>() },
          settledAt: after === '0' ? 0n : feed.position,
        }),
      });
    },
  };
}

function handPump<T>(): Pump<T> & { put(item: T): void } {
  const listeners = new Set<(item: T) => void>();
  return {
    put(item) {
      for (const listener of listeners) listener(item);
    },
    get listeners() {
      return listeners.size;
    },
    add(listener) {
      listeners.add(listener);
      return { [Symbol.dispose]: () => void listeners.delete(listener) };
    },
    async [Symbol.asyncDispose]() {},
  };
}
