import { setTimeout as pause } from 'node:timers/promises';
import { expect, onTestFinished, type TestContext, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { type Carrier, type CarrierOptions, startNotifyCarrier } from '../../src/events/carrier.ts';
import type { Signal } from '../../src/events/events.ts';
import { startListener } from '../../src/events/listener.ts';
import { openRedis, startRedisCarrier } from '../../src/events/redis.ts';
import { startSignalBus } from '../../src/events/signal-bus.ts';
import { newId } from '../../src/lib/ids.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { TEST_VENUE } from '../support/event-log.ts';
import { aRedis } from '../support/redis.ts';

const { connection } = await cloneDatabase();

const changed = (subject: string, number = 0): Signal<'test.changed'> => ({
  type: 'test.changed',
  venueId: TEST_VENUE,
  subject,
  payload: { subject, number },
});

/** A process as the others hear it, and what it hears of them. */
function aProcess(startCarrier: (options: CarrierOptions) => Carrier) {
  const heard: Signal[] = [];
  let wakes = 0;
  let readings = 0;
  const errors: unknown[] = [];
  const bus = startSignalBus({
    startCarrier,
    onSignal: (signal) => heard.push(signal),
    onWake: () => (wakes += 1),
    onLost: () => (readings += 1),
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => bus[Symbol.asyncDispose]());
  return {
    bus,
    heard,
    errors,
    wakes: () => wakes,
    readings: () => readings,
    listens: () => eventually(() => readings > 0),
  };
}

const byNotify = () => aProcess((options) => startNotifyCarrier(connection, options));

async function byRedis(url: string, channel: string) {
  const redis = await openRedis(url, () => {});
  onTestFinished(() => redis[Symbol.asyncDispose]());
  return aProcess((options) => startRedisCarrier(redis, channel, options));
}

/** Two processes of an installation without a Redis, and two of one with. */
const INSTALLATIONS = [
  ['PostgreSQL', async () => [byNotify(), byNotify()] as const],
  [
    'Redis',
    async (context: TestContext) => {
      const redis = await aRedis(context);
      redis.start();
      const channel = newId();
      return [await byRedis(redis.url, channel), await byRedis(redis.url, channel)] as const;
    },
  ],
] as const;

for (const [name, start] of INSTALLATIONS) {
  test(`over ${name} what one process says the other hears, as it was, and itself does not`, async (context) => {
    const [one, other] = await start(context);
    await Promise.all([one.listens(), other.listens()]);
    one.bus.send(changed('a', 1));
    one.bus.wakeOthers();
    await eventually(() => other.heard.length === 1 && other.wakes() === 1);
    expect(other.heard).toEqual([changed('a', 1)]);
    other.bus.send(changed('b', 2));
    await eventually(() => one.heard.length === 1);
    expect(one.heard).toEqual([changed('b', 2)]);
    expect([one.wakes(), one.errors, other.errors]).toEqual([0, [], []]);
  });

  test(`over ${name} the newest of each subject arrives, the last said last, however much is said`, async (context) => {
    const [one, other] = await start(context);
    await Promise.all([one.listens(), other.listens()]);
    for (let number = 1; number <= 2_000; number += 1) {
      one.bus.send(changed(`${'x'.repeat(500)}-${number % 40}`, number));
      if (number % 100 === 0) await pause(1);
    }
    const last = () => other.heard.at(-1)?.payload;
    await eventually(() => (last() as { number?: number } | undefined)?.number === 2_000);
    const newest = new Map(other.heard.map((signal) => [signal.subject, signal.payload]));
    expect([...newest.values()]).toHaveLength(40);
    expect([...newest.values()].map((payload) => (payload as { number: number }).number).sort()).toEqual(
      Array.from({ length: 40 }, (_, at) => 1_961 + at),
    );
    expect(other.heard.length).toBeLessThan(2_000);
  });
}

test('what is said before the others can be told is told once they can', async (context) => {
  const redis = await aRedis(context);
  const channel = newId();
  const [one, other] = [await byRedis(redis.url, channel), await byRedis(redis.url, channel)];
  one.bus.send(changed('early'));
  redis.start();
  await Promise.all([one.listens(), other.listens()]);
  one.bus.send(changed('late'));
  await eventually(() => other.heard.some(({ subject }) => subject === 'late'));
});

test('after an outage of Redis everybody reads state again, also who was told nothing himself', async (context) => {
  const redis = await aRedis(context);
  redis.start();
  const channel = newId();
  const [one, other] = [await byRedis(redis.url, channel), await byRedis(redis.url, channel)];
  await Promise.all([one.listens(), other.listens()]);
  await redis.kill();
  const before = other.readings();
  one.bus.send(changed('lost'));
  await eventually(() => one.errors.length > 0);
  redis.start();
  await eventually(() => other.readings() > before && one.readings() > 1);
  one.bus.send(changed('found'));
  await eventually(() => other.heard.some(({ subject }) => subject === 'found'));
  // An outage is told once, not at every try.
  expect(one.errors).toHaveLength(1);
});

test('after a cut of the connection to PostgreSQL state is read again and signals come on', async () => {
  const [one, other] = [byNotify(), byNotify()];
  await Promise.all([one.listens(), other.listens()]);
  const before = other.readings();
  await cutListeners();
  await eventually(() => other.readings() > before && one.readings() > 1);
  one.bus.send(changed('after'));
  await eventually(() => other.heard.some(({ subject }) => subject === 'after'));
});

test('what one process could not say has the others read state again, once', async () => {
  const other = byNotify();
  await other.listens();
  const spared = await listeners();
  const one = byNotify();
  await one.listens();
  const before = other.readings();
  await eventually(async () => {
    await cutListeners(spared);
    one.bus.send(changed('lost'));
    return one.errors.some((error) => /PostgreSQL is away/.test(String(error)));
  });
  const isHeard = (subject: string) =>
    eventually(() => {
      one.bus.send(changed(subject));
      return other.heard.some((signal) => signal.subject === subject);
    });
  await isHeard('found');
  const told = other.readings();
  expect(told).toBeGreaterThan(before);
  await isHeard('found again');
  expect(other.readings()).toBe(told);
});

/** The connections by which processes listen. */
const listeners = () => askOfListeners<number>('pid');

/** As an administrator would, or a failing network; but those. */
const cutListeners = (spared: readonly number[] = []) =>
  askOfListeners<boolean>('pg_terminate_backend(pid)', spared);

async function askOfListeners<Answer>(
  what: string,
  spared: readonly number[] = [],
): Promise<readonly Answer[]> {
  const admin = await connectClient(connection, { applicationName: 'test' });
  const { rows } = await admin.query<{ answer: Answer }>(
    `select ${what} as answer from pg_stat_activity
     where datname = current_database() and application_name = 'floorwire-listener' and pid <> all($1)`,
    [spared],
  );
  await closeClient(admin);
  return rows.map(({ answer }) => answer);
}

test('a process sends at most twenty notifications a second', async () => {
  const notifications: string[] = [];
  let isListening = false;
  const listener = startListener({
    connection,
    channel: 'floorwire_signal',
    onNotify: (payload) => notifications.push(payload),
    onListening: () => {
      isListening = true;
    },
    onError: () => {},
  });
  onTestFinished(() => listener[Symbol.asyncDispose]());
  const one = byNotify();
  await one.listens();
  await eventually(() => isListening);
  const startedMs = performance.now();
  for (let number = 0; performance.now() - startedMs < 1_000; number += 1) {
    one.bus.send(changed(String(number % 3), number));
    await pause(1);
  }
  const seconds = (performance.now() - startedMs) / 1_000;
  expect(notifications.length).toBeGreaterThan(0);
  expect(notifications.length).toBeLessThanOrEqual(20 * seconds + 1);
  for (const payload of notifications) expect(payload.length).toBeLessThanOrEqual(7_900);
});
