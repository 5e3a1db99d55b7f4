import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { scrape } from '../support/metrics.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';

const floor = await aFloorApp();
const { url } = floor.app();
const port = Number(new URL(url).port);

const STATUS = 'subscription { systemStatus { machinesOnline } }';

interface Stat {
  readonly kind: string;
  readonly field: string | null;
  readonly count: string;
  readonly errors: string;
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
}

async function openSockets(
  count: number,
  as: 'OPERATOR' | 'FOREIGN_ADMIN',
): Promise<readonly SocketClient[]> {
  const accessToken = await floor.token(as);
  return await Promise.all(
    Array.from({ length: count }, async () => {
      const client = await connect({ port });
      await client.init({ accessToken });
      return client;
    }),
  );
}

const REALTIME = '{ stats { realtime { processes totalConnections sockets streams operations } } }';
const realtime = async (as: 'OPERATOR' | 'FOREIGN_ADMIN' = 'OPERATOR') =>
  (await floor.ask(REALTIME, { as })).data.stats.realtime;

/** Waits until these numbers are told, and fails with those that are told instead. */
const told = (numbers: object, as?: 'OPERATOR' | 'FOREIGN_ADMIN') =>
  eventually(async () => {
    expect(await realtime(as)).toEqual({ processes: 1, ...numbers });
    return true;
  });

test('five sockets and a stream are six connections, and those of another venue are none of them', async () => {
  const ours = await openSockets(5, 'OPERATOR');
  const theirs = await openSockets(2, 'FOREIGN_ADMIN');
  const nobodys = await connect({ port });
  await nobodys.init();
  const controller = new AbortController();
  const stream = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await floor.token('OPERATOR')}`,
    },
    body: JSON.stringify({ query: STATUS }),
    signal: controller.signal,
  });
  expect(stream.status).toBe(200);
  for (const client of ours.slice(0, 3)) client.subscribe('s', STATUS);
  await told({ totalConnections: 6, sockets: 5, streams: 1, operations: 4 });
  await told({ totalConnections: 2, sockets: 2, streams: 0, operations: 0 }, 'FOREIGN_ADMIN');
  ours[0]?.socket.close();
  controller.abort();
  await told({ totalConnections: 4, sockets: 4, streams: 0, operations: 2 });
  for (const client of [...ours, ...theirs, nobodys]) client.socket.close();
  await told({ totalConnections: 0, sockets: 0, streams: 0, operations: 0 });
});

test('subscriptions, executions and deliveries are as many as the subscribers count themselves', async () => {
  const query = `{ stats { realtime { fanOut {
    subscriptions byField { field count } groups executions deliveries slowClosed conflated p50DeliveryMs p99DeliveryMs
  } } } }`;
  const fanOut = async () => (await floor.ask(query)).data.stats.realtime.fanOut;
  await floor.online();
  await eventually(async () => (await fanOut()).subscriptions === 0);
  const before = { ...(await fanOut()), scrape: await scrape(url) };
  const clients = await openSockets(4, 'OPERATOR');
  // A state would add what it says by itself: only bills are followed, by three in one way and by one in another.
  for (const [at, client] of clients.entries())
    client.subscribe('s', `subscription { billEvents { cursor ${at === 3 ? 'type' : ''} } }`);
  await eventually(async () => (await fanOut()).subscriptions === 4);
  const open = await fanOut();
  expect(open.byField).toEqual([{ field: 'billEvents', count: 4 }]);
  expect(open.groups).toBe(2);
  expect((await scrape(url)).value('floorwire_subscriptions{field="billEvents"}')).toBe(4);

  for (let bill = 0; bill < 2; bill += 1) floor.egms[0]?.insertBill(1n);
  const framesOf = (client: SocketClient) => client.messages.filter(({ type }) => type === 'next').length;
  await eventually(() => clients.every((client) => framesOf(client) === 2));

  const after = { ...(await fanOut()), scrape: await scrape(url) };
  const grown = (key: 'executions' | 'deliveries' | 'slowClosed' | 'conflated') =>
    Number(after[key]) - Number(before[key]);
  expect([grown('executions'), grown('deliveries')]).toEqual([4, 8]);
  expect([grown('slowClosed'), grown('conflated')]).toEqual([0, 0]);
  const grownSeries = (name: string) => (after.scrape.value(name) ?? 0) - (before.scrape.value(name) ?? 0);
  expect(grownSeries('floorwire_executions_total')).toBe(4);
  expect(grownSeries('floorwire_deliveries_total')).toBe(8);
  expect(grownSeries('floorwire_delivery_delay_seconds_count')).toBe(8);
  expect(after.p50DeliveryMs).toBeGreaterThan(0);
  expect(after.p99DeliveryMs).toBeGreaterThanOrEqual(after.p50DeliveryMs);
  expect(after.p99DeliveryMs).toBeLessThan(60_000);

  for (const client of clients) client.socket.close();
  await eventually(async () => (await fanOut()).subscriptions === 0);
  expect(await fanOut()).toMatchObject({ groups: 0, byField: [] });
});

const OPERATIONS = `{ stats { operations {
  byKind { ...Stat } byField { ...Stat }
} } }
fragment Stat on OperationStat { kind field count errors p50Ms p95Ms p99Ms }`;

async function operations(): Promise<{ byKind: readonly Stat[]; byField: readonly Stat[] }> {
  return (await floor.ask(OPERATIONS)).data.stats.operations;
}

const countOf = (stats: readonly Stat[], kind: string, field: string | null) => {
  const stat = stats.find((each) => each.kind === kind && each.field === field);
  return { count: Number(stat?.count ?? 0), errors: Number(stat?.errors ?? 0) };
};

test('operations are counted by kind and by each root field they select, in fragments too', async () => {
  const before = await operations();
  for (let i = 0; i < 3; i += 1) await floor.ask('{ one: apiInfo { name } two: apiInfo { version } }');
  await floor.ask('{ ...All } fragment All on Query { apiInfo { name } ... { machines { totalCount } } }');
  await floor.ask('{ machines { totalCount } }', { as: null });
  const after = await operations();

  const grown = (kind: string, field: string | null) => {
    const list = field === null ? 'byKind' : 'byField';
    const [was, is] = [countOf(before[list], kind, field), countOf(after[list], kind, field)];
    return [is.count - was.count, is.errors - was.errors];
  };
  expect(grown('QUERY', 'apiInfo')).toEqual([4, 0]);
  expect(grown('QUERY', 'machines')).toEqual([2, 1]);
  // The first question itself is one of them by now.
  expect(grown('QUERY', null)).toEqual([6, 1]);
  expect(after.byKind.map(({ kind }) => kind)).toEqual(['QUERY', 'MUTATION', 'SUBSCRIPTION']);
  const counts = after.byField.map(({ count }) => Number(count));
  expect(counts).toEqual([...counts].sort((one, other) => other - one));
});

test('a document of fragments that double a hundred times is looked through at once', async () => {
  const fragments = Array.from(
    { length: 100 },
    (_, at) => `fragment F${at} on Query { ...F${at + 1} ...F${at + 1} }`,
  );
  const query = `{ ...F0 } ${fragments.join(' ')} fragment F100 on Query { apiInfo { name } }`;
  const before = countOf((await operations()).byField, 'QUERY', 'apiInfo');
  await floor.ask(query);
  const after = countOf((await operations()).byField, 'QUERY', 'apiInfo');
  expect(after.count - before.count).toBe(1);
});

test('quantiles are those of what ran, and none of what did not', async () => {
  await floor.ask('{ apiInfo { name } }');
  const { byField, byKind } = await operations();
  const info = byField.find(({ field }) => field === 'apiInfo');
  expect(info?.p50Ms).toBeGreaterThan(0);
  expect(info?.p95Ms).toBeGreaterThanOrEqual(info?.p50Ms ?? Number.NaN);
  expect(info?.p99Ms).toBeGreaterThanOrEqual(info?.p95Ms ?? Number.NaN);
  const mutations = byKind.find(({ kind }) => kind === 'MUTATION');
  expect(mutations).toMatchObject({ count: '0', errors: '0', p50Ms: null, p95Ms: null, p99Ms: null });
});

test('the database is told as the metrics tell it', async () => {
  const query =
    '{ stats { database { outboxBacklog outboxAgeSeconds logPosition tailLag poolTotal poolIdle poolWaiting } } }';
  await eventually(async () => {
    const { value } = await scrape(url);
    const { database } = (await floor.ask(query)).data.stats;
    expect(database).toMatchObject({ outboxBacklog: 0, outboxAgeSeconds: 0, tailLag: 0, poolWaiting: 0 });
    expect(Number(database.logPosition)).toBe(value('floorwire_log_position'));
    expect(database.poolTotal).toBeGreaterThan(0);
    expect(database.poolTotal).toBeGreaterThanOrEqual(database.poolIdle);
    return true;
  });
});

test('a PLAYER is told nothing', async () => {
  const { data, errors } = await floor.ask('{ stats { since } }', { as: 'PLAYER' });
  expect(data).toEqual({ stats: null });
  expect(errors?.[0]?.extensions.code).toBe('AUTH_004');
});
