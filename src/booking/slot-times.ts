import { dayOf, instantOf, MINUTES_OF_DAY, minutesOf, reachedAt, weekdayOf } from '../lib/calendar.ts';
import type { OpeningHours, Resource } from './resource.ts';

/** An interval of a resource that can be booked. */
export interface SlotTime {
  /**
   * Which of its day: on an hourly resource the hour a clock there shows, on a half-hourly one twice that. What only a
   * day has on which clocks are put back is counted on behind the last of an ordinary day.
   */
  readonly index: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

type Rules = Pick<Resource, 'slotMinutes' | 'openingHours'>;

/**
 * A day's slots in order, by the clock there: each begins when it first shows so many slots after opening. A slot that
 * would end after closing is none.
 *
 * Where the clock skips a part of a slot, it is that much shorter, and none where nothing is left of it. Where a time
 * comes again in a slot, as many more as fit follow it, and the last of them lasts until the next of an ordinary day.
 */
export function slotTimesOf(
  { slotMinutes, openingHours }: Rules,
  day: string,
  timeZone: string,
): readonly SlotTime[] {
  const weekday = weekdayOf(day);
  let spare = Math.ceil(MINUTES_OF_DAY / slotMinutes);
  return openingHours
    .filter((hours) => hours.weekday === weekday)
    .sort((a, b) => a.opensAt - b.opensAt)
    .flatMap((hours) =>
      intervalsOf(hours, slotMinutes, { day, timeZone }).map(({ shown, startsAt, endsAt }): SlotTime => {
        const index = shown === null ? spare++ : Math.floor(shown / slotMinutes);
        return { index, startsAt, endsAt };
      }),
    );
}

interface Interval {
  /** What the clock shows at its beginning on an ordinary day, in minutes; null: no ordinary day has it. */
  readonly shown: number | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

interface Local {
  readonly day: string;
  readonly timeZone: string;
}

function intervalsOf(
  hours: Pick<OpeningHours, 'opensAt' | 'closesAt'>,
  slotMinutes: number,
  local: Local,
): readonly Interval[] {
  const { opensAt, closesAt } = hours;
  const lengthMs = slotMinutes * 60_000;
  const count = Math.floor((closesAt - opensAt) / slotMinutes);
  const opensMs = instantOf(local.day, opensAt, local.timeZone).getTime();
  const closesMs = instantOf(local.day, closesAt, local.timeZone).getTime();
  const isClosingShown = showsClosing(closesMs, closesAt, local.timeZone);
  // Asking a clock what it shows is dear, and only needed on the days it is changed.
  if (isClosingShown && closesMs - opensMs === (closesAt - opensAt) * 60_000)
    return Array.from({ length: count }, (_, at) => ({
      shown: opensAt + at * slotMinutes,
      startsAt: new Date(opensMs + at * lengthMs),
      endsAt: new Date(opensMs + (at + 1) * lengthMs),
    }));

  const reached = (minutes: number) => reachedAt(local.day, minutes, local.timeZone).getTime();
  // Behind the last there may be a rest, in which a slot has room when time comes again.
  return Array.from({ length: count + 1 }, (_, at) => {
    const shown = opensAt + at * slotMinutes;
    const fromMs = reached(shown);
    const toMs = reached(Math.min(shown + slotMinutes, closesAt));
    const whole = Math.floor((toMs - fromMs) / lengthMs);
    // Where closing is skipped, it closes when the clock skips it, and what is cut there would end after that.
    const isCut = whole === 0 && at < count && toMs > fromMs && isClosingShown;
    return partsOf({ fromMs, toMs, lengthMs }, isCut ? 1 : whole).map((part, nth) => ({
      ...part,
      shown: nth === 0 && at < count ? shown : null,
    }));
  }).flat();
}

/** So many, each of this length but the last, which ends with the whole. */
const partsOf = (
  of: { readonly fromMs: number; readonly toMs: number; readonly lengthMs: number },
  count: number,
): readonly Omit<Interval, 'shown'>[] =>
  Array.from({ length: count }, (_, at) => ({
    startsAt: new Date(of.fromMs + at * of.lengthMs),
    endsAt: new Date(at === count - 1 ? of.toMs : of.fromMs + (at + 1) * of.lengthMs),
  }));

/** Not where the clock skips it: what lies behind is not open. */
const showsClosing = (closesMs: number, closesAt: number, timeZone: string): boolean =>
  closesAt === MINUTES_OF_DAY || minutesOf(new Date(closesMs), timeZone) === closesAt;

/** The slot that begins then; null when none does. */
export function slotTimeAt(resource: Rules, startsAt: Date, timeZone: string): SlotTime | null {
  const day = dayOf(startsAt, timeZone);
  const startMs = startsAt.getTime();
  return slotTimesOf(resource, day, timeZone).find((slot) => slot.startsAt.getTime() === startMs) ?? null;
}

/** When the day begins there, and the next. */
export const boundsOf = (day: string, timeZone: string): { readonly from: Date; readonly to: Date } => ({
  from: instantOf(day, 0, timeZone),
  to: instantOf(day, MINUTES_OF_DAY, timeZone),
});
