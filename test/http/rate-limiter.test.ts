import { expect, onTestFinished, test } from 'vitest';
import { openRedis, type RedisConnection } from '../../src/events/redis.ts';
import { RateLimitedError } from '../../src/graphql/rate-limits.ts';
import { createRateLimiter } from '../../src/http/rate-limiter.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { scrape } from '../support/metrics.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { aRedis, freePort } from '../support/redis.ts';

const THREE = { ...NO_RATE_LIMITS, operationsPerAddress: 3 };
const BUCKET = 'OPERATIONS_PER_ADDRESS';

async function connectTo(url: string): Promise<RedisConnection> {
  const redis = await openRedis(url, () => {});
  onTestFinished(() => redis[Symbol.asyncDispose]());
  return redis;
}

const ofProcess = ({ client }: RedisConnection, installation = 'here') =>
  createRateLimiter(THREE, { client, installation });

test('points are counted for each key and bucket by itself', async () => {
  const limits = createRateLimiter({ ...THREE, operationsPerUser: 1 }, null);
  for (let i = 0; i < 3; i += 1) await limits.take(BUCKET, 'a');
  await expect(limits.take(BUCKET, 'a')).rejects.toThrow(RateLimitedError);
  await limits.take(BUCKET, 'b');
  await limits.take('OPERATIONS_PER_USER', 'a');
  expect(await limits.standing(BUCKET, 'a')).toMatchObject({ limit: 3, remaining: 0 });
  expect(await limits.standing(BUCKET, 'b')).toMatchObject({ limit: 3, remaining: 2 });
  expect(await limits.standing(BUCKET, 'c')).toMatchObject({ limit: 3, remaining: 3 });
});

test('of many at once exactly as many are let in as there are points', async () => {
  const limits = createRateLimiter(THREE, null);
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, () => limits.take(BUCKET, 'a')));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(3);
});

test('processes that share a Redis count together, and go on by themselves while it is away', async (context) => {
  const redis = await aRedis(context);
  redis.start();
  const [one, other] = [await connectTo(redis.url), await connectTo(redis.url)];
  await eventually(() => [one, other].every(({ client }) => client.status === 'ready'));

  const [here, there] = [ofProcess(one), ofProcess(other)];
  await here.take(BUCKET, 'a');
  await there.take(BUCKET, 'a');
  await here.take(BUCKET, 'a');
  await expect(there.take(BUCKET, 'a')).rejects.toMatchObject({ code: 'API_005' });
  expect(await here.standing(BUCKET, 'a')).toMatchObject({ limit: 3, remaining: 0 });

  await redis.kill();
  await eventually(() => one.client.status !== 'ready');
  for (let i = 0; i < 3; i += 1) await here.take(BUCKET, 'a');
  await expect(here.take(BUCKET, 'a')).rejects.toMatchObject({ code: 'API_005' });
});

test('installations at one Redis count apart', async (context) => {
  const redis = await aRedis(context);
  redis.start();
  const connection = await connectTo(redis.url);
  await eventually(() => connection.client.status === 'ready');
  const [here, elsewhere] = [ofProcess(connection), ofProcess(connection, 'elsewhere')];
  for (let i = 0; i < 3; i += 1) await here.take(BUCKET, 'a');
  await expect(here.take(BUCKET, 'a')).rejects.toMatchObject({ code: 'API_005' });
  expect((await elsewhere.standing(BUCKET, 'a')).remaining).toBe(3);
});

test('a Redis that hangs keeps nobody waiting once it was noticed, and counts again when it goes on', async (context) => {
  const redis = await aRedis(context);
  redis.start();
  const connection = await connectTo(redis.url);
  const { client, look } = connection;
  await eventually(() => client.status === 'ready');
  const limiter = ofProcess(connection);
  await limiter.take(BUCKET, 'a');

  redis.hang();
  for (let i = 0; i < 3; i += 1) await limiter.take(BUCKET, 'a');
  // While it stays ready, each request waits for an answer until its time is over.
  await eventually(() => client.status !== 'ready');
  await expect(limiter.take(BUCKET, 'a')).rejects.toMatchObject({ code: 'API_005' });
  expect((await look()).standing).toBe('SILENT');

  redis.goOn();
  await eventually(async () => (await look()).standing === 'SERVES');
  expect((await limiter.standing(BUCKET, 'b')).remaining).toBe(3);
});

const floorPort = await freePort();
const floor = await aFloorApp({ machines: 0, settings: { redisUrl: `redis://127.0.0.1:${floorPort}` } });

test('without its Redis a server is not ready, says so, and answers; with it, it is', async (context) => {
  const redis = await aRedis(context, floorPort);
  const health = async () => {
    const response = await fetch(`${floor.app().url}/health`);
    const { checks } = (await response.json()) as { checks: { name: string; status: string }[] };
    return { status: response.status, redis: checks.find(({ name }) => name === 'redis')?.status };
  };
  const isUp = async () => (await scrape(floor.app().url)).value('floorwire_redis_up');
  expect(await health()).toEqual({ status: 503, redis: 'UNHEALTHY' });
  expect(await isUp()).toBe(0);
  expect((await httpClient(floor.app().url).ask('{ apiInfo { name } }')).body.data.apiInfo.name).toBe(
    'floorwire',
  );

  redis.start();
  await eventually(async () => (await health()).redis === 'HEALTHY');
  expect((await health()).status).toBe(200);
  expect(await isUp()).toBe(1);
});
