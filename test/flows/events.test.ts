import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { encodeCursor } from '../../src/events/cursor.ts';
import type { EventType } from '../../src/events/events.ts';
import { readHead, readLogIdentity } from '../../src/events/log.ts';
import { writeOutbox } from '../../src/events/outbox.ts';
import { pruneLog } from '../../src/events/retention.ts';
import { FOLLOWABLE_EVENTS } from '../../src/graphql/followable-events.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { anApiKey } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';
import { httpClient } from '../support/http-client.ts';
import { refusalOf } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const [machineId = ''] = floor.machineIds;
const { db, runWork } = floor.app().services;

const owner = openDatabase({ connection: floor.connection, poolSize: 3, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());

const EVENTS = `query ($types: [String!], $first: Int, $after: Cursor, $last: Int, $before: Cursor) {
  events(types: $types, first: $first, after: $after, last: $last, before: $before) {
    cursor totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
    edges { cursor node { cursor } }
    nodes { cursor type at venue { slug } actor { kind id } payload }
  }
}`;

const answer = (variables: object, as: Asker = 'ADMIN') =>
  floor.ask(EVENTS, { as, variables: { ...variables } });
const page = async (variables: object, as: Asker = 'ADMIN') => (await answer(variables, as)).data.events;

/** Switches the bill acceptor and waits until the log tells of it. */
async function happen(enabled: boolean): Promise<void> {
  const head = await readHead(db);
  await floor.ask(
    'mutation ($input: SetBillAcceptorInput!) { setBillAcceptor(input: $input) { __typename } }',
    { variables: { input: { machineId, enabled } } },
  );
  await eventually(async () => (await readHead(db)) >= head + 3n);
}
await happen(false);
await happen(true);

async function everyEvent(as: Asker, variables: object = {}) {
  const nodes = [];
  let after: string | null = null;
  for (let more = true; more; ) {
    const { cursor, pageInfo, ...read } = await page({ ...variables, first: 3, after }, as);
    nodes.push(...read.nodes);
    more = pageInfo.hasNextPage;
    after = cursor;
  }
  return nodes;
}

test('an ADMIN reads the whole log of the venue, the oldest first, each event once', async () => {
  // What people are told is theirs.
  const nodes = (await everyEvent('ADMIN')).filter(({ type }) => !type.startsWith('notification.'));
  const logged = await db
    .selectFrom('event_log')
    .select(['type', 'at'])
    .where('venue_id', '=', floor.venueId)
    .where('type', 'not like', 'notification.%')
    .orderBy('position')
    .execute();
  const [{ totalCount }] = [await page({ first: 1 })];
  expect(nodes.map(({ type, at }) => [type, at])).toEqual(
    logged.slice(0, nodes.length).map(({ type, at }) => [type, at.toISOString()]),
  );
  expect(nodes.length).toBeGreaterThan(5);
  expect(totalCount).toBeGreaterThanOrEqual(nodes.length);
  expect(new Set(nodes.map(({ venue }) => venue.slug))).toEqual(new Set(['casino']));
});

test('the cursor of an event, of its edge and of a page are one: each leads behind what was read', async () => {
  const { nodes, edges, pageInfo, cursor } = await page({ first: 3 });
  expect(edges.map((edge: { cursor: string }) => edge.cursor)).toEqual(
    nodes.map((node: { cursor: string }) => node.cursor),
  );
  expect(pageInfo).toMatchObject({
    hasNextPage: true,
    hasPreviousPage: false,
    startCursor: nodes[0].cursor,
    endCursor: nodes[2].cursor,
  });
  expect(cursor).toBe(nodes[2].cursor);
  const second = await page({ first: 1, after: nodes[0].cursor });
  expect(second.nodes).toEqual([nodes[1]]);
  const back = await page({ last: 2, before: nodes[2].cursor });
  expect(back.nodes).toEqual([nodes[0], nodes[1]]);
  expect(back.cursor).toBe(nodes[1].cursor);
});

test('an empty page goes on too: behind its cursor the next event comes, once', async () => {
  const { cursor } = await page({ last: 1 });
  const empty = await page({ after: cursor, types: ['machine.event-raised'] });
  expect(empty.nodes).toEqual([]);
  await happen(false);
  const next = await page({ after: empty.cursor, types: ['machine.event-raised'] });
  expect(
    next.nodes.map(({ payload }: { payload: { event: { type: string } } }) => payload.event.type),
  ).toEqual(['BILL_ACCEPTOR_DISABLED']);
  expect((await page({ after: next.cursor })).nodes).toEqual([]);
});

test('`cursor` hides what happened before it and shows what happens behind', async () => {
  const { data } = await floor.ask('{ cursor }', { as: 'PLAYER' });
  expect((await page({ after: data.cursor })).nodes).toEqual([]);
  await happen(true);
  const { nodes } = await page({ after: data.cursor });
  expect(nodes[0].type).toBe('machine.command-queued');
});

/** A key is rotated, in a transaction that waits for `commit`. */
async function heldEvent(kid: string, commit: Promise<void>): Promise<{ readonly committed: Promise<void> }> {
  const left = aGate();
  const committed = owner.db.transaction().execute(async (tx) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
    const event = { type: 'auth.key-rotated', venueId: floor.venueId, kid } as const;
    await writeOutbox(tx, { events: [{ event, actor: system('test'), origin: null }], at: new Date() });
    left.open();
    await commit;
  });
  await left.opened;
  return { committed };
}

test('what a query could show stays shown on every page behind its cursor, in whatever order it was placed', async () => {
  const [commitLate, sequence] = [aGate(), aGate()];
  const locked = aGate();
  // Nothing is placed for the while.
  const pause = owner.db.transaction().execute(async (tx) => {
    await sql`set local idle_in_transaction_session_timeout = 0`.execute(tx);
    await sql`select pg_advisory_xact_lock(7307811, 1)`.execute(tx);
    locked.open();
    await sequence.opened;
  });
  await locked.opened;
  const late = await heldEvent('late', commitLate.opened);
  await (await heldEvent('shown', Promise.resolve())).committed;
  const { data } = await floor.ask('{ cursor }', { as: 'ADMIN' });
  commitLate.open();
  await late.committed;
  sequence.open();
  await pause;

  const variables = { types: ['auth.key-rotated'], first: 1 };
  const whole = () => page({ types: ['auth.key-rotated'], last: 2 });
  await eventually(async () => (await whole()).nodes.length === 2);
  const kids = (nodes: { payload: { kid: string } }[]) => nodes.map(({ payload }) => payload.kid);
  expect(kids((await whole()).nodes)).toEqual(['late', 'shown']);
  const first = await page({ ...variables, after: data.cursor });
  expect(kids(first.nodes)).toEqual(['late']);
  expect((await page({ ...variables, after: first.cursor })).nodes).toEqual([]);
  expect((await page({ ...variables, after: first.pageInfo.endCursor })).nodes).toEqual([]);
});

test('every payload has the keys that are told of it, and its ids are found', async () => {
  const nodes = await everyEvent('ADMIN');
  for (const { type, payload } of nodes)
    expect(FOLLOWABLE_EVENTS.get(type as EventType)?.payload).toEqual(
      expect.arrayContaining(Object.keys(payload)),
    );
  const raised = nodes.find(({ type }) => type === 'machine.event-raised');
  const { data } = await floor.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { __typename } }', {
    as: 'ADMIN',
    variables: { ids: [raised.payload.event.machineId, raised.payload.event.id] },
  });
  expect(data.nodes).toEqual([{ __typename: 'Machine' }, { __typename: 'MachineEvent' }]);
});

const typesOf = async (as: Asker, variables: object = {}) =>
  new Set(
    (await everyEvent(as, variables))
      .map(({ type }) => type)
      // Each is told other things.
      .filter((type) => type !== 'notification.created'),
  );

test('each role reads the types whose fields it may see', async () => {
  const all = await typesOf('ADMIN');
  expect([...all].filter((type) => type.startsWith('auth.')).length).toBeGreaterThan(2);
  expect(await typesOf('AUDITOR')).toEqual(all);
  const others = new Set([...all].filter((type) => !type.startsWith('auth.')));
  expect(await typesOf('OPERATOR')).toEqual(others);
  expect(await typesOf('PARTNER')).toEqual(new Set(['machine.event-raised', 'machine.command-queued']));
  expect(await typesOf('OPERATOR', { types: ['machine.command-finished'] })).toEqual(
    new Set(['machine.command-finished']),
  );
  const foreign = await typesOf('FOREIGN_ADMIN');
  expect([...foreign].filter((type) => type.startsWith('machine.'))).toEqual([]);
});

test.each([
  ['PLAYER', { types: ['machine.event-raised'] }, 'AUTH_004'],
  ['DEVICE', {}, 'AUTH_004'],
  ['OPERATOR', { types: ['auth.session-opened'] }, 'AUTH_004'],
  ['PARTNER', { types: ['machine.command-finished'] }, 'AUTH_004'],
  ['ADMIN', { types: ['machine.exploded'] }, 'API_001'],
  ['ADMIN', { types: [] }, 'API_001'],
  ['ADMIN', { types: Array.from({ length: 101 }, () => 'machine.event-raised') }, 'API_001'],
  ['ADMIN', { first: 101 }, 'API_001'],
] as const)('%s asking with %o is refused: %s', async (as, variables, code) => {
  expect(refusalOf(await answer(variables, as))).toBe(code);
});

test('a key that lists no types follows nothing, whatever its scopes are', async () => {
  const { secret } = await anApiKey(runWork, { venueId: floor.venueId, scopes: ['MACHINES_READ'] });
  const { post } = httpClient(floor.app().url);
  const { body } = await post(
    { query: '{ events { nodes { type } } }' },
    { authorization: `Bearer ${secret}` },
  );
  expect(body.errors[0].extensions.code).toBe('AUTH_004');
});

test('who did something is told to who may see the venue’s people, and to a partner only what kind it was', async () => {
  const actorFor = async (as: Asker) =>
    (await page({ types: ['machine.command-queued'], last: 1 }, as)).nodes[0].actor;
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'OPERATOR' });
  expect(await actorFor('AUDITOR')).toEqual({ kind: 'USER', id: data.viewer.user.id });
  expect(await actorFor('PARTNER')).toEqual({ kind: 'USER', id: null });
});

test.each([
  ['malformed', async () => 'AAAA'],
  ['foreign', async () => encodeCursor({ log: newId(), position: 1n, snapshot: null })],
  [
    'from the future',
    async () => encodeCursor({ log: await readLogIdentity(db), position: 10n ** 12n, snapshot: null }),
  ],
  [
    'made by hand with a snapshot that PostgreSQL would not read',
    async () => {
      const plain = encodeCursor({ log: await readLogIdentity(db), position: 1n, snapshot: null });
      return Buffer.from(`${Buffer.from(plain, 'base64url').toString()}|9:3:7`).toString('base64url');
    },
  ],
])('a cursor that is %s is WS_003, at either end', async (_, cursor) => {
  expect(refusalOf(await answer({ after: await cursor() }))).toBe('WS_003');
  expect(refusalOf(await answer({ last: 1, before: await cursor() }))).toBe('WS_003');
});

// The last one: it makes the log forget.
test('a cursor before what the log has forgotten is WS_003, and the rest is read on', async () => {
  const [first, second] = (await page({ first: 2 })).nodes;
  const { cursor } = await page({ last: 1 });
  await createRunWork({ db: owner.db, onEvents: () => {}, clockShiftMs: () => 60_000 })(
    system('test'),
    async (work) => work.emit({ type: 'auth.key-rotated', venueId: floor.venueId, kid: 'test' }),
  );
  await eventually(async () => (await page({ after: cursor })).nodes.length > 0);
  // What is still to be told to people stays until then.
  await eventually(async () => {
    await pruneLog(db, { retentionMs: 0, batch: 10_000 });
    return refusalOf(await answer({ after: second.cursor })) === 'WS_003';
  });
  for (const { cursor } of [first, second]) expect(refusalOf(await answer({ after: cursor }))).toBe('WS_003');
  const { nodes, totalCount } = await page({});
  expect(nodes.map(({ type }: { type: string }) => type)).toContain('auth.key-rotated');
  expect(totalCount).toBe(nodes.length);
});
