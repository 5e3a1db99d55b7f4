import { expect, test } from 'vitest';
import {
  EVERY_DAY,
  type ScheduleDays,
  type ScheduleTimes,
  timesAt,
} from '../../src/signage/schedule-times.ts';
import { cpuMsOf } from '../support/cpu-time.ts';

/**
 * What is to be on when is worked out here once more, in another way: minute by minute, by asking Intl what a clock
 * there shows.
 */
const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

interface Shown {
  readonly day: string;
  readonly weekday: number;
  readonly minutes: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const seen = new Map<string, Shown>();
/** Each is asked for by many rules. */
function shown(atMs: number, timeZone: string): Shown {
  const key = `${timeZone} ${atMs}`;
  const known = seen.get(key) ?? ask(atMs, timeZone);
  seen.set(key, known);
  return known;
}

function ask(atMs: number, timeZone: string): Shown {
  const format =
    formats.get(timeZone) ??
    new Intl.DateTimeFormat('en-CA', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
    });
  formats.set(timeZone, format);
  const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]));
  return {
    day: `${parts.year}-${parts.month}-${parts.day}`,
    weekday: WEEKDAYS.indexOf(parts.weekday ?? '') + 1,
    minutes: Number(parts.hour) * 60 + Number(parts.minute),
  };
}

const dayBefore = ({ day, weekday }: Shown): Omit<Shown, 'minutes'> => ({
  day: new Date(Date.parse(day) - DAY_MS).toISOString().slice(0, 10),
  weekday: weekday === 1 ? 7 : weekday - 1,
});

const mondayOf = ({ day, weekday }: Omit<Shown, 'minutes'>) => Date.parse(day) - (weekday - 1) * DAY_MS;

function isRuleDay(days: ScheduleDays, date: Omit<Shown, 'minutes'>): boolean {
  const { day, weekday } = date;
  if (days.from !== null && day < days.from) return false;
  if (days.until !== null && day > days.until) return false;
  if (days.weekdays.length > 0 && !days.weekdays.includes(weekday)) return false;
  if (days.dates.length > 0 && !days.dates.includes(day)) return false;
  if (days.exceptDates.includes(day)) return false;
  if (days.monthDays.length > 0) {
    const ofMonth = Number(day.slice(8));
    const isLast = new Date(Date.parse(day) + DAY_MS).toISOString().slice(8, 10) === '01';
    if (!days.monthDays.includes(ofMonth) && !(isLast && days.monthDays.includes(-1))) return false;
  }
  if (days.everyWeeks === 1 || days.from === null) return true;
  const begun = new Date(`${days.from}T00:00Z`).getUTCDay();
  const first = { day: days.from, weekday: begun === 0 ? 7 : begun };
  const weeks = (mondayOf(date) - mondayOf(first)) / (7 * DAY_MS);
  return weeks % days.everyWeeks === 0;
}

function isOnAt({ days, dayparts }: ScheduleTimes, atMs: number, timeZone: string): boolean {
  const now = shown(atMs, timeZone);
  if (dayparts.length === 0) return isRuleDay(days, now);
  return dayparts.some(({ from, to }) => {
    if (from < to) return now.minutes >= from && now.minutes < to && isRuleDay(days, now);
    if (now.minutes >= from) return isRuleDay(days, now);
    return now.minutes < to && isRuleDay(days, dayBefore(now));
  });
}

const clock = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
const part = (text: string) => {
  const [from = '', to = ''] = text.split('-');
  return { from: clock(from), to: clock(to) };
};
const rule = (dayparts: string, days: Partial<ScheduleDays> = {}): ScheduleTimes => ({
  days: { ...EVERY_DAY, ...days },
  dayparts: dayparts === '' ? [] : dayparts.split(' ').map(part),
});

/** Each is looked at for four days around these instants: where clocks go forward, where they go back, and an ordinary night. */
const AROUND: Readonly<Record<string, readonly string[]>> = {
  'Europe/Berlin': ['2026-03-29T01:00Z', '2026-10-25T01:00Z', '2026-07-01T00:00Z'],
  'America/New_York': ['2026-03-08T07:00Z', '2026-11-01T06:00Z', '2026-07-01T00:00Z'],
};

const RULES: readonly (readonly [string, ScheduleTimes])[] = [
  ['a part of the morning', rule('09:00-12:00')],
  ['within what is skipped or doubled', rule('02:15-02:45')],
  ['what is skipped or doubled as a whole', rule('02:00-03:00')],
  ['the hour that is doubled in New York', rule('01:00-02:00')],
  ['begins within it', rule('02:30-04:00')],
  ['ends within it', rule('00:30-02:30')],
  ['begins before and ends within the other time of it', rule('01:30-02:10')],
  ['over midnight', rule('22:00-02:00')],
  ['over midnight into what is skipped or doubled', rule('23:30-02:30')],
  ['24 hours from six on', rule('06:00-06:00')],
  ['two parts that touch', rule('00:00-02:00 02:00-03:00')],
  ['two parts that overlap', rule('01:00-02:40 02:20-03:30')],
  ['all day on Sundays', rule('', { weekdays: [7] })],
  ['Saturday night', rule('21:00-03:00', { weekdays: [6] })],
  ['weekdays by day, over midnight', rule('20:00-01:30', { weekdays: [1, 2, 3, 4, 5] })],
  ['until the very day', rule('18:00-02:30', { until: '2026-03-29' })],
  ['from the very day', rule('00:00-24:00', { from: '2026-10-25' })],
  ['every other week', rule('01:00-05:00', { from: '2026-03-02', everyWeeks: 2 })],
  ['the last of the month', rule('22:00-04:00', { monthDays: [-1] })],
  [
    'some dates, and not others',
    rule('', { dates: ['2026-03-08', '2026-11-01'], exceptDates: ['2026-11-01'] }),
  ],
];

const CASES = Object.entries(AROUND).flatMap(([timeZone, instants]) =>
  RULES.flatMap(([name, times]) => instants.map((around) => ({ name, times, timeZone, around }))),
);

test('there are as many cases as were promised', () => {
  expect(CASES.length).toBeGreaterThanOrEqual(60);
});

test.each(CASES)('$name, in $timeZone around $around', ({ times, timeZone, around }) => {
  const fromMs = Date.parse(around) - 2 * DAY_MS;
  const toMs = fromMs + 4 * DAY_MS;
  const expected: string[] = [];
  for (let atMs = fromMs, before = isOnAt(times, fromMs, timeZone); atMs < toMs; atMs += MINUTE_MS) {
    const isOn = isOnAt(times, atMs, timeZone);
    if (isOn !== before) expected.push(`${new Date(atMs).toISOString()} ${isOn}`);
    before = isOn;
  }
  const found: string[] = [];
  for (let at = new Date(fromMs); ; ) {
    const { changesAt } = timesAt(times, at, timeZone);
    if (changesAt === null || changesAt.getTime() >= toMs) break;
    expect(changesAt.getTime()).toBeGreaterThan(at.getTime());
    found.push(`${changesAt.toISOString()} ${timesAt(times, changesAt, timeZone).isOn}`);
    at = changesAt;
  }
  expect(found).toEqual(expected);
});

test.each(CASES.filter(({ around }) => !around.includes('-07-')))(
  '$name is on in each minute of the day that the clock there says, in $timeZone around $around',
  ({ times, timeZone, around }) => {
    const fromMs = Date.parse(around) - DAY_MS / 2;
    for (let atMs = fromMs; atMs < fromMs + DAY_MS; atMs += 5 * MINUTE_MS) {
      const at = new Date(atMs + 31_234);
      expect([at.toISOString(), timesAt(times, at, timeZone).isOn]).toEqual([
        at.toISOString(),
        isOnAt(times, atMs, timeZone),
      ]);
    }
  },
);

test('clocks that go forward by half an hour are followed too, and ones that skip a day', () => {
  const times = rule('01:45-02:15');
  const at = new Date('2026-10-03T14:00Z');
  // In Lord Howe 02:00 is 02:30 on that day.
  const { changesAt } = timesAt(times, at, 'Australia/Lord_Howe');
  expect(changesAt?.toISOString()).toBe('2026-10-03T15:15:00.000Z');
  expect(timesAt(times, new Date('2026-10-03T15:15Z'), 'Australia/Lord_Howe')).toEqual({
    isOn: true,
    changesAt: new Date('2026-10-03T15:30Z'),
  });
  // Samoa had no 30 December 2011.
  const skipped = rule('', { dates: ['2011-12-30'] });
  expect(timesAt(skipped, new Date('2011-12-29T00:00Z'), 'Pacific/Apia')).toEqual({
    isOn: false,
    changesAt: null,
  });
});

test('what is always on never changes, and neither does what is over', () => {
  const at = new Date('2026-06-01T12:00Z');
  expect(timesAt(rule(''), at, 'Europe/Berlin')).toEqual({ isOn: true, changesAt: null });
  expect(timesAt(rule('', { until: '2026-05-01' }), at, 'Europe/Berlin')).toEqual({
    isOn: false,
    changesAt: null,
  });
  expect(timesAt(rule('', { dates: ['2026-05-01'] }), at, 'Europe/Berlin')).toEqual({
    isOn: false,
    changesAt: null,
  });
});

test('29 February is found four years ahead, and a day that never comes is asked for again', () => {
  const leap = rule('', { monthDays: [29], from: '2028-02-01', until: '2028-02-29' });
  expect(timesAt(leap, new Date('2026-06-01T00:00Z'), 'UTC').changesAt).toEqual(
    new Date('2028-02-29T00:00Z'),
  );
  const never = rule('', { monthDays: [31], everyWeeks: 52, from: '2026-06-01', weekdays: [2] });
  const { isOn, changesAt } = timesAt(never, new Date('2026-06-30T00:00Z'), 'UTC');
  expect([isOn, changesAt !== null && changesAt > new Date('2027-01-01T00:00Z')]).toEqual([false, true]);
});

test('dayparts that go on with one another, or lie within, are one, also over midnight', () => {
  const at = new Date('2026-06-01T20:00Z');
  const changes = (dayparts: string, days: Partial<ScheduleDays>) => timesAt(rule(dayparts, days), at, 'UTC');
  const monday = { weekdays: [1] };
  expect(changes('18:00-22:00 21:00-23:00 23:00-02:00 01:00-03:00', monday)).toEqual({
    isOn: true,
    changesAt: new Date('2026-06-02T02:00Z'),
  });
  expect(changes('12:00-12:00 11:00-13:00', monday).changesAt).toEqual(new Date('2026-06-02T12:00Z'));
  expect(changes('00:00-12:00 12:00-00:00', monday).changesAt).toEqual(new Date('2026-06-02T00:00Z'));
});

test('however far away its next day is, a rule is looked at in no time', () => {
  const at = new Date('2026-06-01T12:00Z');
  const hours = Array.from({ length: 24 }, (_, hour) => hour * 60);
  const gaps = hours.map((from) => ({ from, to: from + 59 }));
  const whole = hours.map((from) => ({ from, to: from + 60 }));
  const far = { days: { ...EVERY_DAY, from: '2030-05-01' }, dayparts: gaps };
  const always = { days: { ...EVERY_DAY, weekdays: [1, 2, 3, 4, 5, 6, 7] }, dayparts: whole };
  const costMs = cpuMsOf(() => {
    // A venue can have as many.
    for (let count = 0; count < 250; count += 1)
      expect([far, always].map((times) => timesAt(times, at, 'Europe/Vienna').isOn)).toEqual([false, true]);
  });
  expect(costMs).toBeLessThan(1_000);
});
