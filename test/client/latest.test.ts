import { expect, test, vi } from 'vitest';
import { aClientFloor, DOORS, type Door, heard } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What is known of a subscription while nothing new can be heard. */
const { floor, proxy, client, raise } = await aClientFloor();
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
