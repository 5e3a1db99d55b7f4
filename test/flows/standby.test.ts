import { expect, test } from 'vitest';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { withDeadline } from '../support/deadline.ts';
import { startServerProcess } from '../support/server-process.ts';
import { connect } from '../support/socket-client.ts';
import { takeOver } from '../support/take-over.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

test('a server whose database becomes another one sends its sockets away and ends, to be started anew', async () => {
  const { connection, floor } = await cloneDatabase();
  await aVenue(runWorkOn(floor));
  const server = await startServerProcess({
    DATABASE_URL: connection,
    DATA_DIR: await temporaryFolder(),
  });
  const client = await connect({ port: Number(new URL(server.url).port) });
  await client.init();
  await takeOver({ connection }, { without: 0 });
  expect(await withDeadline(client.closed(), 60_000, 'the socket to close')).toMatchObject({ code: 1012 });
  expect(await withDeadline(server.exited, 60_000, 'the server to end')).toEqual({ code: 1, signal: null });
  expect(server.stdout()).toContain('the database has become another one');
});
