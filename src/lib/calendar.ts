import { Temporal } from 'temporal-polyfill';

/**
 * Days and wall-clock times of a time zone (IANA), and the instants they are. A day has 23 or 25 hours where clocks
 * are changed. A day is `YYYY-MM-DD`; a time of it counts minutes since midnight, 1440 being the next midnight.
 */

export const MINUTES_OF_DAY = 1_440;

/** When a clock there shows this. One that is skipped is as long after the change; of one that comes twice, the first. */
export const instantOf = (day: string, minutes: number, timeZone: string): Date =>
  new Date(shownOn(day, minutes).toZonedDateTime(timeZone).epochMilliseconds);

/** When a clock there first shows this, or, where it is skipped, when the clock skips it. */
export function reachedAt(day: string, minutes: number, timeZone: string): Date {
  const shown = shownOn(day, minutes);
  // Of a time that is skipped, the change lies between what it is by the old offset and by the new.
  const at = shown.toZonedDateTime(timeZone, { disambiguation: 'earlier' });
  const change = at.toPlainDateTime().equals(shown) ? null : at.getTimeZoneTransition('next');
  return new Date((change ?? at).epochMilliseconds);
}

const shownOn = (day: string, minutes: number) =>
  Temporal.PlainDate.from(day)
    .add({ days: Math.floor(minutes / MINUTES_OF_DAY) })
    .toPlainDateTime({ hour: Math.floor((minutes % MINUTES_OF_DAY) / 60), minute: minutes % 60 });

/** Which day it is there. */
export const dayOf = (at: Date, timeZone: string): string => zoned(at, timeZone).toPlainDate().toString();

/** What a clock there shows, in whole minutes of the day. */
export function minutesOf(at: Date, timeZone: string): number {
  const { hour, minute } = zoned(at, timeZone);
  return hour * 60 + minute;
}

/** 1 (Monday) to 7. */
export const weekdayOf = (day: string): number => Temporal.PlainDate.from(day).dayOfWeek;

export const addDays = (day: string, days: number): string =>
  Temporal.PlainDate.from(day).add({ days }).toString();

/** What calendar and clock there show then. */
export const zoned = (at: Date, timeZone: string) =>
  Temporal.Instant.fromEpochMilliseconds(at.getTime()).toZonedDateTimeISO(timeZone);
