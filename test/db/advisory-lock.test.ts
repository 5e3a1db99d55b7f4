import { expect, test } from 'vitest';
import { holdLock, type LockOptions, lockKey } from '../../src/db/advisory-lock.ts';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { emptyDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { throughProxy } from './proxy.ts';

const { connection } = await emptyDatabase();

/** A contender that writes down what happens to it. */
function contender(name: string, events: string[], options: Partial<LockOptions> = {}): AsyncDisposable {
  return holdLock({
    connection,
    name: 'job',
    retryMs: 50,
    onAcquired: () => void events.push(`${name} has it`),
    onLost: () => void events.push(`${name} lost it`),
    ...options,
  });
}

async function terminateHolder(): Promise<void> {
  const client = await connectClient(connection, { applicationName: 'admin' });
  await client.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())`,
  );
  await closeClient(client);
}

test('one holds the lock until it is disposed of, then the other does', async () => {
  const events: string[] = [];
  const first = contender('first', events);
  await eventually(() => events.length === 1);
  const second = contender('second', events);
  // It has tried and been refused once a session of its own shows in the server.
  await eventually(async () => (await waiting()) === 2);
  expect(events).toEqual(['first has it']);
  await first[Symbol.asyncDispose]();
  await eventually(() => events.length === 3);
  await second[Symbol.asyncDispose]();
  expect(events).toEqual(['first has it', 'first lost it', 'second has it', 'second lost it']);
});

test('a holder whose connection dies is told, and the lock moves or comes back', async () => {
  const events: string[] = [];
  await using _first = contender('first', events);
  await eventually(() => events.length === 1);
  await using _second = contender('second', events);
  await eventually(async () => (await waiting()) === 2);
  await terminateHolder();
  await eventually(() => events.length >= 3);
  expect(events.filter((event) => event === 'first lost it')).toHaveLength(1);
  await terminateHolder();
  await eventually(() => events.filter((event) => event.endsWith('has it')).length === 3);
});

test('a holder that hears nothing from its server gives up the lock by itself', async () => {
  await using proxy = await throughProxy(connection);
  const events: string[] = [];
  const errors: unknown[] = [];
  await using _holder = contender('holder', events, {
    connection: proxy.connection,
    onError: (error) => errors.push(error),
  });
  await eventually(() => events.length === 1);
  proxy.swallow();
  await eventually(() => events.includes('holder lost it'), { deadlineMs: 15_000 });
  const error = await eventually(() => errors[0]);
  expect(String(error)).toContain('does not answer');
});

test('a holder that cannot start its work gives the lock back and tries again', async () => {
  const events: string[] = [];
  const errors: unknown[] = [];
  let tries = 0;
  await using _holder = contender('holder', events, {
    onAcquired: () => {
      tries += 1;
      if (tries === 1) throw new Error('not yet');
      events.push('holder has it');
    },
    onError: (error) => errors.push(error),
  });
  await eventually(() => events.length === 1);
  expect(String(errors[0])).toContain('not yet');
  expect(events).toEqual(['holder has it']);
});

test('a contender waits for a server that is away, and can be disposed of meanwhile', async () => {
  const errors: unknown[] = [];
  const lock = contender('lonely', [], {
    connection: 'postgres://a:b@127.0.0.1:1/c',
    onError: (error) => errors.push(error),
  });
  await eventually(() => errors.length >= 2);
  await lock[Symbol.asyncDispose]();
});

test('names are told apart by their keys, which are 64-bit integers', () => {
  expect(lockKey('sequencer')).toBe(lockKey('sequencer'));
  expect(lockKey('sequencer')).not.toBe(lockKey('Sequencer'));
  for (const name of ['', 'job', 'x'.repeat(1000)])
    expect(BigInt.asIntN(64, BigInt(lockKey(name)))).toBe(BigInt(lockKey(name)));
});

/** Sessions of contenders that have asked at least once. */
async function waiting(): Promise<number> {
  const client = await connectClient(connection, { applicationName: 'admin' });
  const { rows } = await client.query<{ count: number }>(
    `select count(*)::int as count from pg_stat_activity
     where datname = current_database() and application_name = 'floorwire lock: job' and state = 'idle' and query <> ''`,
  );
  await closeClient(client);
  return rows[0]?.count ?? 0;
}
