import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Expiry } from '../../src/http/expiry.ts';

const MINUTE = 60_000;
const DAY = 86_400_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** What happened, and after how many milliseconds. */
function anExpiry(noticeMs = MINUTE) {
  const started = Date.now();
  const seen: [string, number][] = [];
  const see = (what: string) => () => void seen.push([what, Date.now() - started]);
  const expiry = new Expiry({ noticeMs, onExpiring: see('notice'), onExpired: see('end') });
  return {
    seen,
    set: (inMs: number | null) => expiry.set(inMs === null ? null : new Date(started + inMs)),
    expiry,
  };
}

test('it is announced, and ends', () => {
  const { seen, set } = anExpiry();
  set(40 * MINUTE);
  vi.advanceTimersByTime(DAY);
  expect(seen).toEqual([
    ['notice', 39 * MINUTE],
    ['end', 40 * MINUTE],
  ]);
});

test('put off, it ends later and not before, and is announced again', () => {
  const { seen, set } = anExpiry();
  set(30 * MINUTE);
  vi.advanceTimersByTime(29.5 * MINUTE);
  set(60 * MINUTE);
  vi.advanceTimersByTime(DAY);
  expect(seen).toEqual([
    ['notice', 29 * MINUTE],
    ['notice', 59 * MINUTE],
    ['end', 60 * MINUTE],
  ]);
});

test('what ends sooner than it would be announced is announced half-way', () => {
  const { seen, set } = anExpiry();
  set(MINUTE);
  vi.advanceTimersByTime(DAY);
  expect(seen).toEqual([
    ['notice', MINUTE / 2],
    ['end', MINUTE],
  ]);
});

test('what is over already ends at once', () => {
  const { seen, set } = anExpiry();
  set(-MINUTE);
  vi.advanceTimersByTime(0);
  expect(seen).toEqual([['end', 0]]);
});

test('what ends later than a timer can wait is waited for all the same', () => {
  const { seen, set } = anExpiry();
  set(90 * DAY);
  vi.advanceTimersByTime(89 * DAY);
  expect(seen).toEqual([]);
  vi.advanceTimersByTime(DAY);
  expect(seen.map(([what]) => what)).toEqual(['notice', 'end']);
});

test('what does not end by itself, and what was stopped, leaves no timer behind', () => {
  const { seen, set, expiry } = anExpiry();
  set(MINUTE);
  set(null);
  expect(vi.getTimerCount()).toBe(0);
  set(MINUTE);
  expiry.stop();
  set(2 * MINUTE);
  expect(vi.getTimerCount()).toBe(0);
  vi.advanceTimersByTime(DAY);
  expect(seen).toEqual([]);
});
