import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { createRunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { signInOver } from '../support/http-client.ts';
import { killUnderLoad } from '../support/kills.ts';
import { startMortalServer } from '../support/mortal-server.ts';
import { simulatedLines } from '../support/simulated-lines.ts';
import { report, sized } from '../support/soak.ts';

const KILLS = sized({ test: 2, soak: 100 });
const LINES = sized({ test: 2, soak: 4 });
const READERS = sized({ test: 4, soak: 8 });
const ACKNOWLEDGED_PER_LIFE = 16;

const { connection, floor } = await cloneDatabase();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-kill-'));
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);
await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
const lines = await simulatedLines(runWork, { venueId, folder, lines: LINES, machinesPerLine: 4 });
const server = await startMortalServer({ DATABASE_URL: connection, DATA_DIR: folder });

afterAll(async () => {
  await server.stop();
  await lines[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a server killed at any moment loses, repeats and disorders nothing', {
  timeout: sized({ test: 300_000, soak: 3_600_000 }),
}, async () => {
  const outcome = await killUnderLoad({
    server,
    openDatabase: async () =>
      openDatabase({ connection, poolSize: 1, applicationName: 'test', role: APP_ROLE }),
    token: await signInOver(server.url, { identifier: 'operator', password: PASSWORD }),
    machineIds: lines.machineIds,
    readers: READERS,
    kills: KILLS,
    acknowledgedPerLife: ACKNOWLEDGED_PER_LIFE,
  });

  report(`${KILLS} kills, ${outcome.acknowledged} acknowledged locks, ${outcome.logged} events`);
  report(`the readers came back ${outcome.resumed.join(', ')} times`);
  expect(outcome.faults).toEqual([]);
  expect(outcome.acknowledged).toBeGreaterThanOrEqual(KILLS * ACKNOWLEDGED_PER_LIFE);
  // Who is away by himself misses a kill.
  expect(Math.min(...outcome.resumed)).toBeGreaterThan(0);
});
