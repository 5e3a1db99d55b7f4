import type { Role } from '../lib/actor.ts';
import { addDays, dayOf, instantOf, weekdayOf } from '../lib/calendar.ts';

/** A day, an ISO week from Monday, a month of the venue's calendar; ACTIVE: whatever is not over. */
export type LimitWindow = 'DAY' | 'WEEK' | 'MONTH' | 'ACTIVE';

/** So many slots somebody of a role can have booked at the venue in a window. */
export interface BookingLimit {
  readonly venueId: string;
  readonly role: Role;
  readonly window: LimitWindow;
  readonly maximum: number;
}

export const MAX_LIMIT = 10_000;

/** Bookings that are counted together: those that begin from then on, before then, and end later than that. */
export interface Span {
  readonly from: Date;
  readonly to: Date;
  readonly endingAfter: Date;
}

/** No slot is longer, not even one of a whole day on which clocks are put back. */
const LONGEST_MS = 2 * 86_400_000;
const FOREVER = new Date('9999-12-31T00:00:00Z');

/** The day, week or month a slot begins in, or what is not over now. */
export function spanOf(
  window: LimitWindow,
  startsAt: Date,
  { timeZone, now }: { readonly timeZone: string; readonly now: Date },
): Span {
  if (window === 'ACTIVE')
    return { from: new Date(now.getTime() - LONGEST_MS), to: FOREVER, endingAfter: now };
  const [first, next] = daysOf(window, dayOf(startsAt, timeZone));
  const from = instantOf(first, 0, timeZone);
  return { from, to: instantOf(next, 0, timeZone), endingAfter: from };
}

/** The first of its days, and the first behind it. */
function daysOf(window: 'DAY' | 'WEEK' | 'MONTH', day: string): readonly [string, string] {
  if (window === 'DAY') return [day, addDays(day, 1)];
  if (window === 'WEEK') {
    const monday = addDays(day, 1 - weekdayOf(day));
    return [monday, addDays(monday, 7)];
  }
  const first = firstOfMonth(day);
  return [first, firstOfMonth(addDays(first, 31))];
}

const firstOfMonth = (day: string): string => `${day.slice(0, -2)}01`;
