import type { StreamedEvent } from '../events/source.ts';

/** An event, and how many before it of its subject it stands for. */
export interface Change {
  readonly event: StreamedEvent;
  readonly skipped: number;
}

/** The newest event of each subject, until it can be shown. */
export interface HeldBack {
  readonly isEmpty: boolean;
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
  return { event, skipped: one.skipped + other.skipped + 1 };
}
