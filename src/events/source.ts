import type { Actor } from '../lib/actor.ts';
import type { Snapshot } from './cursor.ts';
import type { EventType, LoggedEvent } from './events.ts';

/**
 * What a subscription is fed from, as its field planned it for one caller. Nothing is read before
 * the fan-out joins it, together with everybody else who planned the same.
 */
export type Source = EventSource | StateSource;

/**
 * Who is shown what of an event: SHARED is what everybody of equal rights sees of it, OWN what this
 * actor alone does, because it concerns him. Null: it is not for him.
 */
export type Sight = 'SHARED' | 'OWN' | null;

/** What of the log a stream follows. */
export interface Topic<T extends EventType = EventType> {
  readonly types: readonly T[];
  readonly venueId: string;
  /** Only events about one of these; an index, so that many streams of few subjects each cost nothing. */
  readonly subjects?: { readonly of: (event: LoggedEvent<T>) => string; readonly among: readonly string[] };
  /** By which names those who follow it are counted at the venue. */
  readonly channels?: readonly string[];
  /** Whose events its subjects are, where they are all of one person: of the log only those are read. */
  readonly ownerId?: string;
}

/** An event as the field of its stream resolves it. */
export type StreamedEvent<T extends EventType = EventType> = LoggedEvent<T> & {
  readonly cursor: string;
  /** Events of this subject that were left out since its frame before; 0 where each has its frame. */
  readonly skipped: number;
};

/** How the events of a stream stand for one another when they come too fast: the newest for its whole subject. */
export interface Conflation<T extends EventType = EventType> {
  /** At least so much time between two frames of one subject. */
  readonly minIntervalMs: number;
  /** What an event is about; of one subject all are for the same readers. */
  readonly subjectOf: (event: LoggedEvent<T>) => string;
}

/** Durable events: each once, in order, from a cursor or from now on; or the newest of each subject. */
export interface EventSource extends NotIterable {
  readonly kind: 'events';
  /** What it is fed from besides what the arguments say: sources of equal keys and arguments are equal. */
  readonly key: string;
  readonly after: string | null;
  /** By which names those who follow it are counted at the venue. */
  readonly channels: readonly string[];
  /** Null: each event has a frame of its own. */
  readonly conflation: Conflation | null;
  readonly sightOf: (actor: Actor, event: LoggedEvent) => Sight;
  /** Then it is over for whoever follows it; undefined: not by itself. */
  readonly endsAt?: Date | undefined;
  /** Hears what happens from now on, in order. The listener must not throw. */
  listen(hear: (event: StreamedEvent) => void): Disposable;
  /** Everything up to here has been heard, as far as it is of this source. */
  position(): bigint;
  /**
   * Where a cursor lies.
   *
   * @throws CursorError
   */
  begin(after: string): Promise<Start>;
  /**
   * Hands on what lies between a place and the present, batch by batch, each when the one before
   * was taken. Calls `goLive` in the very moment when nothing is left: what is heard from then on follows.
   */
  catchUp(options: CatchUp): Promise<void>;
}

/** Where a reader begins. */
export interface Start {
  readonly position: bigint;
  /** Of the query whose cursor it was: what that showed is not new to the reader, though it may be placed later. */
  readonly snapshot: Snapshot | null;
  /** Behind this place nothing lies that the query showed. */
  readonly settledAt: bigint;
}

/** Where a reader begins: behind a cursor, at a place where he is known to be, or with what happens from now on. */
export type Beginning = string | Start | null;

export interface CatchUp {
  readonly start: Start;
  readonly take: (events: readonly StreamedEvent[]) => Promise<void>;
  readonly goLive: (position: bigint) => void;
  /** Whether the reader has gone. */
  readonly isOver: () => boolean;
}

/** One subject's state, or the news that it changed. */
export interface StateItem {
  readonly subject: string;
  /** Grows with the subject's state; null where that has no number, and each item is newer than the one before. */
  readonly version: bigint | null;
  /** What the field resolves. */
  readonly value: unknown;
  /** Behind it nothing lies that this shows; null where what changes it is not in the log. */
  readonly cursor?: string | null;
  /** Where a value says only what changed: the value that stands for it and for one before it that is not shown. */
  readonly joinedTo?: (earlier: unknown) => unknown;
}

/** What the field of a state stream resolves. */
export interface StateFrame<T = unknown> {
  readonly value: T;
  /** Changes of this subject that were left out since its frame before. */
  readonly skipped: number;
}

/** State that signals, or events, keep current: first as it is, then the newest of each subject that changed. */
export interface StateSource<Reader = unknown> extends NotIterable {
  readonly kind: 'state';
  /** As an event source has it. */
  readonly key: string;
  /** Who reads it at all; and, where that depends on what it shows, who is shown a piece of it. */
  readonly sightOf: (actor: Actor, item: StateItem | null) => Sight;
  /** Only where its changes are in the log: whoever comes back is shown what he missed, and else nothing. */
  readonly resumption?: Resumption;
  /** At least so much time between two frames of one subject; 0 for none. */
  readonly minIntervalMs: number;
  /** The present state, as the reader may see it. */
  readonly read: (reader: Reader) => Promise<readonly StateItem[]>;
  /**
   * Hears what changes from now on; `onLost` when changes have not been heard, so that the present has to
   * be read again. Neither may throw.
   */
  listen(hear: (item: StateItem) => void, onLost: () => void): Disposable;
}

export interface Resumption {
  /** Where this reader left off; null for who begins. */
  readonly after: string | null;
  /**
   * Whether anything lies behind a cursor.
   *
   * @throws CursorError
   */
  readonly hasChangedSince: (after: string) => Promise<boolean>;
}

/** graphql-js takes only what looks iterable for a source; nobody iterates it. */
interface NotIterable {
  [Symbol.asyncIterator](): never;
}

export const isSource = (value: unknown): value is Source =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value && 'listen' in value;

/** To be spread into every source. */
export const NOT_ITERABLE: NotIterable = {
  [Symbol.asyncIterator]() {
    throw new Error('a source is read by the fan-out');
  },
};
