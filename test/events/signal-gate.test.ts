import { sql } from 'kysely';
import { expect, onTestFinished, test } from 'vitest';
import type { Signal } from '../../src/events/events.ts';
import { readHead } from '../../src/events/log.ts';
import { createFloorPubSub, startPump } from '../../src/events/pubsub.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { rightsBehind, startSignalGate } from '../../src/events/signal-gate.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import '../../src/auth/events.ts';
import '../../src/realtime/events.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { TEST_VENUE } from '../support/event-log.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });

const changed = (subject: string, number: number): Signal => ({
  type: 'test.changed',
  venueId: TEST_VENUE,
  subject,
  payload: { subject, number },
});

/** A gate whose process has applied the log up to wherever the test says. */
async function aGate(on = db, publish: (signal: Signal) => void = () => {}) {
  const published: Signal[] = [];
  const errors: unknown[] = [];
  let applied = await readHead(db);
  let hurries = 0;
  let isHeard = true;
  const gate = startSignalGate({
    db: on,
    position: () => applied,
    hurry: () => (hurries += 1),
    isHeard: () => isHeard,
    publish(signal) {
      published.push(signal);
      publish(signal);
    },
    onError: (error) => errors.push(error),
  });
  onTestFinished(() => gate[Symbol.asyncDispose]());
  return {
    gate,
    published,
    errors,
    hurries: () => hurries,
    catchUp: async () => {
      applied = await readHead(db);
    },
    listening: (now: boolean) => {
      isHeard = now;
    },
  };
}

const takeRights = () =>
  runWork(system('test'), async (work) => {
    work.emit({ type: 'auth.roles-changed', venueId: TEST_VENUE, userId: newId(), roles: [], grants: [] });
  });
const countSomething = () =>
  runWork(system('test'), async (work) => {
    work.emit({ type: 'test.counted', venueId: TEST_VENUE, subject: 's', number: 1 });
  });

test('a signal goes through when nobody’s rights changed, whatever else is in the log', async () => {
  await countSomething();
  const { gate, published } = await aGate();
  gate.push(changed('a', 1));
  await eventually(() => published.length === 1);
  await sequenceBatch(db);
  await countSomething();
  gate.push(changed('a', 2));
  await eventually(() => published.length === 2);
  await sequenceBatch(db);
});

test('a signal said after a change of rights waits until that is applied, and is then the newest of its subject', async () => {
  const { gate, published, hurries, catchUp } = await aGate();
  await takeRights();
  gate.push(changed('a', 1));
  // Not placed yet.
  await eventually(() => hurries() > 1);
  expect(published).toEqual([]);
  await sequenceBatch(db);
  const placed = hurries();
  gate.push(changed('b', 1));
  gate.push(changed('a', 2));
  // Placed, and not applied here.
  await eventually(() => hurries() > placed + 1);
  expect(published).toEqual([]);
  await catchUp();
  await eventually(() => published.length === 2);
  expect(published).toEqual([changed('b', 1), changed('a', 2)]);
});

test('whoever asks is told once the changes of rights before his question are applied', async () => {
  const { gate, hurries, catchUp } = await aGate();
  await gate.applied();
  await takeRights();
  const told: string[] = [];
  const asking = gate.applied().then(() => told.push('applied'));
  await eventually(() => hurries() > 1);
  await sequenceBatch(db);
  const placed = hurries();
  await eventually(() => hurries() > placed + 1);
  expect(told).toEqual([]);
  await catchUp();
  await asking;
});

test.each([
  ['auth.session-revoked', { sessionId: newId(), userId: newId(), reason: 'LOGOUT' }],
  ['auth.api-key-revoked', { apiKeyId: newId() }],
  ['auth.key-revoked', { kid: 'k' }],
  ['realtime.client-disconnected', { connectionId: newId(), reason: 'x' }],
] as const)('%s is a change of rights', async (type, payload) => {
  const { gate, published, hurries, catchUp } = await aGate();
  await runWork(system('test'), async (work) => {
    work.emit({ type, venueId: TEST_VENUE, ...payload } as Parameters<typeof work.emit>[0]);
  });
  gate.push(changed('a', 1));
  await eventually(() => hurries() > 0);
  expect(published).toEqual([]);
  await sequenceBatch(db);
  await catchUp();
  await eventually(() => published.length === 1);
});

/** The database, whose answers wait until the test lets one through. */
function aSlowDatabase() {
  let asked = 0;
  let isSlow = true;
  let answer = () => {};
  const slow = db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      asked += 1;
      if (isSlow) await new Promise<void>((resolve) => (answer = resolve));
      return result;
    },
  });
  return {
    db: slow,
    asked: () => asked,
    answer: () => answer(),
    answerAll() {
      isSlow = false;
      answer();
    },
  };
}

test('what is said or asked while the database answers waits for the next answer', async () => {
  const slow = aSlowDatabase();
  const { gate, published, hurries, catchUp } = await aGate(slow.db);
  onTestFinished(slow.answerAll);
  gate.push(changed('before', 1));
  await eventually(() => slow.asked() === 1);
  await takeRights();
  gate.push(changed('behind', 1));
  const told: string[] = [];
  const asking = gate.applied().then(() => told.push('applied'));
  slow.answer();
  await eventually(() => slow.asked() === 2);
  expect([published, told]).toEqual([[changed('before', 1)], []]);
  // Of one subject the newest, and nobody who asks meanwhile is forgotten.
  gate.push(changed('behind', 2));
  const askingToo = gate.applied();
  slow.answer();
  await eventually(() => hurries() === 1);
  await sequenceBatch(db);
  await catchUp();
  slow.answerAll();
  await Promise.all([asking, askingToo]);
  await eventually(() => published.length > 1);
  expect(published).toEqual([changed('before', 1), changed('behind', 2)]);
});

test('more signals at once than PubSub holds are all let through', async () => {
  const pubsub = createFloorPubSub();
  await using pump = startPump(pubsub.subscribe('signal'));
  const heard: Signal[] = [];
  pump.add((signal) => heard.push(signal));
  const { gate, errors } = await aGate(db, (signal) => pubsub.publish('signal', [signal]));
  for (let number = 0; number < 3_000; number += 1) gate.push(changed(String(number), number));
  await eventually(() => heard.length === 3_000 || errors.length > 0);
  expect([heard.length, errors]).toEqual([3_000, []]);
});

/** The database, and how many statements it was asked. */
function aCountingDatabase() {
  let asked = 0;
  const counting = db.withPlugin({
    transformQuery({ node }) {
      asked += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  return { db: counting, asked: () => asked };
}

test('signals of one turn are asked about once', async () => {
  const counting = aCountingDatabase();
  const { gate, published } = await aGate(counting.db);
  for (let number = 0; number < 500; number += 1) gate.push(changed(String(number), number));
  await eventually(() => published.length === 500);
  expect(counting.asked()).toBe(1);
});

test('nothing is asked for signals that nobody hears', async () => {
  const counting = aCountingDatabase();
  const { gate, published, listening } = await aGate(counting.db);
  listening(false);
  gate.push(changed('unheard', 1));
  listening(true);
  gate.push(changed('heard', 1));
  await eventually(() => published.length > 0);
  expect(published).toEqual([changed('heard', 1)]);
  expect(counting.asked()).toBe(1);
});

test('while the database is away nothing is let through, and afterwards the newest is', async () => {
  let isAway = true;
  const failing = db.withPlugin({
    transformQuery({ node }) {
      if (isAway) throw new Error('away');
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const { gate, published, errors } = await aGate(failing);
  gate.push(changed('a', 1));
  await eventually(() => errors.length === 1);
  gate.push(changed('a', 2));
  expect(published).toEqual([]);
  isAway = false;
  await eventually(() => published.length > 0);
  expect(published).toEqual([changed('a', 2)]);
  // An outage is told once, not at every try.
  expect(errors).toHaveLength(1);
  isAway = true;
  gate.push(changed('a', 3));
  await eventually(() => errors.length === 2);
  isAway = false;
  await eventually(() => published.length > 1);
});

test('the question is answered by indexes that hold changes of rights alone', async () => {
  const plan = await db.transaction().execute(async (tx) => {
    // The tables of a test are so small that reading them whole is cheaper.
    await sql`set local enable_seqscan = off`.execute(tx);
    const { rows } = await sql<{ 'QUERY PLAN': string }>`explain ${rightsBehind(5n)}`.execute(tx);
    return rows.map((row) => row['QUERY PLAN']).join('\n');
  });
  expect(plan).toContain('event_log_of_rights');
  expect(plan).toContain('outbox_of_rights');
});
