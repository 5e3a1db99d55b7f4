import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { throughProxy } from '../db/proxy.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { connect } from '../support/socket-client.ts';
import { steadyClock } from '../support/steady-clock.ts';

const folder = await mkdtemp(join(tmpdir(), 'floorwire-drain-'));
const running: ServerProcess[] = [];
afterAll(async () => {
  for (const server of running) server.process.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const LOGIN =
  'mutation { login(input: { identifier: "nobody", password: "nothing at all" }) { __typename } }';

test('a PostgreSQL that hangs keeps nobody waiting: operations get SYS_002, sockets 1012, and it ends within 10 s', async () => {
  const { connection } = await cloneDatabase();
  await using proxy = await throughProxy(connection);
  const server = await startServerProcess({ DATA_DIR: folder, DATABASE_URL: proxy.connection });
  running.push(server);
  const socket = await connect({ port: Number(new URL(server.url).port) });
  await socket.init();
  proxy.hang();
  socket.subscribe('1', LOGIN);
  await socket.roundTrip();

  using clock = steadyClock();
  server.process.kill('SIGTERM');
  const { payload } = await socket.message('1', 'next');
  expect(payload.errors[0].extensions.code).toBe('SYS_002');
  expect(await socket.closed()).toMatchObject({ code: 1012 });
  expect(await withDeadline(server.exited, 60_000, 'the end of the server')).toEqual({
    code: 0,
    signal: null,
  });
  expect(clock.elapsedMs).toBeLessThan(10_000);
  const [, afterwards = ''] = server.stdout().split('PostgreSQL does not answer; ');
  expect(afterwards).toContain('the shutdown waits for it no longer');
  expect(afterwards).not.toContain('background task');
}, 120_000);

test('somebody who never finishes what he asks costs a PostgreSQL that is well nothing: all is taken off the record', async () => {
  const { connection, floor } = await cloneDatabase();
  const server = await startServerProcess({ DATA_DIR: folder, DATABASE_URL: connection });
  running.push(server);
  const isRegistered = async () =>
    (await floor.db.selectFrom('realtime_process').select('id').execute()).length > 0;
  await eventually(isRegistered);
  const tcp = createConnection({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
  tcp.on('error', () => {});
  tcp.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n');
  tcp.write('Content-Length: 100\r\nExpect: 100-continue\r\n\r\n');
  await once(tcp, 'data');

  server.process.kill('SIGTERM');
  expect(await withDeadline(server.exited, 60_000, 'the end of the server')).toMatchObject({ code: 0 });
  expect(server.stdout()).not.toContain('PostgreSQL does not answer');
  expect(await isRegistered()).toBe(false);
}, 120_000);
