import { request } from 'node:http';
import { expect, test } from 'vitest';
import { createRunWork } from '../../src/work.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { httpClient, signInOver } from '../support/http-client.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { announcing, filesOn } from '../support/uploads.ts';

const { connection, floor } = await cloneDatabase();
const dataDir = await temporaryFolder();
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);
await aUser(runWork, { venueId, roles: ['OPERATOR'], username: 'operator' });
const start = () => startServerProcess({ DATABASE_URL: connection, DATA_DIR: dataDir });

test('of a file that was coming when the server was killed nothing is left once it is given up', {
  timeout: 180_000,
}, async () => {
  const server = await start();
  const { post } = httpClient(server.url);
  const token = await signInOver(server.url, { identifier: 'operator', password: PASSWORD });
  const bytes = Buffer.alloc(1_000_000, 5);
  const query =
    'mutation ($input: StageUploadInput!) { stageUpload(input: $input) { ... on StageUploadSuccess { url uploadToken } } }';
  const staged = await post(
    { query, variables: { input: announcing(bytes) } },
    { authorization: `Bearer ${token}` },
  );
  const sending = request(staged.body.data.stageUpload.url, {
    method: 'PUT',
    headers: { 'content-length': bytes.length },
  });
  sending.on('error', () => {});
  sending.write(bytes.subarray(0, 500_000));
  await eventually(async () => (await filesOn({ dataDir })).length === 1);
  server.process.kill('SIGKILL');
  await server.exited;
  expect(await filesOn({ dataDir })).toHaveLength(1);

  // It is given up when nothing was heard of its server for a minute, which is long over here.
  await floor.db
    .updateTable('stored_file')
    .set({ expires_at: new Date(0) })
    .execute();
  const next = await start();
  try {
    await eventually(async () => (await filesOn({ dataDir })).length === 0, { deadlineMs: 60_000 });
    await eventually(
      async () => (await floor.db.selectFrom('stored_file').select('id').execute()).length === 0,
      { deadlineMs: 60_000 },
    );
  } finally {
    next.process.kill('SIGTERM');
    await withDeadline(next.exited, 60_000, 'the end of the server');
  }
});
