import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Actor } from '../lib/actor.ts';
import { beginAfter, catchUp } from './catch-up.ts';
import { encodeCursor } from './cursor.ts';
import type { EventType, LoggedEvent, Signal, SignalType } from './events.ts';
import type { Feed } from './feed.ts';
import type { LogFilter } from './log-page.ts';
import type { Pump } from './pubsub.ts';
import {
  type CatchUp,
  type Conflation,
  type EventSource,
  NOT_ITERABLE,
  type Sight,
  type Start,
  type StateItem,
  type StateSource,
  type StreamedEvent,
  type Topic,
} from './source.ts';

/** Plans what a subscription is fed from. Nothing is read yet. */
export interface Streams {
  /**
   * Durable events of a venue, in order, each exactly once: those after `after`, or those from now on.
   * Conflated, the newest of each subject is shown for those before it.
   */
  events<T extends EventType>(options: EventStreamOptions<T>): EventSource;
  /** The present state of a venue's things and then what signals say of it; a slow reader gets the newest of each. */
  state<T extends SignalType, Reader>(options: StateStreamOptions<T, Reader>): StateSource<Reader>;
}

export interface EventStreamOptions<T extends EventType> extends Topic<T> {
  readonly after?: string | null | undefined;
  /** Depends on arguments and the topic only; what depends on who asks is `sightOf`. */
  readonly matches?: (event: LoggedEvent<T>) => boolean;
  readonly sightOf: (actor: Actor, event: LoggedEvent<T>) => Sight;
  /** With an interval of 0, as without it, every event is shown. */
  readonly conflation?: Conflation<T>;
  /** Where equal arguments do not make streams equal: what those have in common who share one. */
  readonly sharedBy?: string;
  /** Then it is over. */
  readonly endsAt?: Date;
}

export interface StateStreamOptions<T extends SignalType, Reader> {
  readonly types: readonly T[];
  readonly venueId: string;
  /** What a signal says of its subject; null when that is nothing to this stream. */
  readonly itemOf: (signal: Signal<T>) => StateItem | null;
  readonly read: (reader: Reader) => Promise<readonly StateItem[]>;
  /** Events that change it too, and what they are news of. */
  readonly changedBy?: { readonly types: readonly EventType[]; readonly item: StateItem };
  readonly sightOf: (actor: Actor) => Sight;
  readonly minIntervalMs?: number | null | undefined;
}

export interface StreamDependencies {
  readonly db: Kysely<Database>;
  /** What cursors are bound to. */
  readonly log: string;
  readonly feed: Feed;
  readonly signals: Pump<Signal>;
  /** Hears that signals were lost. */
  readonly signalsLost: Pump<null>;
  /** Resolves once every change of rights is applied that was committed before it was asked. */
  readonly rightsApplied: () => Promise<void>;
}

export function createStreams(dependencies: StreamDependencies): Streams {
  return {
    events: (options) => new LogStream(dependencies, options),
    state: (options) => planState(dependencies, options),
  };
}

/** A class, for there can be one for each socket: closures of its own would be most of what it takes. */
class LogStream<T extends EventType> implements EventSource {
  readonly kind = 'events';
  readonly after: string | null;
  readonly conflation: Conflation | null;
  readonly endsAt: Date | undefined;
  readonly #dependencies: StreamDependencies;
  readonly #topic: Topic<T>;
  readonly #sharedBy: string | undefined;
  readonly #matches: ((event: LoggedEvent<T>) => boolean) | undefined;
  readonly #sightOf: (actor: Actor, event: LoggedEvent<T>) => Sight;

  constructor(
    dependencies: StreamDependencies,
    { after = null, matches, sightOf, conflation, sharedBy, endsAt, ...topic }: EventStreamOptions<T>,
  ) {
    this.after = after;
    // Whatever a source hands on is of its topic's types, which is where `T` comes from.
    this.conflation =
      conflation && conflation.minIntervalMs > 0 ? (conflation as unknown as Conflation) : null;
    this.#dependencies = dependencies;
    this.endsAt = endsAt;
    this.#topic = topic;
    this.#sharedBy = sharedBy;
    this.#matches = matches;
    this.#sightOf = sightOf;
  }

  get key(): string {
    const { venueId, subjects } = this.#topic;
    const key = subjects ? `${venueId} ${subjects.among.join()}` : venueId;
    return this.#sharedBy === undefined ? key : `${key} ${this.#sharedBy}`;
  }

  get channels(): readonly string[] {
    return this.#topic.channels ?? [];
  }

  sightOf(actor: Actor, event: LoggedEvent): Sight {
    return this.#sightOf(actor, event as LoggedEvent<T>);
  }

  position(): bigint {
    return this.#dependencies.feed.position;
  }

  listen(hear: (event: StreamedEvent) => void): Disposable {
    const matches = this.#matches;
    return this.#dependencies.feed.add(this.#topic, (event) => {
      if (matches?.(event) ?? true) hear(event as unknown as StreamedEvent);
    });
  }

  begin(cursor: string): Promise<Start> {
    return beginAfter(this.#dependencies, cursor);
  }

  catchUp({ start, take, goLive, isOver }: CatchUp): Promise<void> {
    const { log } = this.#dependencies;
    const isWanted = this.#wanted();
    return catchUp(this.#dependencies, {
      start,
      range: rangeOf(this.#topic),
      isWanted,
      take: (events) => take(events.map((event) => withCursorFor(start, { log, event }))),
      goLive,
      isOver,
    });
  }

  /** Nobody iterates it: graphql-js takes only what looks iterable for a source. */
  [Symbol.asyncIterator](): never {
    return NOT_ITERABLE[Symbol.asyncIterator]();
  }

  #wanted(): (event: LoggedEvent) => boolean {
    const { venueId, types, subjects } = this.#topic;
    const among = subjects && new Set(subjects.among);
    return (logged) => {
      if (logged.venueId !== venueId || !(types as readonly string[]).includes(logged.type)) return false;
      const event = logged as LoggedEvent<T>;
      return (!subjects || among?.has(subjects.of(event)) === true) && (this.#matches?.(event) ?? true);
    };
  }
}

/** What of the log is read for who comes back. */
const rangeOf = ({ venueId, types, ownerId }: Pick<Topic, 'venueId' | 'types' | 'ownerId'>): LogFilter => ({
  venueId,
  types,
  own: ownerId === undefined ? null : { userId: ownerId, types },
});

/**
 * An event for a reader who comes back. While what a query showed may still follow, his cursor says what
 * that was: with the place alone it would come again after the next cut.
 */
function withCursorFor(
  { snapshot, settledAt }: Start,
  { log, event }: { readonly log: string; readonly event: StreamedEvent },
): StreamedEvent {
  if (snapshot === null || event.position > settledAt) return event;
  return { ...event, cursor: encodeCursor({ log, position: event.position, snapshot }) };
}

function planState<T extends SignalType, Reader>(
  { feed, signals, signalsLost, rightsApplied }: StreamDependencies,
  { types, venueId, itemOf, changedBy, read, sightOf, minIntervalMs }: StateStreamOptions<T, Reader>,
): StateSource<Reader> {
  const wanted: readonly string[] = types;
  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: venueId,
    sightOf,
    minIntervalMs: minIntervalMs ?? 0,
    async read(reader) {
      const items = await read(reader);
      await rightsApplied();
      return items;
    },
    listen(hear, onLost) {
      const lost = signalsLost.add(onLost);
      const heard = signals.add((signal) => {
        if (signal.venueId !== venueId || !wanted.includes(signal.type)) return;
        const item = itemOf(signal as Signal<T>);
        if (item) hear(item);
      });
      const logged = changedBy && feed.add({ types: changedBy.types, venueId }, () => hear(changedBy.item));
      return {
        [Symbol.dispose]() {
          logged?.[Symbol.dispose]();
          lost[Symbol.dispose]();
          heard[Symbol.dispose]();
        },
      };
    },
  };
}
