import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { joinEmbedded } from '../../src/db/embedded-join.ts';
import { createRunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { signInOver } from '../support/http-client.ts';
import { killUnderLoad } from '../support/kills.ts';
import { startMortalServer } from '../support/mortal-server.ts';
import { simulatedLines } from '../support/simulated-lines.ts';
import { report, sized } from '../support/soak.ts';

const KILLS = sized({ test: 1, soak: 20 });
const READERS = 3;
const ACKNOWLEDGED_PER_LIFE = 8;

const folder = await mkdtemp(join(tmpdir(), 'floorwire-kill-'));
const server = await startMortalServer({ DATA_DIR: folder });
const lines = await furnish();

afterAll(async () => {
  await server.stop();
  await lines[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

test('a server killed together with its own database loses, repeats and disorders nothing', {
  timeout: sized({ test: 300_000, soak: 3_600_000 }),
}, async () => {
  // It drives the lines that are there when it starts.
  await server.kill();
  const outcome = await killUnderLoad({
    server,
    openDatabase: openOwned,
    token: await signInOver(server.url, { identifier: 'operator', password: PASSWORD }),
    machineIds: lines.machineIds,
    readers: READERS,
    kills: KILLS,
    acknowledgedPerLife: ACKNOWLEDGED_PER_LIFE,
  });

  report(`${KILLS} kills, ${outcome.acknowledged} acknowledged locks, ${outcome.logged} events`);
  expect(outcome.faults).toEqual([]);
  expect(outcome.acknowledged).toBeGreaterThanOrEqual(KILLS * ACKNOWLEDGED_PER_LIFE);
});

/** A venue with an operator and a line. */
async function furnish() {
  await using database = await openOwned();
  const runWork = createRunWork({ db: database.db, onEvents: () => {} });
  const { id: venueId } = await aVenue(runWork);
  await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
  return await simulatedLines(runWork, { venueId, folder, lines: 1, machinesPerLine: 4 });
}

/** The database that the server's present life has. */
async function openOwned() {
  const connection = await joinEmbedded(folder);
  if (!connection) throw new Error('The server has no database.');
  return openDatabase({ connection, poolSize: 1, applicationName: 'test', role: APP_ROLE });
}
