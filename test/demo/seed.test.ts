import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { listAllVenues } from '../../src/auth/venue-store.ts';
import { seedDemo } from '../../src/demo/seed.ts';
import type { RunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { cloneDatabase } from '../support/database.ts';

test('of two processes that start at once on an empty database, one seeds it and both go on', async () => {
  const { floor } = await cloneDatabase();
  const auth = await anAuth(floor);
  // Slow to commit, so that each begins before the other is done.
  const runWork: RunWork = (actor, task) =>
    runWorkOn(floor)(actor, async (work) => {
      const value = await task(work);
      await pause(500);
      return value;
    });
  const seed = () => seedDemo({ db: floor.db, runWork, auth });
  expect((await Promise.all([seed(), seed()])).sort()).toEqual([false, true]);
  expect(await listAllVenues(floor.db)).toHaveLength(1);
});
