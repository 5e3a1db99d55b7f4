import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { openDatabase } from '../src/db/database.ts';
import { openRedis } from '../src/events/redis.ts';
import { serverHealth } from '../src/health.ts';
import { cloneDatabase } from './support/database.ts';
import { eventually } from './support/deadline.ts';
import { aRedis } from './support/redis.ts';

const ALONE = { redis: null, isStorageFailing: null };
const { connection, floor } = await cloneDatabase();

test('a database that takes no writes is not well, however fast it answers', async () => {
  expect((await serverHealth({ db: floor.db, ...ALONE })).status).toBe('HEALTHY');
  const url = new URL(connection);
  url.searchParams.set('options', '-c default_transaction_read_only=on');
  await using standby = openDatabase({ connection: url.href, poolSize: 2, applicationName: 'standby' });
  expect(await serverHealth({ db: standby.db, ...ALONE })).toMatchObject({
    status: 'UNHEALTHY',
    checks: [{ name: 'database', status: 'UNHEALTHY', message: 'PostgreSQL takes no writes.' }],
  });
});

/** A process that listens to a channel of a Redis of its own, and what /health says of that. */
async function withRedis(context: TestContext) {
  const server = await aRedis(context);
  server.start();
  const redis = await openRedis(server.url, () => {});
  const faults: unknown[] = [];
  let listened = 0;
  const ear = redis.listen('floorwire:test', {
    hear: () => {},
    onListening: () => (listened += 1),
    onError: (error) => faults.push(error),
  });
  onTestFinished(async () => {
    await ear[Symbol.asyncDispose]();
    await redis[Symbol.asyncDispose]();
  });
  const check = async () => {
    const { checks } = await serverHealth({ db: floor.db, redis, isStorageFailing: null });
    return checks.find(({ name }) => name === 'redis');
  };
  await eventually(async () => (await check())?.status === 'HEALTHY');
  return { redis, check, faults, listened: () => listened };
}

test('a Redis that takes no writes counts nothing, however fast it answers', async (context) => {
  const { redis, check } = await withRedis(context);
  await redis.client.call('REPLICAOF', '127.0.0.1', '1');
  expect(await check()).toMatchObject({ status: 'UNHEALTHY', message: 'Redis takes no writes.' });
  await redis.client.call('REPLICAOF', 'NO', 'ONE');
  expect(await check()).toMatchObject({ status: 'HEALTHY', message: 'Redis answers.' });
});

test('who may listen to no channel hears nothing of the others: that is no health, and told once', async (context) => {
  const { redis, check, faults, listened } = await withRedis(context);
  await redis.client.call('ACL', 'SETUSER', 'default', 'resetchannels');
  await eventually(() => faults.length > 0);
  expect(await check()).toMatchObject({
    status: 'UNHEALTHY',
    message: 'Redis answers, but hands on nothing of what other processes say.',
  });
  await redis.client.call('ACL', 'SETUSER', 'default', 'allchannels');
  await eventually(() => listened() > 1);
  expect(await check()).toMatchObject({ status: 'HEALTHY' });
  expect(faults).toHaveLength(1);
});
