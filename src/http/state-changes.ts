import type { StateItem } from '../events/source.ts';

/** The newest of a subject, and how many before it nobody was shown. */
export interface Change {
  readonly item: StateItem;
  readonly skipped: number;
  /** Its place among all that its group heard. */
  readonly heard: number;
}

/** By subject, in the order in which they were heard. */
export type Changes = Map<string, Change>;

/** Adds a change; whether one is left out for it: the newer of two of one subject stands for both. */
export function hold(changes: Changes, change: Change): boolean {
  const { subject } = change.item;
  const before = changes.get(subject);
  // In the order of the log: a frame's cursor leaves nothing behind that is still to be shown.
  changes.delete(subject);
  changes.set(subject, before ? inPlaceOfBoth(before, change) : change);
  return before !== undefined;
}

function inPlaceOfBoth(before: Change, { item, heard, skipped }: Change): Change {
  const joined = item.joinedTo ? { ...item, value: item.joinedTo(before.item.value) } : item;
  return { item: joined, heard, skipped: before.skipped + skipped + 1 };
}

export const isNewer = (version: bigint | null, than: bigint | null | undefined): boolean =>
  version === null || than === null || than === undefined || version > than;
