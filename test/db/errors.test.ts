import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { connectClient, openDatabase } from '../../src/db/database.ts';
import { isConnectionError, isRetryable, isViolationOf } from '../../src/db/errors.ts';
import { emptyDatabase } from '../support/database.ts';

const { connection } = await emptyDatabase();
const open = (applicationName: string, poolSize = 1) =>
  openDatabase({ connection, poolSize, applicationName });
const errorOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => null,
    (error: unknown) => error,
  );

test.each([
  ['a missing socket', 'postgres://a:b@%2Fnot%2Fthere:5432/c?sslmode=disable'],
  ['a closed port', 'postgres://a:b@127.0.0.1:1/c'],
  ['a closed port of a name with two addresses', 'postgres://a:b@localhost:1/c'],
  ['a name that does not exist', 'postgres://a:b@nowhere.invalid:5432/c'],
])('%s is a connection error', async (_what, url) => {
  expect(isConnectionError(await errorOf(connectClient(url, { applicationName: 'lost' })))).toBe(true);
});

test('a database that was given up is a connection error to whoever asks it later', async () => {
  const { db, abandon } = open('abandoned');
  abandon();
  expect(isConnectionError(await errorOf(sql`select`.execute(db)))).toBe(true);
});

test('a server that speaks no TLS where it has to is a connection error', async () => {
  const server = createServer((socket) => socket.once('data', () => socket.end('N'))).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const url = `postgres://a:b@127.0.0.1:${port}/c?sslmode=verify-full`;
  const error = await errorOf(connectClient(url, { applicationName: 'plain' }));
  server.close();
  expect(error).toMatchObject({ message: 'The server does not support SSL connections' });
  expect(isConnectionError(error)).toBe(true);
});

test.each([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_HAS_EXPIRED',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
])('%s, with which TLS refuses a server, is a connection error', (code) => {
  expect(isConnectionError(Object.assign(new Error('refused'), { code }))).toBe(true);
});

test('a session that the server ends is a connection error', async () => {
  await using floor = open('ended');
  const error = await errorOf(floor.pool.query('select pg_terminate_backend(pg_backend_pid())'));
  expect(isConnectionError(error)).toBe(true);
});

test('a pool with no connection free in time is a connection error', async () => {
  await using floor = open('busy');
  const taken = await floor.pool.connect();
  const error = await errorOf(floor.pool.query('select 1'));
  taken.release();
  expect(String(error)).toContain('timeout exceeded when trying to connect');
  expect(isConnectionError(error)).toBe(true);
});

test('a statement the server refuses is no connection error', async () => {
  await using floor = open('refused');
  for (const text of ['select nonsense', 'select 1/0', "select 'x'::int", 'select * from missing']) {
    expect(isConnectionError(await errorOf(floor.pool.query(text)))).toBe(false);
  }
  const wrongPassword = connection.replace(/:[^:@/]*@/, ':wrong@');
  expect(isConnectionError(await errorOf(connectClient(wrongPassword, { applicationName: 'wrong' })))).toBe(
    false,
  );
});

test.each([
  ['an error of the file system', Object.assign(new Error('no file'), { code: 'ENOENT', syscall: 'open' })],
  ['a key that is none', Object.assign(new Error('no key'), { code: 'ERR_OSSL_UNSUPPORTED' })],
  ['an error of our own', new Error('Connection to the machine lost')],
  ['no error', 'Connection terminated'],
  ['nothing', undefined],
])('%s is no connection error', (_what, error) => {
  expect(isConnectionError(error)).toBe(false);
});

test('a violation is told by the name of its constraint', async () => {
  await using floor = open('violation');
  await floor.pool.query(`
    create table slot (id int constraint slot_once unique, price int constraint slot_price check (price > 0))`);
  await floor.pool.query('insert into slot values (1, 1)');
  const twice = await errorOf(floor.pool.query('insert into slot values (1, 2)'));
  const free = await errorOf(floor.pool.query('insert into slot values (2, 0)'));
  expect([isViolationOf(twice, 'slot_once'), isViolationOf(twice, 'slot_price')]).toEqual([true, false]);
  expect([isViolationOf(free, 'slot_once'), isViolationOf(free, 'slot_price')]).toEqual([false, true]);
  expect(isViolationOf(new Error('slot_once'), 'slot_once')).toBe(false);
  expect(isViolationOf(null, 'slot_once')).toBe(false);
});

test('a deadlock may be run again, and so may a serialization failure', async () => {
  await using floor = open('deadlock', 2);
  await floor.pool.query(
    'create table account (id int primary key, n int); insert into account values (1, 0), (2, 0)',
  );
  const cross = async (order: readonly [number, number], isolation: string, meet: () => Promise<void>) => {
    const client = await floor.pool.connect();
    try {
      await client.query(`begin isolation level ${isolation}`);
      await client.query('select sum(n) from account');
      await client.query('update account set n = n + 1 where id = $1', [order[0]]);
      await meet();
      await client.query('update account set n = n + 1 where id = $1', [order[1]]);
      await client.query('commit');
    } finally {
      await client.query('rollback');
      client.release();
    }
  };
  for (const [isolation, code] of [
    ['read committed', '40P01'],
    ['serializable', '40001'],
  ] as const) {
    const meet = meetingOf(2);
    const orders: readonly (readonly [number, number])[] =
      code === '40P01'
        ? [
            [1, 2],
            [2, 1],
          ]
        : [
            [1, 1],
            [2, 2],
          ];
    const errors = await Promise.all(orders.map((order) => errorOf(cross(order, isolation, meet))));
    const failed = errors.filter((error) => error !== null);
    expect(failed).toMatchObject([{ code }]);
    expect(failed.map(isRetryable)).toEqual([true]);
  }
  expect(isRetryable(await errorOf(floor.pool.query('select 1/0')))).toBe(false);
});

/** A function whose calls return once all have been made. */
function meetingOf(count: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    arrived += 1;
    if (arrived === count) open();
    return all;
  };
}
