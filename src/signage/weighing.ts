import type { LayoutAt, Wanted } from './display.ts';
import type { TimesAt } from './schedule-times.ts';

/** Something that may have a device show a layout. */
export interface Candidate {
  readonly wanted: Wanted | null;
  /** Why it cannot be on, whatever the time; null: it can. */
  readonly blocked: Blocked | null;
  readonly timesAt: () => TimesAt;
}

export type Blocked = 'DISABLED' | 'CONDITION_NOT_MET' | 'LAYOUT_NOT_PUBLISHED';

/** What a device shall show at an instant, and until when that is so whatever else happens. */
export interface Outlook {
  readonly wanted: Wanted | null;
  /** When time alone may change it; null: never. */
  readonly dueAt: Date | null;
}

/** What the first candidate that is on wants: they come by their rank, what goes before first. */
export function weigh(candidates: Iterable<Candidate>): Outlook {
  let dueAt: Date | null = null;
  for (const { wanted, blocked, timesAt } of candidates) {
    if (blocked !== null) continue;
    const { isOn, changesAt } = timesAt();
    dueAt = earlier(dueAt, changesAt);
    if (isOn) return { wanted, dueAt };
  }
  return { wanted: null, dueAt };
}

/** What a device was pushed is on for ever, and everything else goes before it. */
export const pushedCandidate = (pushed: LayoutAt | null): Candidate => ({
  wanted: pushed && { ...pushed, cause: 'PUSH', causeId: null },
  blocked: null,
  timesAt: () => ({ isOn: true, changesAt: null }),
});

const earlier = (one: Date | null, other: Date | null): Date | null =>
  one === null || (other !== null && other < one) ? other : one;
