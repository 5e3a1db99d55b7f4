import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type Cursor, decodeCursor, encodeCursor, isVisible } from './cursor.ts';
import { CursorError } from './errors.ts';
import type { EventType, LoggedEvent, Signal, SignalType } from './events.ts';
import { readForgotten, readHead, readLog } from './log.ts';
import type { Pump } from './pubsub.ts';
import { createConflatingQueue, createDurableQueue, type ReaderQueue } from './queue.ts';

/** What subscriptions read. Ending an iterator (`return`) frees everything it holds at once. */
export interface Streams {
  /**
   * Durable events of a venue, in order, each exactly once: those after `after`, or those from now on.
   *
   * @throws CursorError at the first read; SlowConsumerError when read too slowly
   */
  events<T extends EventType>(options: EventStreamOptions<T>): AsyncIterableIterator<StreamedEvent<T>>;
  /** State signals of a venue from now on; a slow reader gets the newest of each subject. */
  signals<T extends SignalType>(options: SignalStreamOptions<T>): AsyncIterableIterator<Signal<T>>;
}

export interface EventStreamOptions<T extends EventType> {
  readonly types: readonly T[];
  readonly venueId: string;
  readonly after?: string | null | undefined;
  readonly matches?: (event: LoggedEvent<T>) => boolean;
}

export type StreamedEvent<T extends EventType = EventType> = LoggedEvent<T> & { readonly cursor: string };

export interface SignalStreamOptions<T extends SignalType> {
  readonly types: readonly T[];
  readonly venueId: string;
  readonly subjectOf: (signal: Signal<T>) => string;
  readonly matches?: (signal: Signal<T>) => boolean;
}

const REPLAY_BATCH = 256;

export interface StreamDependencies {
  readonly db: Kysely<Database>;
  readonly log: string;
  readonly events: Pump<LoggedEvent>;
  readonly signals: Pump<Signal>;
  /** How many events may wait for one reader before it counts as too slow. */
  readonly queueLimit: number;
}

export function createStreams(dependencies: StreamDependencies): Streams {
  return {
    events: (options) => streamEvents(dependencies, options),
    signals: (options) => streamSignals(dependencies, options),
  };
}

function streamSignals<T extends SignalType>(
  { signals }: StreamDependencies,
  { types, venueId, subjectOf, matches }: SignalStreamOptions<T>,
): AsyncIterableIterator<Signal<T>> {
  const wanted = new Set<string>(types);
  const queue = createConflatingQueue<Signal<T>>(subjectOf);
  const subscription = signals.add((signal) => {
    if (!wanted.has(signal.type) || signal.venueId !== venueId) return;
    const narrowed = signal as Signal<T>;
    if (matches?.(narrowed) ?? true) queue.push(narrowed);
  });
  return endable(queue, subscription, drain(queue));
}

function streamEvents<T extends EventType>(
  dependencies: StreamDependencies,
  { types, venueId, after, matches }: EventStreamOptions<T>,
): AsyncIterableIterator<StreamedEvent<T>> {
  const wanted = new Set<string>(types);
  const isWanted = (event: LoggedEvent) =>
    wanted.has(event.type) && event.venueId === venueId && (matches?.(event as LoggedEvent<T>) ?? true);

  const queue = createDurableQueue<LoggedEvent>(dependencies.queueLimit);
  const subscription = dependencies.events.add((event) => {
    if (isWanted(event)) queue.push(event);
  });
  const events = after
    ? resume({ dependencies, queue, range: { types, venueId }, isWanted, after })
    : drain(queue);
  return endable(queue, subscription, withCursors<T>(dependencies.log, events));
}

/**
 * Backlog, cut-over, live. Live events have been buffered since before the first read of the
 * log; when the buffer ran over meanwhile, it is emptied and the log read on, until both meet.
 */
async function* resume(options: {
  readonly dependencies: StreamDependencies;
  readonly queue: ReaderQueue<LoggedEvent>;
  readonly range: { readonly types: readonly EventType[]; readonly venueId: string };
  readonly isWanted: (event: LoggedEvent) => boolean;
  readonly after: string;
}): AsyncGenerator<LoggedEvent> {
  const { dependencies, queue, range, isWanted } = options;
  const cursor = await checkCursor(dependencies, options.after);
  const isNew = (event: LoggedEvent) => cursor.snapshot === null || !isVisible(event.xid, cursor.snapshot);
  let last = cursor.position;

  for (let met = false; !met; ) {
    if (queue.overflowed) queue.clear();
    const batch = await readLog(dependencies.db, { ...range, after: last, limit: REPLAY_BATCH });
    // Asked behind the read: what was forgotten before it is not taken for what never happened.
    if ((await readForgotten(dependencies.db)) > last) throw new CursorError();
    for (const event of batch) {
      last = event.position;
      if (isWanted(event) && isNew(event)) yield event;
    }
    met = batch.length < REPLAY_BATCH && !queue.overflowed;
  }

  for await (const event of drain(queue)) {
    if (event.position > last && isNew(event)) yield event;
  }
}

async function checkCursor({ db, log }: StreamDependencies, text: string): Promise<Cursor> {
  const cursor = decodeCursor(text);
  if (cursor.log !== log) throw new CursorError();
  if (cursor.position > (await readHead(db))) throw new CursorError();
  if (cursor.position < (await readForgotten(db))) throw new CursorError();
  return cursor;
}

async function* drain<T>(queue: ReaderQueue<T>): AsyncGenerator<T> {
  for (let item = await queue.take(); item !== null; item = await queue.take()) yield item;
}

/** The types were chosen by `types`, which is where `T` comes from. */
async function* withCursors<T extends EventType>(
  log: string,
  events: AsyncIterable<LoggedEvent>,
): AsyncGenerator<StreamedEvent<T>> {
  for await (const event of events) {
    const cursor = encodeCursor({ log, position: event.position, snapshot: null });
    yield { ...event, cursor } as StreamedEvent<T>;
  }
}

/** A generator that waits for its next item cannot be ended from outside; its queue can. */
function endable<T>(
  queue: ReaderQueue<unknown>,
  subscription: Disposable,
  items: AsyncGenerator<T>,
): AsyncIterableIterator<T> {
  const end = () => {
    subscription[Symbol.dispose]();
    queue.end();
  };
  return {
    async next() {
      try {
        const result = await items.next();
        if (result.done) end();
        return result;
      } catch (error) {
        end();
        throw error;
      }
    },
    async return() {
      end();
      await items.return(undefined);
      return { done: true, value: undefined };
    },
    async throw(error: unknown) {
      end();
      await items.return(undefined);
      throw error;
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}
