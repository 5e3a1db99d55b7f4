import type { Beginning } from '../events/source.ts';
import type { View } from '../graphql/view.ts';
import type { Frame } from './frame.ts';
import type { Subscriber } from './subscriber.ts';

/** All subscribers of one operation with equal arguments. */
export interface Group {
  /** Adds a subscriber, and tells him how to leave: when he is over, or goes on in another group. */
  join(subscriber: Subscriber, from: Beginning): Promise<void>;
}

/**
 * Executes the operation for one event or state, as one view sees it; at once, where it waits for nothing. It does
 * not throw.
 */
export type MakeFrame = (
  view: View,
  what: { readonly value: unknown; readonly cursor: string | null },
) => Frame | Promise<Frame>;

export interface GroupOptions {
  readonly makeFrame: MakeFrame;
  readonly counts: DeliveryCounts;
  /** Told when the last has left. */
  readonly onEmpty: () => void;
}

/** What was done for subscriptions since the start of the process. */
export interface DeliveryCounts {
  /** Operations executed for an event or a state. */
  executions: number;
  /** Frames written to a subscriber. */
  deliveries: number;
  /** Subscriptions that ended because they were read too slowly. */
  slowClosed: number;
  /** Changes left out for a newer one of the same subject. */
  conflated: number;
}
