import type { Subscription } from '../graphql/stream.ts';
import type { Frame } from './frame.ts';

/** Where the frames of one subscription go: an operation on a socket, or a stream of server-sent events. */
export interface Sink {
  /** Takes a frame for the next write. */
  next(frame: Frame): void;
  /** More waits for the network than it should: state is conflated from here on. */
  readonly isSlow: boolean;
  /** More waits than may: the reader is too slow for what must not be lost. */
  readonly isFull: boolean;
  /** Resolves when what waited has been taken, or nothing will be any more. */
  drained(): Promise<void>;
}

/** One that belongs to whoever subscribes. */
export interface Outlet extends Sink {
  /**
   * Told of the subscription before anything of it is shown: from here on it is asked anew whenever rights change, and
   * here if they have since it was asked for.
   *
   * @throws what keeps that from being found out
   */
  begins(subscription: Subscription): Promise<void>;
}

/** The share of the buffered bytes from which on a reader counts as slow. */
export const SLOW_SHARE = 1 / 16;
