import { MINUTES_OF_DAY } from '../lib/calendar.ts';
import { zoneSpanAt } from '../lib/zone-span.ts';

/**
 * When a rule is on: whenever a clock there shows a time within one of its dayparts, on one of its days. So where
 * clocks are put forward, what is skipped begins and ends with the first instant after the gap; and a time that is
 * shown twice is within both times.
 */
export interface ScheduleTimes {
  readonly days: ScheduleDays;
  /** None: the whole day. */
  readonly dayparts: readonly Daypart[];
}

/** A part of a day, in minutes since midnight. One that does not end later than it begins ends on the next day. */
export interface Daypart {
  /** 0 to 1439. */
  readonly from: number;
  /** 1 to 1440; not part of it. */
  readonly to: number;
}

/** Days for which all of this holds. A daypart over midnight is of the day it begins on. */
export interface ScheduleDays {
  /** The first; null: always. */
  readonly from: string | null;
  /** The last; null: for ever. */
  readonly until: string | null;
  /** 1 (Monday) to 7; none: all. */
  readonly weekdays: readonly number[];
  /** Only each so manieth week, from Monday on, counted from that of `from`. */
  readonly everyWeeks: number;
  /** 1 to 31, and -1 for the last; none: all. */
  readonly monthDays: readonly number[];
  /** None: all. */
  readonly dates: readonly string[];
  readonly exceptDates: readonly string[];
}

export const EVERY_DAY: ScheduleDays = {
  from: null,
  until: null,
  weekdays: [],
  everyWeeks: 1,
  monthDays: [],
  dates: [],
  exceptDates: [],
};

/** Whether a rule is on at an instant, and until when that is so. */
export interface TimesAt {
  readonly isOn: boolean;
  /** When it changes, or in four years, when it is not known to change before; null: never. */
  readonly changesAt: Date | null;
}

const MINUTE_MS = 60_000;
const DAY_MS = MINUTES_OF_DAY * MINUTE_MS;
/** 29 February comes as often. */
const HORIZON_MS = 1_461 * DAY_MS;

/** By the clock of a zone (IANA). @throws RangeError for no zone */
export function timesAt(times: ScheduleTimes, at: Date, timeZone: string): TimesAt {
  const clock = clockOf(times);
  const [atMs, horizonMs] = [at.getTime(), at.getTime() + HORIZON_MS];
  const isOn = clock.isOn(atMs + zoneSpanAt(atMs, timeZone).offsetMs);
  // Within a span of a zone its clock runs evenly: what it shows is counted, not asked for.
  for (let fromMs = atMs; fromMs < horizonMs; ) {
    const { offsetMs, untilMs } = zoneSpanAt(fromMs, timeZone);
    const shownMs = fromMs + offsetMs;
    if (clock.isOn(shownMs) !== isOn) return { isOn, changesAt: new Date(fromMs) };
    if (clock.isFinal(shownMs)) return { isOn, changesAt: null };
    const toMs = Math.min(untilMs, horizonMs);
    const change = clock.nextChange({ afterMs: shownMs, beforeMs: toMs + offsetMs });
    if (change !== null) return { isOn, changesAt: new Date(change - offsetMs) };
    fromMs = toMs;
  }
  return { isOn, changesAt: new Date(horizonMs) };
}

/** A rule by what a clock shows, in milliseconds since it showed the beginning of 1970. */
function clockOf({ days, dayparts }: ScheduleTimes) {
  const isOfRule = dayTestOf(days);
  const parts = united(dayparts.length > 0 ? dayparts : [WHOLE_DAY]);
  const edges = [
    ...new Set([0, ...parts.flatMap(({ fromMs, toMs }) => [fromMs % DAY_MS, toMs % DAY_MS])]),
  ].sort((one, other) => one - other);
  const lastDay = lastDayOf(days);
  const isAlways = isUnrestricted(days) && dayparts.length === 0;

  const isOn = (shownMs: number): boolean => {
    const day = Math.floor(shownMs / DAY_MS);
    const timeMs = shownMs - day * DAY_MS;
    const isIn = (ms: number) => parts.some(({ fromMs, toMs }) => ms >= fromMs && ms < toMs);
    return (isIn(timeMs) && isOfRule(day)) || (isIn(timeMs + DAY_MS) && isOfRule(day - 1));
  };
  return {
    isOn,
    /** Whether it stays as it is for ever. */
    isFinal: (shownMs: number) => isAlways || Math.floor(shownMs / DAY_MS) > lastDay + 1,
    /** Where it first is on or off unlike at `afterMs`; null: not before `beforeMs`. */
    nextChange({
      afterMs,
      beforeMs,
    }: {
      readonly afterMs: number;
      readonly beforeMs: number;
    }): number | null {
      const before = isOn(afterMs);
      for (let day = Math.floor(afterMs / DAY_MS); day * DAY_MS < beforeMs && day <= lastDay + 2; day += 1) {
        // Years can go by until a rule is on: nothing of such a day is looked at.
        if (!before && !isOfRule(day) && !isOfRule(day - 1)) continue;
        for (const edge of edges) {
          const shownMs = day * DAY_MS + edge;
          if (shownMs > afterMs && shownMs < beforeMs && isOn(shownMs) !== before) return shownMs;
        }
      }
      return null;
    },
  };
}

/** A part of a day, in milliseconds since its midnight; what is of the day after lies behind 24 hours. */
interface Part {
  readonly fromMs: number;
  readonly toMs: number;
}

/** In order, none touching another: where one goes on with the next nothing changes. */
function united(dayparts: readonly Daypart[]): readonly Part[] {
  const parts = dayparts
    .map(({ from, to }) => ({ fromMs: from * MINUTE_MS, toMs: to * MINUTE_MS + (to <= from ? DAY_MS : 0) }))
    .sort((one, other) => one.fromMs - other.fromMs);
  const found: Part[] = [];
  for (const part of parts) {
    const last = found.at(-1);
    if (!last || part.fromMs > last.toMs) found.push(part);
    else found[found.length - 1] = { ...last, toMs: Math.max(last.toMs, part.toMs) };
  }
  return found;
}

/** After it there is none of the rule. */
const lastDayOf = ({ until, dates }: ScheduleDays): number =>
  Math.min(
    until === null ? Number.POSITIVE_INFINITY : numberOf(until),
    dates.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...dates.map(numberOf)),
  );

const WHOLE_DAY: Daypart = { from: 0, to: MINUTES_OF_DAY };

/** Whether a day, counted since 1970, is one of these. */
function dayTestOf(days: ScheduleDays): (day: number) => boolean {
  const { weekdays, monthDays, everyWeeks } = days;
  const first = days.from === null ? Number.NEGATIVE_INFINITY : numberOf(days.from);
  const last = days.until === null ? Number.POSITIVE_INFINITY : numberOf(days.until);
  const dates = new Set(days.dates.map(numberOf));
  const exceptDates = new Set(days.exceptDates.map(numberOf));
  const isOfWeek = (day: number) => everyWeeks === 1 || (weekOf(day) - weekOf(first)) % everyWeeks === 0;
  return (day) =>
    day >= first &&
    day <= last &&
    (weekdays.length === 0 || weekdays.includes(weekdayOf(day))) &&
    (monthDays.length === 0 ||
      monthDays.includes(dateOf(day)) ||
      (monthDays.includes(-1) && isLastOfMonth(day))) &&
    (dates.size === 0 || dates.has(day)) &&
    !exceptDates.has(day) &&
    isOfWeek(day);
}

const isUnrestricted = ({ from, until, weekdays, everyWeeks, monthDays, dates, exceptDates }: ScheduleDays) =>
  from === null &&
  until === null &&
  everyWeeks === 1 &&
  [weekdays, monthDays, dates, exceptDates].every((list) => list.length === 0);

const numberOf = (day: string): number => Date.parse(day) / DAY_MS;
/** The first of 1970 was a Thursday. */
const weekdayOf = (day: number): number => ((((day + 3) % 7) + 7) % 7) + 1;
const weekOf = (day: number): number => Math.floor((day + 3) / 7);
const dateOf = (day: number): number => new Date(day * DAY_MS).getUTCDate();
const isLastOfMonth = (day: number): boolean => dateOf(day + 1) === 1;
