import { describe, expect, test } from 'vitest';
import { DEFAULT_RULES, type OpeningHours } from '../../src/booking/resource.ts';
import { boundsOf, slotTimeAt, slotTimesOf } from '../../src/booking/slot-times.ts';

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
