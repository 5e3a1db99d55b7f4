import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { LineLeaseLostError } from '../../src/machine/errors.ts';
import type { Moment } from '../../src/machine/line-lease.ts';
import { beginTenure } from '../../src/machine/tenure.ts';

const LEASE = { lineId: 'line', venueId: 'venue', epoch: 1n };
const TERM_MS = 9_500;

let now: Moment;
const passed = (ms: Partial<Moment>) => {
  now = {
    monotonicMs: now.monotonicMs + (ms.monotonicMs ?? 0),
    wallMs: now.wallMs + (ms.wallMs ?? 0),
  };
};
const tenure = () => beginTenure(LEASE, { termMs: TERM_MS, askedAt: now, now: () => now });

beforeEach(() => {
  now = { monotonicMs: 5, wallMs: 1_000_000 };
  vi.useFakeTimers();
});
afterEach(() => void vi.useRealTimers());

test('a tenure that is not renewed ends by itself, its term after it was asked for', () => {
  const { over, isCurrent } = tenure();
  passed({ monotonicMs: TERM_MS - 1, wallMs: TERM_MS - 1 });
  vi.advanceTimersByTime(TERM_MS - 1);
  expect([over.aborted, isCurrent()]).toEqual([false, true]);
  passed({ monotonicMs: 1, wallMs: 1 });
  vi.advanceTimersByTime(1);
  expect([over.aborted, isCurrent()]).toEqual([true, false]);
});

test('a renewal counts from when it was asked for, not from when it was answered', () => {
  const { over, renewed } = tenure();
  passed({ monotonicMs: 3_000, wallMs: 3_000 });
  vi.advanceTimersByTime(3_000);
  const askedAt = now;
  passed({ monotonicMs: 6_000, wallMs: 6_000 });
  vi.advanceTimersByTime(6_000);
  renewed(askedAt);
  passed({ monotonicMs: 3_499, wallMs: 3_499 });
  vi.advanceTimersByTime(3_499);
  expect(over.aborted).toBe(false);
  passed({ monotonicMs: 1, wallMs: 1 });
  vi.advanceTimersByTime(1);
  expect(over.aborted).toBe(true);
});

test('a process that stood still knows at once that its tenure is over, before any timer has told it', () => {
  const { over, isCurrent, demand } = tenure();
  passed({ monotonicMs: 60_000, wallMs: 60_000 });
  expect(over.aborted).toBe(false);
  expect(isCurrent()).toBe(false);
  expect(demand).toThrow(LineLeaseLostError);
});

test.each([
  ['the computer slept, and its monotonic clock with it', { wallMs: 60_000 }],
  ['the clock on the wall was set back', { monotonicMs: 60_000, wallMs: -60_000 }],
])('%s: the tenure is over all the same', (_, ms) => {
  const { isCurrent } = tenure();
  passed(ms);
  expect(isCurrent()).toBe(false);
});

test('a renewal that comes too late revives nothing', () => {
  const { over, renewed, isCurrent } = tenure();
  passed({ monotonicMs: TERM_MS, wallMs: TERM_MS });
  renewed(now);
  expect([over.aborted, isCurrent()]).toEqual([true, false]);
});
