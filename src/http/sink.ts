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

/** The share of the buffered bytes from which on a reader counts as slow. */
export const SLOW_SHARE = 1 / 16;
