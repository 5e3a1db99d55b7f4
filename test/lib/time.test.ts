import { expect, test } from 'vitest';
import { localTime } from '../../src/lib/time.ts';

test.each([
  ['2026-03-29T00:59:59Z', 'Europe/Vienna', [2026, 3, 29, 1, 59, 59]],
  ['2026-03-29T01:00:00Z', 'Europe/Vienna', [2026, 3, 29, 3, 0, 0]],
  ['2026-10-25T00:30:00Z', 'Europe/Vienna', [2026, 10, 25, 2, 30, 0]],
  ['2026-10-25T01:30:00Z', 'Europe/Vienna', [2026, 10, 25, 2, 30, 0]],
  ['2026-12-31T23:00:00Z', 'Europe/Vienna', [2027, 1, 1, 0, 0, 0]],
  ['2026-07-01T03:59:58Z', 'America/New_York', [2026, 6, 30, 23, 59, 58]],
  ['2026-07-01T12:00:00Z', 'Asia/Kathmandu', [2026, 7, 1, 17, 45, 0]],
])('at %s the wall clock of %s shows %j', (at, timeZone, [year, month, day, hour, minute, second]) => {
  expect(localTime(new Date(at), timeZone)).toEqual({ year, month, day, hour, minute, second });
});
