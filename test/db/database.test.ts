import type { Socket } from 'node:net';
import net from 'node:net';
import { sql } from 'kysely';
import type pg from 'pg';
import { expect, test } from 'vitest';
import {
  APP_ROLE,
  checkServerVersion,
  closeClient,
  connectClient,
  openDatabase,
} from '../../src/db/database.ts';
import { DatabaseSetupError, isConnectionError } from '../../src/db/errors.ts';
import { migrate } from '../../src/db/migrate.ts';
import { emptyDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { migrationFolder } from './migration-folder.ts';
import { throughProxy } from './proxy.ts';

const database = await emptyDatabase();
const { connection, floor } = database;
const folder = await migrationFolder({
  '0001-note.sql': `
    create table note (id int primary key, text text not null);
    grant select, insert on note to ${APP_ROLE};`,
});
await migrate(connection, folder);

test('int8 arrives as bigint, in arrays too, and other numbers as they were', async () => {
  const { rows } = await sql`
    select 9007199254740993::int8 as big, array[1, null, 2]::int8[] as list, count(*) as count, 7::int4 as small
    from generate_series(1, 3)`.execute(floor.db);
  expect(rows).toEqual([{ big: 9007199254740993n, list: [1n, null, 2n], count: 3n, small: 7 }]);
});

test('sessions start with their limits, generic plans and the role of the application', async () => {
  const { rows } = await floor.pool.query(`
    select current_user as role, current_setting('plan_cache_mode') as plans, current_setting('jit') as jit,
      current_setting('statement_timeout') as statement,
      current_setting('idle_in_transaction_session_timeout') as idle,
      current_setting('application_name') as name`);
  expect(rows).toEqual([
    { role: APP_ROLE, plans: 'force_generic_plan', jit: 'off', statement: '15s', idle: '10s', name: 'test' },
  ]);
});

test("a URL's own options stand beside ours", async () => {
  const url = `${connection}${connection.includes('?') ? '&' : '?'}options=${encodeURIComponent('-c work_mem=7MB')}`;
  const client = await connectClient(url, { applicationName: 'options', role: APP_ROLE });
  const { rows } = await client.query(
    "select current_setting('work_mem') as memory, current_user as role, current_setting('tcp_user_timeout') as tcp",
  );
  await closeClient(client);
  expect(rows[0]).toMatchObject({ memory: '7MB', role: APP_ROLE });
});

test('the application reads and adds where it was granted to, and changes and removes nothing', async () => {
  await floor.pool.query("insert into note values (1, 'kept')");
  const refusal = { code: '42501', message: 'permission denied for table note' };
  await expect(floor.pool.query("update note set text = 'changed'")).rejects.toMatchObject(refusal);
  await expect(floor.pool.query('delete from note')).rejects.toMatchObject(refusal);
  await expect(floor.pool.query('truncate note')).rejects.toMatchObject(refusal);
  await expect(floor.pool.query('drop table note')).rejects.toMatchObject({ code: '42501' });
  await expect(floor.pool.query('create table mine ()')).rejects.toMatchObject({ code: '42501' });
  expect((await floor.pool.query('select * from note')).rows).toEqual([{ id: 1, text: 'kept' }]);
});

test('a statement that takes too long is ended and its connection stays in use', async () => {
  await using own = openDatabase({
    connection,
    poolSize: 1,
    applicationName: 'slow',
    statementTimeoutMs: 100,
  });
  const { rows: before } = await sql`select pg_backend_pid() as pid`.execute(own.db);
  await expect(sql`select pg_sleep(30)`.execute(own.db)).rejects.toMatchObject({ code: '57014' });
  const { rows: after } = await sql`select pg_backend_pid() as pid`.execute(own.db);
  expect(after).toEqual(before);
});

test('only a connection that is used is ended when nothing moves on it', async () => {
  await using floor = openDatabase({
    connection,
    poolSize: 1,
    applicationName: 'silent',
    statementTimeoutMs: 1_000,
  });
  const client = await floor.pool.connect();
  const { stream: socket } = (client as unknown as { readonly connection: { readonly stream: Socket } })
    .connection;
  expect(socket.timeout).toBe(6_000);
  client.release();
  expect(socket.timeout).toBe(0);
  const again = await floor.pool.connect();
  expect(socket.timeout).toBe(6_000);
  // As if the host had vanished.
  const asked = again.query('select pg_sleep(60)');
  socket.emit('timeout');
  await expect(asked).rejects.toMatchObject({ code: 'ETIMEDOUT' });
  again.release();
});

test('a pool outlives its idle connections being closed by the server', async () => {
  const lost: Error[] = [];
  await using own = openDatabase({
    connection,
    poolSize: 1,
    applicationName: 'idle',
    onIdleError: (error) => lost.push(error),
  });
  const { rows } = await own.pool.query('select pg_backend_pid() as pid');
  const admin = await connectClient(connection, { applicationName: 'admin' });
  await admin.query('select pg_terminate_backend($1)', [rows[0].pid]);
  await closeClient(admin);
  await eventually(() => lost.length > 0);
  expect(isConnectionError(lost[0])).toBe(true);
  expect((await own.pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
});

test('a transaction whose connection dies between two statements ends with a connection error', async () => {
  await using own = openDatabase({ connection, poolSize: 2, applicationName: 'between' });
  const transaction = own.db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(trx);
    await sql`select pg_terminate_backend(${rows[0]?.pid})`.execute(own.db);
    await eventually(async () => {
      const left = await sql`select from pg_stat_activity where pid = ${rows[0]?.pid}`.execute(own.db);
      return left.rows.length === 0;
    });
    await sql`select 2`.execute(trx);
  });
  await expect(transaction).rejects.toSatisfy(isConnectionError);
  expect((await own.pool.query('select 3 as three')).rows).toEqual([{ three: 3 }]);
});

test('a client of its own tells once that it was lost, and not that it was closed', async () => {
  const lost: Error[] = [];
  const onLost = (error: Error) => lost.push(error);
  const closed = await connectClient(connection, { applicationName: 'closed', onLost });
  await closeClient(closed);
  const killed = await connectClient(connection, { applicationName: 'killed', onLost });
  await expect(killed.query('select pg_terminate_backend(pg_backend_pid())')).rejects.toMatchObject({
    code: '57P01',
  });
  await eventually(() => lost.length > 0);
  await closeClient(killed);
  expect(lost).toHaveLength(1);
  expect(isConnectionError(lost[0])).toBe(true);
});

// What waits for a time limit of ours waits together.
test.concurrent('a query whose server vanishes without a word ends, and the next one finds the server again', async () => {
  await using proxy = await throughProxy(connection);
  await using own = openDatabase({
    connection: proxy.connection,
    poolSize: 1,
    applicationName: 'silent',
    statementTimeoutMs: 500,
  });
  await own.pool.query('select 1');
  proxy.swallow();
  const error: unknown = await own.pool.query('select 2').catch((reason: unknown) => reason);
  expect(isConnectionError(error)).toBe(true);
  expect((await own.pool.query('select 3 as three')).rows).toEqual([{ three: 3 }]);
});

test.concurrent('a client is closed in time though the server does not answer', async () => {
  await using proxy = await throughProxy(connection);
  const client = await connectClient(proxy.connection, { applicationName: 'stuck' });
  proxy.swallow();
  await withDeadline(closeClient(client), 60_000, 'closing');
});

test.concurrent('connecting to a server that takes connections and says nothing ends in time', async () => {
  const server = net.createServer((socket) => socket.resume());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  const url = `postgres://nobody:nothing@127.0.0.1:${port}/nowhere`;
  const error: unknown = await connectClient(url, { applicationName: 'mute' }).catch(
    (reason: unknown) => reason,
  );
  expect(isConnectionError(error)).toBe(true);
  await new Promise((resolve) => server.close(resolve));
});

test.each([
  ['14.11', true],
  ['9.6.24', true],
  ['15.0 (Debian 15.0-1)', false],
  ['18.4', false],
])('PostgreSQL %s is refused: %s', async (version, refused) => {
  const client = { query: async () => ({ rows: [{ server_version: version }] }) } as unknown as pg.ClientBase;
  const check = checkServerVersion(client);
  if (refused) await expect(check).rejects.toThrow(DatabaseSetupError);
  else await expect(check).resolves.toBeUndefined();
});
