import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import type * as Client from '../../src/client/floor-client.ts';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import { fastTimers } from '../support/fast-timers.ts';
import { runNatively } from '../support/native-engine.ts';
import { aClientFloor, DOORS, type Door, heard, listener, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** The client in an engine that has no more than React Native. */
const { floor, proxy, url, raise } = await aClientFloor({
  limits: { ...DEFAULT_LIMITS, ssePingIntervalMs: 3_000 },
});
const ENTRY = fileURLToPath(new URL('../../src/client/floor-client.ts', import.meta.url));
const engine = await runNatively(ENTRY);
const withDecoder = await runNatively(ENTRY, { TextDecoder });
afterEach(() => proxy.block());
afterAll(() => {
  engine.close();
  withDecoder.close();
});

const aClient = (of = engine, options: Partial<Client.FloorClientOptions> = {}) =>
  of.global<typeof Client>('program').createFloorClient({
    url,
    token: () => floor.token('OPERATOR'),
    timers: fastTimers(),
    ...options,
  });

test.each(['crypto', 'TextDecoder', 'TextEncoder', 'ReadableStream', 'EventSource', 'Event', 'process'])(
  'there is no %s',
  (name) => {
    expect(engine.global(`typeof ${name}`)).toBe('undefined');
  },
);

test('it asks, follows over a socket, is cut, and goes on behind the last frame', async () => {
  const client = aClient();
  const { data } = await client.ask<Door>({ query: '{ machineEvents(first: 1) { cursor } }' });
  const doors = listener();
  client.on<Door>({ query: DOORS, variables: { after: data?.machineEvents.cursor } }, doors);
  await raise(3, 1);
  await heard(() => doors.codes.length === 3);
  proxy.cut('SOCKET');
  await raise(3, 4);
  await heard(() => doors.codes.length === 6);
  expect(doors.codes).toEqual(upTo(6));
  expect(doors.errors).toEqual([]);
  client.dispose();
});

test('where no socket comes through it polls, for its fetch keeps streams back, and tries those no more', async () => {
  await floor.online();
  const ways: string[] = [];
  const client = aClient(engine, {
    debug(line) {
      const [, way] = /^floorwire connected (\w+)$/.exec(line) ?? [];
      if (way) ways.push(way);
    },
  });
  const frames: unknown[] = [];
  client.on({ query: 'subscription { meters { version } }' }, { next: (frame) => frames.push(frame) });
  await heard(() => frames.length > 0);
  proxy.block('SOCKET');
  await heard(() => client.status.state === 'fallback');
  expect(client.status).toMatchObject({ via: 'POLLING' });
  const tried = proxy.begun('SOCKET');
  await heard(() => proxy.begun('SOCKET') > tried + 3);
  proxy.block();
  await heard(() => client.status.state === 'connected');
  expect(ways).toEqual(['SOCKET', 'SSE', 'POLLING', 'SOCKET']);
  client.dispose();
});

test('with a fetch that hands on what comes, and a TextDecoder, it follows by streams', async () => {
  const client = aClient(withDecoder, { fetch: (...request) => fetch(...request) });
  const { data } = await client.ask<Door>({ query: '{ machineEvents(first: 1) { cursor } }' });
  const doors = listener();
  proxy.block('SOCKET');
  client.on<Door>({ query: DOORS, variables: { after: data?.machineEvents.cursor } }, doors);
  await heard(() => client.status.state === 'fallback' && client.status.via === 'SSE');
  await raise(2, 1);
  await heard(() => doors.codes.length === 2);
  expect(doors.codes).toEqual(upTo(2));
  expect(client.status).toMatchObject({ state: 'fallback', via: 'SSE' });
  client.dispose();
});
