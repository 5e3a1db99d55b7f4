import type { Actor, Origin } from '../lib/actor.ts';

/**
 * Every durable event and its public snapshot: plain records of JSON values, ids of people
 * but nothing that names them. Each domain adds its own in `<domain>/events.ts` with
 * `declare module '../events/events.ts'`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: domains fill it by declaration merging
export interface EventMap {}

export type EventType = keyof EventMap & string;

/** An event as a service announces it: its type, its venue and the fields of its snapshot. */
export type NewEvent = {
  [T in EventType]: { readonly type: T; readonly venueId: string } & EventMap[T];
}[EventType];

/** An event with its place in the log. `xid` is the transaction that wrote it. */
export type LoggedEvent<T extends EventType = EventType> = {
  [K in T]: {
    readonly position: bigint;
    readonly venueId: string;
    readonly type: K;
    readonly at: Date;
    readonly actor: { readonly kind: Actor['kind']; readonly id: string | null };
    /** Which request it came of; null when it came of none. Not for subscribers. */
    readonly origin: Origin | null;
    readonly payload: EventMap[K];
    readonly xid: bigint;
  };
}[T];

/**
 * What changes too often to be kept as events: truth is in the current rows, a signal only
 * says that they changed. Added to by the domains like `EventMap`.
 */
// biome-ignore lint/suspicious/noEmptyInterface: domains fill it by declaration merging
export interface SignalMap {}

export type SignalType = keyof SignalMap & string;

export type Signal<T extends SignalType = SignalType> = {
  [K in T]: {
    readonly type: K;
    readonly venueId: string;
    /** What it is about: a newer signal of the same type and subject stands for it. */
    readonly subject: string;
    readonly payload: SignalMap[K];
  };
}[T];
