import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES, type OpeningHours } from '../../src/booking/resource.ts';
import { boundsOf, slotTimeAt, slotTimesOf } from '../../src/booking/slot-times.ts';
import { minutesOf } from '../../src/lib/calendar.ts';

const daily = (opensAt: number, closesAt: number): OpeningHours[] =>
  [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opensAt, closesAt }));
const indices = (rules: Parameters<typeof slotTimesOf>[0], day: string, zone: string) =>
  slotTimesOf(rules, day, zone).map(({ index }) => index);
const upTo = (count: number) => Array.from({ length: count }, (_, index) => index);

const VIENNA = 'Europe/Vienna';
const NEW_YORK = 'America/New_York';

test('a resource about which nothing was said has 24 hourly slots, the last of which ends at the next midnight', () => {
  const slots = slotTimesOf(DEFAULT_RULES, '2026-07-15', VIENNA);
  expect(slots.map(({ index }) => index)).toEqual(upTo(24));
  expect(slots[0]?.startsAt).toEqual(new Date('2026-07-14T22:00:00Z'));
  expect(slots[23]).toEqual({
    index: 23,
    startsAt: new Date('2026-07-15T21:00:00Z'),
    endsAt: new Date('2026-07-15T22:00:00Z'),
  });
});

test('one that is open from 03:00 to 15:00 has 12, from 3 to 14', () => {
  const rules = { slotMinutes: 60, openingHours: daily(180, 900) };
  expect(indices(rules, '2026-07-15', VIENNA)).toEqual(upTo(15).slice(3));
});

test('half hours are 48', () => {
  expect(indices({ ...DEFAULT_RULES, slotMinutes: 30 }, '2026-07-15', VIENNA)).toEqual(upTo(48));
});

test('each day of the week has its own hours, and there can be a break in them', () => {
  const openingHours = [
    { weekday: 1, opensAt: 780, closesAt: 900 },
    { weekday: 1, opensAt: 540, closesAt: 720 },
    { weekday: 2, opensAt: 600, closesAt: 660 },
  ];
  expect(indices({ slotMinutes: 60, openingHours }, '2026-07-13', VIENNA)).toEqual([9, 10, 11, 13, 14]);
  expect(indices({ slotMinutes: 60, openingHours }, '2026-07-14', VIENNA)).toEqual([10]);
  expect(indices({ slotMinutes: 60, openingHours }, '2026-07-15', VIENNA)).toEqual([]);
});

test('what would end after closing is no slot', () => {
  expect(indices({ slotMinutes: 45, openingHours: daily(540, 660) }, '2026-07-15', VIENNA)).toEqual([12, 13]);
});

describe.each([
  [VIENNA, '2026-03-29', 2, '2026-10-25', 2],
  [NEW_YORK, '2026-03-08', 2, '2026-11-01', 1],
])('where clocks are changed, in %s', (zone, spring, skipped, autumn, repeated) => {
  test('the day an hour is skipped has 23 slots, numbered as a clock shows', () => {
    expect(indices(DEFAULT_RULES, spring, zone)).toEqual(upTo(24).filter((hour) => hour !== skipped));
  });

  test('the day an hour comes twice has 25, and the second is counted on behind the last', () => {
    expect(indices(DEFAULT_RULES, autumn, zone)).toEqual([
      ...upTo(repeated + 1),
      24,
      ...upTo(24).slice(repeated + 1),
    ]);
  });

  test.each([spring, autumn])('the slots of %s follow each other without a gap', (day) => {
    const slots = slotTimesOf(DEFAULT_RULES, day, zone);
    const { from, to } = boundsOf(day, zone);
    expect([slots[0]?.startsAt, slots.at(-1)?.endsAt]).toEqual([from, to]);
    for (const [at, { startsAt }] of slots.entries())
      if (at > 0) expect(startsAt).toEqual(slots[at - 1]?.endsAt);
  });

  test('opening hours are those of the clock on either day', () => {
    const rules = { slotMinutes: 60, openingHours: daily(540, 1020) };
    for (const day of [spring, autumn]) expect(indices(rules, day, zone)).toEqual(upTo(17).slice(9));
  });
});

test('a slot is found by its beginning, and by nothing else', () => {
  const [, second] = slotTimesOf(DEFAULT_RULES, '2026-10-25', VIENNA);
  if (!second) throw new Error('there is one');
  expect(slotTimeAt(DEFAULT_RULES, second.startsAt, VIENNA)).toEqual(second);
  expect(slotTimeAt(DEFAULT_RULES, new Date(second.startsAt.getTime() + 60_000), VIENNA)).toBeNull();
});

test('where closing time is skipped, it closes when the clock skips it', () => {
  const sunday = (opensAt: number, closesAt: number) => ({ weekday: 7, opensAt, closesAt });
  const openingHours = [sunday(60, 150), sunday(180, 240)];
  const startsAt = (slotMinutes: number) =>
    slotTimesOf({ slotMinutes, openingHours }, '2026-03-29', VIENNA).map((slot) =>
      slot.startsAt.toISOString().slice(11, 16),
    );
  expect(startsAt(30)).toEqual(['00:00', '00:30', '01:00', '01:30']);
  expect(startsAt(45)).toEqual(['00:00', '01:00']);
});

/** `index from-to`, as the clock there shows it, and how many minutes that is where it shows another number. */
const shownTimes = (rules: Parameters<typeof slotTimesOf>[0], day: string, zone: string) =>
  slotTimesOf(rules, day, zone).map(({ index, startsAt, endsAt }) => {
    const [from, to] = [minutesOf(startsAt, zone), minutesOf(endsAt, zone)];
    const minutes = (endsAt.getTime() - startsAt.getTime()) / 60_000;
    const shown = `${index} ${clock(from)}-${clock(to)}`;
    return minutes === to - from || minutes === to - from + 1_440 ? shown : `${shown} (${minutes})`;
  });
const clock = (minutes: number) => `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, '0')}`;

const LORD_HOWE = 'Australia/Lord_Howe';

describe('where clocks are changed, slots begin when the clock shows what it shows on any day', () => {
  test.each([
    [VIENNA, '2027-03-28', 120, ['0 0:00-3:00 (120)', '1 3:00-4:00', '2 4:00-6:00', '3 6:00-8:00']],
    [VIENNA, '2027-10-31', 120, ['0 0:00-2:00', '1 2:00-4:00 (180)', '2 4:00-6:00', '3 6:00-8:00']],
    [VIENNA, '2027-03-28', 720, ['0 0:00-12:00 (660)', '1 12:00-0:00']],
    [VIENNA, '2027-10-31', 720, ['0 0:00-12:00 (780)', '1 12:00-0:00']],
    [VIENNA, '2027-03-28', 1_440, ['0 0:00-0:00 (1380)']],
    [VIENNA, '2027-10-31', 1_440, ['0 0:00-0:00 (1500)']],
    [VIENNA, '2027-03-28', 45, ['0 0:00-0:45', '1 0:45-1:30', '2 1:30-3:00 (30)', '4 3:00-3:45']],
    [VIENNA, '2027-10-31', 45, ['2 1:30-2:15', '3 2:15-2:00 (45)', '32 2:00-3:00', '4 3:00-3:45']],
    [LORD_HOWE, '2027-10-03', 60, ['0 0:00-1:00', '1 1:00-2:30 (60)', '2 2:30-3:00', '3 3:00-4:00']],
    [LORD_HOWE, '2027-04-04', 60, ['0 0:00-1:00', '1 1:00-2:00 (90)', '2 2:00-3:00', '3 3:00-4:00']],
    [LORD_HOWE, '2027-10-03', 30, ['3 1:30-2:30 (30)', '5 2:30-3:00', '6 3:00-3:30']],
    [LORD_HOWE, '2027-04-04', 30, ['3 1:30-1:30 (30)', '48 1:30-2:00', '4 2:00-2:30']],
    [LORD_HOWE, '2027-10-03', 120, ['0 0:00-2:30 (120)', '1 2:30-4:00', '2 4:00-6:00']],
    [LORD_HOWE, '2027-04-04', 120, ['0 0:00-2:00 (150)', '1 2:00-4:00', '2 4:00-6:00']],
    [LORD_HOWE, '2027-10-03', 1_440, ['0 0:00-0:00 (1410)']],
    [LORD_HOWE, '2027-04-04', 1_440, ['0 0:00-0:00 (1470)']],
    [LORD_HOWE, '2027-10-03', 45, ['1 0:45-1:30', '2 1:30-2:30 (30)', '3 2:30-3:00', '4 3:00-3:45']],
    [LORD_HOWE, '2027-04-04', 45, ['1 0:45-1:30', '2 1:30-2:15 (75)', '3 2:15-3:00', '4 3:00-3:45']],
  ])('in %s on %s, each %i minutes long', (zone, day, slotMinutes, expected) => {
    const shown = shownTimes({ ...DEFAULT_RULES, slotMinutes }, day, zone);
    const [first = ''] = expected;
    expect(shown.slice(shown.indexOf(first)).slice(0, expected.length)).toEqual(expected);
  });

  test.each([VIENNA, NEW_YORK, LORD_HOWE, 'Atlantic/Azores', 'Africa/Cairo', 'America/Scoresbysund'])(
    'in %s no time of any day is lost, and each slot of an ordinary day has its index',
    (zone) => {
      for (const slotMinutes of [10, 15, 30, 40, 45, 60, 90, 120, 180, 720, 1_440])
        for (const day of changesOf(zone, 2027)) {
          const slots = slotTimesOf({ ...DEFAULT_RULES, slotMinutes }, day, zone);
          const { from, to } = boundsOf(day, zone);
          expect([slots[0]?.startsAt, slots.at(-1)?.endsAt]).toEqual([from, to]);
          for (const [at, { startsAt, endsAt, index }] of slots.entries()) {
            if (at > 0) expect(startsAt).toEqual(slots[at - 1]?.endsAt);
            expect(endsAt.getTime()).toBeGreaterThan(startsAt.getTime());
            if (index * slotMinutes >= 1_440 || minutesOf(startsAt, zone) === index * slotMinutes) continue;
            // Its beginning is skipped: it begins when the clock skips it.
            const before = minutesOf(new Date(startsAt.getTime() - 60_000), zone);
            expect((minutesOf(startsAt, zone) - before + 1_440) % 1_440).toBeGreaterThan(1);
            expect(minutesOf(startsAt, zone)).toBeGreaterThan(index * slotMinutes);
          }
          expect(new Set(slots.map(({ index }) => index)).size).toBe(slots.length);
        }
    },
  );

  test('one that opens in the hour that is skipped opens when the clock skips it', () => {
    const opening = (slotMinutes: number, opensAt: number) =>
      shownTimes({ slotMinutes, openingHours: daily(opensAt, 420) }, '2027-03-28', VIENNA);
    expect(opening(60, 150)).toEqual(['2 3:00-3:30', '3 3:30-4:30', '4 4:30-5:30', '5 5:30-6:30']);
    expect(opening(30, 150)).toEqual(
      ['6 3:00-3:30', '7 3:30-4:00', '8 4:00-4:30', '9 4:30-5:00'].concat([
        ...['10 5:00-5:30', '11 5:30-6:00', '12 6:00-6:30', '13 6:30-7:00'],
      ]),
    );
    expect(opening(120, 150)).toEqual(['1 3:00-4:30', '2 4:30-6:30']);
    expect(opening(45, 165)).toEqual([
      ...['3 3:00-3:30', '4 3:30-4:15', '5 4:15-5:00', '6 5:00-5:45', '7 5:45-6:30'],
    ]);
    const howe = { slotMinutes: 120, openingHours: daily(135, 420) };
    expect(shownTimes(howe, '2027-10-03', LORD_HOWE)).toEqual(['1 2:30-4:15', '2 4:15-6:15']);
  });

  test('one that opens in the hour that comes twice opens in the first, and sells the second', () => {
    const openingHours = daily(150, 390);
    const on = (slotMinutes: number) => shownTimes({ slotMinutes, openingHours }, '2027-10-31', VIENNA);
    expect(on(60)).toEqual([
      ...['2 2:30-2:30 (60)', '24 2:30-3:30', '3 3:30-4:30', '4 4:30-5:30', '5 5:30-6:30'],
    ]);
    expect(on(120)).toEqual(['1 2:30-4:30 (180)', '2 4:30-6:30']);
  });

  test('what is left of a day before closing is sold where an hour of it comes again', () => {
    const rules = { slotMinutes: 60, openingHours: daily(30, 195) };
    expect(shownTimes(rules, '2027-10-24', VIENNA)).toEqual(['0 0:30-1:30', '1 1:30-2:30']);
    expect(shownTimes(rules, '2027-10-31', VIENNA)).toEqual([
      ...['0 0:30-1:30', '1 1:30-2:30', '24 2:30-3:15 (105)'],
    ]);
  });
});

/** The days of a year that are no 24 hours long there. */
const changesOf = (zone: string, year: number): string[] =>
  Array.from({ length: 365 }, (_, at) =>
    new Date(Date.UTC(year, 0, 1 + at)).toISOString().slice(0, 10),
  ).filter((day) => {
    const { from, to } = boundsOf(day, zone);
    return to.getTime() - from.getTime() !== 86_400_000;
  });
