import { expect, test } from 'vitest';
import { chargeOf } from '../../src/parking/charge.ts';
import type { RateTerms } from '../../src/parking/rate.ts';

const HOURLY: RateTerms = { priceMinor: 300n, perMinutes: 60, graceMinutes: 15, dailyCapMinor: 2_000n };
const UNCAPPED: RateTerms = { ...HOURLY, dailyCapMinor: null };
/** Its units do not divide a day: the tenth of it begins 2 hours before the day ends, and lasts into the next. */
const UNEVEN: RateTerms = { priceMinor: 100n, perMinutes: 150, graceMinutes: 0, dailyCapMinor: 900n };
const DAY = 1_440;

test.each<readonly [string, RateTerms | null, number, bigint]>([
  ['nothing, of a lot that costs nothing', null, 600, 0n],
  ['nothing, of a stay without time', HOURLY, 0, 0n],
  ['nothing, to the end of the grace', HOURLY, 15, 0n],
  ['from the beginning, behind it', HOURLY, 15.001, 300n],
  ['the hour that is full, and no other', HOURLY, 60, 300n],
  ['the hour that has begun', HOURLY, 60.001, 600n],
  ['up to the cap', HOURLY, 6 * 60, 1_800n],
  ['no more than the cap', HOURLY, 6 * 60 + 1, 2_000n],
  ['the cap of a whole day', HOURLY, DAY, 2_000n],
  ['the cap, and what begins after 24 hours', HOURLY, DAY + 1, 2_300n],
  ['three caps of three days', HOURLY, 3 * DAY, 6_000n],
  ['without a cap whatever has begun', UNCAPPED, 3 * DAY + 1, 73n * 300n],
  ['what begins before the day ends is of that day', UNEVEN, DAY, 900n],
  ['and lasts into the next without being paid again', UNEVEN, DAY + 60, 900n],
  ['until the next begins', UNEVEN, DAY + 61, 1_000n],
  ['nothing by a cap of nothing', { ...HOURLY, dailyCapMinor: 0n }, DAY, 0n],
])('a stay costs %s', (_what, terms, minutes, charge) => {
  const startedAt = new Date('2026-03-28T22:17:03.004Z');
  const endedAt = new Date(startedAt.getTime() + minutes * 60_000);
  expect(chargeOf(terms, { startedAt, endedAt })).toBe(charge);
});

test('a stay of years costs what it costs', () => {
  const startedAt = new Date('2016-01-01T00:00:00Z');
  const endedAt = new Date(startedAt.getTime() + 3_650 * DAY * 60_000);
  expect(chargeOf(HOURLY, { startedAt, endedAt })).toBe(3_650n * 2_000n);
});
