import type { Changes } from './state-changes.ts';
import type { Versions } from './state-present.ts';
import type { Subscriber } from './subscriber.ts';

/** One of those who follow a state. */
export interface StateReader {
  readonly subscriber: Subscriber;
  /** His cursor, until it is known whether anything lies behind it. */
  after: string | null;
  /** What he was shown when he began: nothing older comes behind it, however late it is heard. */
  present: Versions;
  /** What he has yet to be shown: while he gets the present, or is too slow. Null: he keeps up. */
  behind: Changes | null;
  /** He was shown everything heard up to here. */
  heard: number;
  /** When he can be shown something again, as far as he was shown something by himself. */
  dueMs: number;
}

const NOTHING: Versions = new Map();

/** One who has been shown nothing yet, and so may be shown something at once. */
export const createReader = (
  subscriber: Subscriber,
  { after, heard }: Pick<StateReader, 'after' | 'heard'>,
): StateReader => ({
  subscriber,
  after,
  present: NOTHING,
  behind: new Map(),
  heard,
  dueMs: Number.NEGATIVE_INFINITY,
});

/** When the first of them is due. */
export function firstDueMs(readers: Iterable<StateReader>): number {
  let firstMs = Number.POSITIVE_INFINITY;
  for (const { dueMs } of readers) firstMs = Math.min(firstMs, dueMs);
  return firstMs;
}
