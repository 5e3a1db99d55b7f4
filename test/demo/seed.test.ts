import { readFile } from 'node:fs/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { listAllVenues } from '../../src/auth/venue-store.ts';
import { seedDemo } from '../../src/demo/seed.ts';
import { DEMO_SCREEN, DEMO_VENUE } from '../../src/demo/venue.ts';
import { MACHINE_PROFILES } from '../../src/sas/host/profiles.ts';
import { findDisplays } from '../../src/signage/display-store.ts';
import { findRevisions } from '../../src/signage/revision-store.ts';
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

test('some machines of the demo restart, and others do not', async () => {
  const { floor } = await cloneDatabase();
  await seedDemo({ db: floor.db, runWork: runWorkOn(floor), auth: await anAuth(floor) });
  const machines = await floor.db.selectFrom('machine').select(['name', 'profile']).orderBy('name').execute();
  const restartOf = (profile: string | null) => MACHINE_PROFILES.get(profile ?? '')?.restart ?? null;
  expect(machines.map(({ name, profile }) => [name.slice(0, 2), restartOf(profile)])).toEqual([
    ...['A1', 'A2', 'A3', 'A4'].map((name) => [name, 'MAINTENANCE_MODE']),
    ...['B1', 'B2', 'B3', 'B4'].map((name) => [name, null]),
  ]);
});

test('the screen of the demo signs in by the code that README prints, and has something to show', async () => {
  const { floor } = await cloneDatabase();
  const auth = await anAuth(floor);
  await seedDemo({ db: floor.db, runWork: runWorkOn(floor), auth });
  const { deviceNumber, serialNumber, pairingCode } = DEMO_SCREEN;
  const { id: deviceId } = (
    await auth.authenticateDevice(
      { venue: DEMO_VENUE.slug, deviceNumber, serialNumber, pairingCode },
      { userAgent: 'screen', address: '127.0.0.1' },
    )
  ).device;
  const [venue] = await listAllVenues(floor.db);
  const venueId = venue?.id ?? '';
  const [display] = await findDisplays(floor.db, venueId, [deviceId]);
  const [lobby] = display?.desired ? await findRevisions(floor.db, venueId, [display.desired]) : [];
  expect(lobby?.name).toBe('Lobby');
  expect(lobby?.regions.map(({ content }) => content.kind)).toEqual([
    'TEXT',
    ...Array.from({ length: 5 }, () => 'LIVE'),
  ]);
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
  expect(readme).toContain(`--device ${deviceNumber} --serial ${serialNumber} --code ${pairingCode}`);
});
