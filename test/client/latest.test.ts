import { afterEach, expect, test, vi } from 'vitest';
import { aWallet } from '../support/money.ts';
import { aClientFloor, DOORS, type Door, heard } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What is known of a subscription while nothing new can be heard. */
const { floor, proxy, client, raise } = await aClientFloor();
afterEach(() => proxy.block());
const numberOf = (latest: { readonly result: { readonly data?: Door | null } } | null) =>
  latest?.result.data?.machineEvents.exceptionCode;

function aStore() {
  const kept = new Map<string, string>();
  return {
    kept,
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => void kept.set(key, value),
  };
}

test('the newest frame is kept with its time, and stale exactly while the connection is gone', async () => {
  const { on, latest } = client();
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  expect(latest(request)).toBeNull();
  const stop = on<Door>(request, { next: () => {} });
  await raise(2);
  await heard(() => numberOf(latest<Door>(request)) === 2);
  const before = latest<Door>(request);
  expect(before).toMatchObject({ isStale: false, asOf: expect.any(Date) });
  proxy.block('SOCKET', 'SSE', 'HTTP');
  proxy.cut('SOCKET');
  await heard(() => latest<Door>(request)?.isStale === true);
  expect(latest<Door>(request)).toEqual({ ...before, isStale: true });
  proxy.block();
  await heard(() => latest<Door>(request)?.isStale === false);
  // From wherever somebody asks, it shows the same.
  expect(numberOf(latest<Door>({ query: DOORS }))).toBe(2);
  stop();
  expect(latest<Door>(request)).toMatchObject({ isStale: true });
});

test('while polling, what cannot be polled is stale until the connection is back', async () => {
  await floor.online();
  const { runWork } = floor.app().services;
  const way = client();
  const balance = {
    query: 'subscription ($after: Cursor) { balance(after: $after) { version cursor } }',
    variables: { after: await floor.cursor() },
  };
  const meters = { query: 'subscription { meters { version } }' };
  const balances: unknown[] = [];
  way.on(balance, { next: ({ data }) => void balances.push(data) });
  way.on(meters, { next: () => {} });
  await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 500n });
  await heard(() => balances.length === 1);
  await heard(() => way.latest(meters)?.isStale === false);
  expect(way.latest(balance)).toMatchObject({ isStale: false });
  proxy.block('SOCKET', 'SSE');
  await heard(() => way.status.state === 'fallback' && way.status.via === 'POLLING');
  await heard(() => way.latest(meters)?.isStale === false);
  await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 700n });
  expect(way.latest(balance)).toMatchObject({ isStale: true, result: { data: balances[0] } });
  proxy.block();
  await heard(() => way.latest(balance)?.isStale === false);
  await heard(() => balances.length === 2);
});

test('with a store it outlives the client, and what is no frame in there is none', async () => {
  const frameStore = aStore();
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  const first = client({ frameStore });
  const stop = first.on<Door>(request, { next: () => {} });
  await raise(1, 7);
  await heard(() => numberOf(first.latest<Door>(request)) === 7);
  stop();
  const later = client({ frameStore });
  expect(later.latest<Door>({ query: DOORS })).toMatchObject({
    isStale: true,
    result: { data: { machineEvents: { exceptionCode: 7 } } },
  });
  for (const key of frameStore.kept.keys()) frameStore.kept.set(key, '{"result":7}');
  expect(client({ frameStore }).latest(request)).toBeNull();
});
