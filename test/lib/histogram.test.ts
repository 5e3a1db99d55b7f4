import { expect, test } from 'vitest';
import { createHistogram, merged, quantile, totalCount } from '../../src/lib/histogram.ts';

const BOUNDS = [1, 2, 4];
const MINUTE_MS = 60_000;

test('a value is counted below the first bound that is not smaller', () => {
  const histogram = createHistogram(BOUNDS);
  for (const value of [0, 1, 1.5, 2, 4, 4.1]) histogram.record(value);
  expect(histogram.total.counts).toEqual([2, 2, 1, 1]);
  expect(histogram.total.sum).toBeCloseTo(12.6);
});

test('a value recorded several times over counts as often', () => {
  const histogram = createHistogram(BOUNDS);
  histogram.record(3, 5_000);
  expect(histogram.total.counts).toEqual([0, 0, 5_000, 0]);
  expect(histogram.total.sum).toBe(15_000);
});

test('what is recent ends after five minutes, the total does not', () => {
  let nowMs = 0;
  const histogram = createHistogram(BOUNDS, () => nowMs);
  histogram.record(1);
  nowMs = 4.9 * MINUTE_MS;
  histogram.record(3);
  expect(histogram.recent().counts).toEqual([1, 0, 1, 0]);
  nowMs = 5 * MINUTE_MS;
  expect(histogram.recent().counts).toEqual([0, 0, 1, 0]);
  nowMs = 60 * MINUTE_MS;
  expect(totalCount(histogram.recent())).toBe(0);
  expect(totalCount(histogram.total)).toBe(2);
});

test.each([
  [0.5, [10, 0, 0, 0], 0.5],
  [1, [10, 0, 0, 0], 1],
  [0.5, [5, 0, 5, 0], 1],
  [0.75, [5, 0, 5, 0], 3],
  [0.99, [0, 0, 100, 0], 2 + 0.99 * 2],
  [0.99, [1, 0, 0, 99], 4],
])('the share %d of %j lies at %d', (share, counts, value) => {
  expect(quantile(share, { bounds: BOUNDS, counts, sum: 0 })).toBeCloseTo(value);
});

test('of nothing there is no quantile', () => {
  expect(quantile(0.5, createHistogram(BOUNDS).total)).toBeNull();
});

test('histograms of the same bounds add up', () => {
  const [one, other] = [createHistogram(BOUNDS), createHistogram(BOUNDS)];
  one.record(1);
  other.record(2);
  other.record(9);
  expect(merged(BOUNDS, [one.total, other.total])).toEqual({ bounds: BOUNDS, counts: [1, 1, 0, 1], sum: 12 });
});
