import { describe, expect, test } from 'vitest';
import { occurrencesOf } from '../../src/booking/recurrence.ts';
import { dayOf, instantOf, minutesOf } from '../../src/lib/calendar.ts';
import { ValidationError } from '../../src/lib/errors.ts';

const VIENNA = 'Europe/Vienna';
const at = (
  rule: string,
  day: string,
  { hour = 19, timeZone = VIENNA, lastDay = '2029-01-01' } = {},
): readonly Date[] =>
  occurrencesOf({ rule, startsAt: instantOf(day, hour * 60, timeZone), timeZone, lastDay });
const days = (dates: readonly Date[], timeZone = VIENNA) => dates.map((date) => dayOf(date, timeZone));

test.each([
  [VIENNA, '2026-09-29'],
  [VIENNA, '2026-03-03'],
  ['America/New_York', '2026-10-06'],
  ['America/New_York', '2026-02-17'],
])('ten weeks in %s from %s on keep 19:00 over the change of clocks', (timeZone, day) => {
  const dates = at('FREQ=WEEKLY;COUNT=10', day, { timeZone });
  expect(dates).toHaveLength(10);
  expect(new Set(dates.map((date) => minutesOf(date, timeZone)))).toEqual(new Set([19 * 60]));
  const distances = dates.slice(1).map((date, index) => date.getTime() - (dates[index]?.getTime() ?? 0));
  const week = 7 * 24;
  expect([...new Set(distances.map((ms) => ms / 3_600_000 - week))].sort()).toEqual(
    day < '2026-07' ? [-1, 0] : [0, 1],
  );
});

test('a month without a 31st is passed over and not counted', () => {
  expect(days(at('FREQ=MONTHLY;COUNT=4', '2026-01-31'))).toEqual([
    '2026-01-31',
    '2026-03-31',
    '2026-05-31',
    '2026-07-31',
  ]);
});

test('a day on which the clock skips the time is passed over', () => {
  expect(days(at('FREQ=DAILY;COUNT=3', '2026-03-28', { hour: 2 }))).toEqual([
    '2026-03-28',
    '2026-03-30',
    '2026-03-31',
  ]);
});

test.each([
  ['FREQ=WEEKLY;UNTIL=20261103T180000Z', ['2026-10-20', '2026-10-27', '2026-11-03']],
  ['FREQ=WEEKLY;BYDAY=TU,TH;COUNT=3', ['2026-10-20', '2026-10-22', '2026-10-27']],
  ['FREQ=MONTHLY;BYDAY=3TU;COUNT=2', ['2026-10-20', '2026-11-17']],
  ['FREQ=DAILY;INTERVAL=2;COUNT=2', ['2026-10-20', '2026-10-22']],
])('%s is followed', (rule, expected) => {
  expect(days(at(rule, '2026-10-20'))).toEqual(expected);
});

describe('a rule is refused', () => {
  test.each([
    ['without an end', 'FREQ=WEEKLY'],
    ['with two ends', 'FREQ=WEEKLY;COUNT=2;UNTIL=20261103T180000Z'],
    ['of more than a hundred', 'FREQ=DAILY;COUNT=101'],
    ['that is more than a hundred before its last day', 'FREQ=DAILY;UNTIL=20270601T180000Z'],
    ['that ends at no time in UTC', 'FREQ=WEEKLY;UNTIL=20261103T190000'],
    ['that is not of days', 'FREQ=HOURLY;COUNT=3'],
    ['that has hours of its own', 'FREQ=DAILY;BYHOUR=9,10;COUNT=3'],
    ['that begins otherwise than with the first', 'FREQ=WEEKLY;BYDAY=MO;COUNT=3'],
    ['that never comes', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2'],
    ['that says a thing twice', 'FREQ=WEEKLY;COUNT=2;COUNT=3'],
    ['that has a part nobody knows', 'FREQ=WEEKLY;COUNT=2;X=1'],
    ['with a beginning of its own', 'DTSTART:20261020T190000Z\nRRULE:FREQ=WEEKLY;COUNT=2'],
    ['of nothing', ''],
    ['of nothing at all times', 'FREQ=DAILY;COUNT=0'],
    ['of an interval of nothing', 'FREQ=DAILY;INTERVAL=0;COUNT=2'],
  ])('%s', (_what, rule) => {
    expect(() => at(rule, '2026-10-20')).toThrow(ValidationError);
  });

  test('that goes on after the last day', () => {
    expect(at('FREQ=WEEKLY;COUNT=3', '2026-10-20', { lastDay: '2026-11-03' })).toHaveLength(3);
    expect(() => at('FREQ=WEEKLY;COUNT=3', '2026-10-20', { lastDay: '2026-11-02' })).toThrow('2026-11-02');
    expect(() => at('FREQ=YEARLY;COUNT=100', '2026-10-20', { lastDay: '2026-11-02' })).toThrow('2026-11-02');
  });
});
