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

test('the players of the demo have money, which the venue counts as cash', async () => {
  const { floor } = await cloneDatabase();
  await seedDemo({ db: floor.db, runWork: runWorkOn(floor), auth: await anAuth(floor) });
  const accounts = await floor.db
    .selectFrom('ledger_account')
    .leftJoin('app_user', 'app_user.id', 'ledger_account.user_id')
    .select(['kind', 'username', 'balance'])
    .where('balance', '<>', 0n)
    .orderBy('balance')
    .execute();
  expect(accounts).toEqual([
    { kind: 'CASH', username: null, balance: -350_00n },
    { kind: 'WALLET', username: 'player2', balance: 100_00n },
    { kind: 'WALLET', username: 'player1', balance: 250_00n },
  ]);
});
