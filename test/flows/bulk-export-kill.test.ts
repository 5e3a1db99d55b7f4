import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { createRunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { aBulkExport, linesOf, sha256Of } from '../support/bulk-export.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { signInOver } from '../support/http-client.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { filesOn } from '../support/uploads.ts';

const { connection, floor } = await cloneDatabase();
const { db } = floor;
const dataDir = await temporaryFolder();
const runWork = createRunWork({ db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);
await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
const { machines } = await aLine(runWork, { venueId, machines: 1, port: 'line' });
const start = () => startServerProcess({ DATABASE_URL: connection, DATA_DIR: dataDir, SAS_DRIVES: 'none' });

const EVENTS = 60_000;
const drafts = join(dataDir, 'uploads');

/** How many bytes have been written of what is not whole. */
async function writtenSoFar(): Promise<number> {
  const names = (await readdir(drafts)).filter((name) => name.endsWith('.export'));
  const sizes = await Promise.all(names.map(async (name) => (await stat(join(drafts, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

test('what was being written when the server was killed is written by the next, once and whole', {
  timeout: 240_000,
}, async () => {
  await sql`
    insert into machine_event (id, venue_id, machine_id, type, occurred_at)
    select gen_random_uuid(), ${venueId}, ${machines[0]?.id}, 'SLOT_DOOR_OPENED', timestamptz '2026-01-01 00:00Z' + n * interval '1 second'
    from generate_series(1, ${EVENTS}) n`.execute(db);
  const server = await start();
  // What the server itself has to say of a line that is not there comes later.
  const filter = { to: new Date('2026-06-01T00:00:00Z') };
  const { id } = await aBulkExport(runWork, { venueId, filter });
  await eventually(async () => (await writtenSoFar()) > 0);
  server.process.kill('SIGKILL');
  await server.exited;
  const find = db.selectFrom('bulk_export').selectAll().where('id', '=', id);
  // Half of it is there, and nothing that looks finished.
  expect(await find.executeTakeFirst()).toMatchObject({ status: 'RUNNING', file_id: null, attempts: 1 });
  expect(await writtenSoFar()).toBeGreaterThan(0);

  const next = await start();
  try {
    const done = await eventually(
      async () => {
        const one = await find.executeTakeFirst();
        return one?.status === 'DONE' && one;
      },
      { deadlineMs: 120_000 },
    );
    expect(done).toMatchObject({ attempts: 2, row_count: BigInt(EVENTS) });
    const token = await signInOver(next.url, { identifier: 'operator', password: PASSWORD });
    const headers = { authorization: `Bearer ${token}` };
    const text = await (await fetch(`${next.url}/exports/${id}`, { headers })).text();
    expect(sha256Of(text)).toBe(done.sha256?.toString('hex'));
    expect(new Set(linesOf(text).map((line) => line.id)).size).toBe(EVENTS);
    expect(await db.selectFrom('stored_file').select('status').execute()).toEqual([{ status: 'TAKEN' }]);
    // What the dead one left goes with the next sweep.
    await eventually(async () => (await filesOn({ dataDir })).length === 1, { deadlineMs: 120_000 });
  } finally {
    next.process.kill('SIGTERM');
    await withDeadline(next.exited, 60_000, 'the end of the server');
  }
});
