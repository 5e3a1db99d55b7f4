import { expect, test } from 'vitest';
import { createLogger } from '../../src/lib/logger.ts';
import { listAllLines } from '../../src/machine/line-store.ts';
import { startVenueClock, zoneOf } from '../../src/machine/venue-clock.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

const WAIT = { deadlineMs: 60_000 };

test('a venue’s wall clock is put forward when daylight saving begins, and back when it ends', async () => {
  const { floor } = await cloneDatabase();
  const { db } = floor;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const { id: venueId } = await aVenue(runWork);
  await aLine(runWork, { venueId });
  const [line] = await listAllLines(db);
  if (!line) throw new Error('no line');
  const timeZone = await zoneOf(db, line);
  expect(timeZone).toBe('Europe/Vienna');

  let now = new Date('2026-03-29T00:59:59.900Z');
  let looks = 0;
  let moved = 0;
  await using clock = startVenueClock({
    db,
    line,
    timeZone,
    onMoved() {
      moved += 1;
    },
    logger: createLogger('silent'),
    now() {
      looks += 1;
      return now;
    },
  });
  const lookAt = async (instant: string) => {
    now = new Date(instant);
    const before = looks;
    clock.wake();
    await eventually(() => looks > before, WAIT);
    clock.wake();
    await eventually(() => looks > before + 1, WAIT);
    return moved;
  };
  expect(clock.at(now)).toMatchObject({ hour: 1, minute: 59, second: 59 });
  expect(await lookAt('2026-03-29T00:59:59.999Z')).toBe(0);
  expect(await lookAt('2026-03-29T01:00:00.000Z')).toBe(1);
  expect(clock.at(now)).toMatchObject({ hour: 3, minute: 0, second: 0 });
  expect(await lookAt('2026-10-25T00:59:59.999Z')).toBe(1);
  expect(await lookAt('2026-10-25T01:00:00.000Z')).toBe(2);
  expect(clock.at(now)).toMatchObject({ hour: 2, minute: 0, second: 0 });

  await db.updateTable('venue').set({ time_zone: 'Asia/Tokyo' }).where('id', '=', venueId).execute();
  expect(await lookAt('2026-10-25T01:00:01.000Z')).toBe(3);
  expect(clock.at(now)).toMatchObject({ hour: 10, minute: 0 });
});
