import type { StreamedEvent } from '../events/source.ts';

/** An event, and how many before it of its subject it stands for. */
export interface Change {
  readonly event: StreamedEvent;
  readonly skipped: number;
  /** Of the first it stands for. */
  readonly since: bigint;
}

/** The newest event of each subject, until it can be shown. */
export interface HeldBack {
  readonly isEmpty: boolean;
  /** Of the first event that it holds or stands for; null when it is empty. */
  readonly since: bigint | null;
  /** Whether one is left out for it: of two of one subject the newer stands for both. */
  add(change: Change): boolean;
  /** All of it, in no order; nothing is held any more. */
  take(): readonly Change[];
  copy(): HeldBack;
}

export function createHeldBack(
  subjectOf: (event: StreamedEvent) => string,
  held: ReadonlyMap<string, Change> = new Map(),
): HeldBack {
  let changes = new Map(held);
  return {
    get isEmpty() {
      return changes.size === 0;
    },
    get since() {
      return sinceOf(changes.values());
    },
    add(change) {
      const subject = subjectOf(change.event);
      const other = changes.get(subject);
      changes.set(subject, other ? together(other, change) : change);
      return other !== undefined;
    },
    take() {
      const taken = [...changes.values()];
      changes = new Map();
      return taken;
    },
    copy: () => createHeldBack(subjectOf, changes),
  };
}

function together(one: Change, other: Change): Change {
  const { event } = one.event.position > other.event.position ? one : other;
  const since = one.since < other.since ? one.since : other.since;
  return { event, skipped: one.skipped + other.skipped + 1, since };
}

export const changeOf = (event: StreamedEvent): Change => ({ event, skipped: 0, since: event.position });

/** The first place that any of these stands for; null when there are none. */
export function sinceOf(changes: Iterable<Change>): bigint | null {
  let first: bigint | null = null;
  for (const { since } of changes) if (first === null || since < first) first = since;
  return first;
}
