import { dayOf, instantOf, MINUTES_OF_DAY, minutesOf, weekdayOf } from '../lib/calendar.ts';
import type { Resource } from './resource.ts';

/** An interval of a resource that can be booked. */
export interface SlotTime {
  /**
   * Which of its day: on an hourly resource the hour a clock there shows, on a half-hourly one twice that. Where
   * clocks are put back, a time that comes again is counted on behind the last of an ordinary day.
   */
  readonly index: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

type Rules = Pick<Resource, 'slotMinutes' | 'openingHours'>;

/** A day's slots in order. A slot that would end after closing is none. */
export function slotTimesOf(
  { slotMinutes, openingHours }: Rules,
  day: string,
  timeZone: string,
): readonly SlotTime[] {
  const weekday = weekdayOf(day);
  const lengthMs = slotMinutes * 60_000;
  const taken = new Set<number>();
  let spare = Math.ceil(MINUTES_OF_DAY / slotMinutes);
  const numberOf = (minutes: number) => {
    const index = Math.floor(minutes / slotMinutes);
    const given = taken.has(index) ? spare++ : index;
    taken.add(given);
    return given;
  };

  return openingHours
    .filter((hours) => hours.weekday === weekday)
    .sort((a, b) => a.opensAt - b.opensAt)
    .flatMap(({ opensAt, closesAt }) => {
      const opensMs = instantOf(day, opensAt, timeZone).getTime();
      const closesMs = instantOf(day, closesAt, timeZone).getTime();
      // Asking a clock what it shows is dear, and only needed on the days it is changed.
      const isEven =
        closesMs - opensMs === (closesAt - opensAt) * 60_000 && showsClosing(closesMs, closesAt, timeZone);
      const count = Math.floor((closesMs - opensMs) / lengthMs);
      const times = Array.from({ length: count }, (_, at) => {
        const startsAt = new Date(opensMs + at * lengthMs);
        return { at, startsAt, endsAt: new Date(startsAt.getTime() + lengthMs) };
      });
      return times
        .filter(({ endsAt }) => isEven || minutesOf(new Date(endsAt.getTime() - 60_000), timeZone) < closesAt)
        .map(({ at, startsAt, endsAt }): SlotTime => {
          const minutes = isEven ? opensAt + at * slotMinutes : minutesOf(startsAt, timeZone);
          return { index: numberOf(minutes), startsAt, endsAt };
        });
    });
}

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
