import { expect, test, vi } from 'vitest';
import WebSocket from 'ws';
import { NotResumableError, SignedOutError } from '../../src/client/errors.ts';
import type { Status } from '../../src/client/status.ts';
import { fastTimers } from '../support/fast-timers.ts';
import { aClientFloor, DOORS, type Door, heard, listener, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** One connection for all who listen, that comes back behind the last frame. */
const { floor, proxy, client, raise } = await aClientFloor();

/** How many operations the server runs on how many sockets; its lists are at most a second old. */
async function served(): Promise<readonly number[]> {
  const query = '{ realtimeConnections(first: 100) { nodes { operations } } }';
  const { data } = await floor.ask(query, { as: 'ADMIN' });
  return data.realtimeConnections.nodes.map(({ operations }: { readonly operations: number }) => operations);
}

test('fifty cuts lose nothing and repeat nothing', async () => {
  const { on } = client();
  const codes: number[] = [];
  const cutAt = new Set(Array.from({ length: 50 }, (_, at) => 3 + at * 4));
  let cuts = 0;
  const stop = on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    {
      next({ data }) {
        codes.push(data?.machineEvents.exceptionCode ?? 0);
        if (!cutAt.delete(codes.length)) return;
        cuts += 1;
        proxy.cut('SOCKET');
      },
    },
  );
  await raise(220);
  await heard(() => codes.length >= 220);
  expect(codes).toEqual(upTo(220));
  expect(cuts).toBe(50);
  stop();
});

test('what is cut before its first frame misses nothing either, from when it began', async () => {
  await heard(async () => (await served()).length === 0);
  const lines: string[] = [];
  const { on, disconnect, connect } = client({ debug: (line) => void lines.push(line) });
  const told = listener();
  await raise(1, 9);
  const stop = on({ query: DOORS, variables: { after: null } }, told);
  await heard(() => lines.some((line) => line.includes('subscribed')));
  await heard(async () => String(await served()) === '1');
  disconnect();
  await heard(async () => (await served()).length === 0);
  await raise(2, 1);
  connect();
  await heard(async () => String(await served()) === '1');
  await raise(1, 3);
  await heard(() => told.codes.includes(3));
  expect([told.codes, told.errors]).toEqual([upTo(3), []]);
  stop();
});

test('ten listeners share a socket and a subscription, and nine go on without the tenth', async () => {
  await heard(async () => (await served()).length === 0);
  const before = proxy.begun('SOCKET');
  const lines: string[] = [];
  const { on, off, recent } = client({ debug: (line) => void lines.push(line) });
  const after = await floor.cursor();
  const listeners = upTo(10).map(listener);
  for (const each of listeners) on({ query: DOORS, variables: { after } }, each);
  await raise(1, 1);
  await heard(() => listeners.every(({ codes }) => codes.length === 1));
  await heard(async () => String(await served()) === '1');
  const [first, ...rest] = listeners;
  if (first) off(first);
  await raise(1, 2);
  await heard(() => rest.every(({ codes }) => codes.length === 2));
  expect(first?.codes).toEqual([1]);
  expect(proxy.begun('SOCKET') - before).toBe(1);
  expect(lines.slice(0, 5)).toEqual([
    'floorwire sent connection_init',
    'floorwire connected SOCKET',
    'floorwire subscribed machineEvents over SOCKET',
    'floorwire received next machineEvents',
    'floorwire received next machineEvents',
  ]);
  expect(recent({ query: DOORS, variables: { after } })).toHaveLength(2);

  // He began behind the same cursor, so the first two are his as well.
  const late = listener();
  on({ query: DOORS, variables: { after } }, late);
  await raise(1, 3);
  await heard(() => late.codes.length === 3);
  expect(late.codes).toEqual([1, 2, 3]);
  expect(lines.filter((line) => line.includes('subscribed'))).toHaveLength(1);

  for (const each of [...rest, late]) off(each);
  await heard(() => proxy.open('SOCKET') === 0);
  await heard(async () => (await served()).length === 0);
});

test('who is refused may ask again at once, and is heard', async () => {
  const { on } = client();
  const again = listener();
  let tries = 0;
  const query = 'subscription { meters(machineIds: ["TWFjaGluZTp4"]) { version } }';
  const refused = {
    next: () => {},
    error: () => {
      tries += 1;
      if (tries === 1) on({ query }, refused);
      else on({ query: DOORS, variables: { after: null } }, again);
    },
  };
  on({ query }, refused);
  await heard(() => tries === 2);
  await raise(1);
  // From whenever it began, which the server alone knows.
  await heard(async () => {
    if (again.codes.length === 0) await raise(1);
    return again.codes.length > 0;
  });
});

test('a server that restarts is found again, and nothing that happened is missed', async () => {
  const { on } = client();
  const told = listener();
  on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1, 1);
  await heard(() => told.codes.length === 1);
  await floor.restart();
  await raise(2, 2);
  await heard(() => told.codes.length === 3);
  expect([told.codes, told.errors]).toEqual([upTo(3), []]);
});

test('who comes when the first frames are no longer kept gets a subscription of his own', async () => {
  const { on } = client({ bufferedFrames: 2 });
  const after = await floor.cursor();
  const [early, late] = [listener(), listener()];
  on({ query: DOORS, variables: { after } }, early);
  await raise(3);
  await heard(() => early.codes.length === 3);
  on({ query: DOORS, variables: { after } }, late);
  await heard(() => late.codes.length === 3);
  await raise(1, 4);
  await heard(() => late.codes.length === 4 && early.codes.length === 4);
  expect([early.codes, late.codes]).toEqual([upTo(4), upTo(4)]);
});

test('who comes late to a state is told how things are, and so are the others', async () => {
  await floor.online();
  const { on } = client();
  const query = 'subscription { systemStatus { version machinesOnline } }';
  const frames: unknown[][] = [[], []];
  const told = () => frames.map(({ length }) => length);
  on({ query }, { next: (frame) => void frames[0]?.push(frame) });
  await heard(() => told()[0]);
  // More, where something changes meanwhile.
  const [before = 0] = told();
  on({ query }, { next: (frame) => void frames[1]?.push(frame) });
  await heard(() => told()[1] && Number(told()[0]) > before);
});

test('a stream that could not be resumed is refused, and nothing is asked', async () => {
  const told = listener();
  client().on({ query: 'subscription { machineEvents { id } }' }, told);
  await heard(() => told.errors.length === 1);
  expect(told.errors[0]).toBeInstanceOf(NotResumableError);
});

test('what the server refuses is told to the one who asked, and his neighbours go on', async () => {
  const { on } = client();
  const [fine, refused] = [listener(), listener()];
  on({ query: DOORS, variables: { after: await floor.cursor() } }, fine);
  on({ query: 'subscription { meters(machineIds: ["TWFjaGluZTp4"]) { version } }' }, refused);
  await heard(() => refused.errors.length === 1);
  expect(refused.errors[0]).toMatchObject({ name: 'RefusedError', code: 'API_001' });
  await raise(1);
  await heard(() => fine.codes.length === 1);
  expect(fine.errors).toEqual([]);
});

test('after a gap the app reads anew, and goes on behind what it read', async () => {
  const { on } = client();
  const told = listener();
  const gaps: string[] = [];
  const gap = async () => {
    const cursor = await floor.cursor();
    gaps.push(cursor);
    return cursor;
  };
  on({ query: DOORS, variables: { after: 'bm9uZQ' } }, { ...told, gap });
  await heard(() => gaps.length === 1);
  await raise(2);
  await heard(() => told.codes.length === 2);
  expect([told.codes, told.errors, gaps.length]).toEqual([[1, 2], [], 1]);
});

test('of several who read anew, who read first misses nothing either', async () => {
  const { on } = client();
  const [first, second] = [listener(), listener()];
  const request = { query: DOORS, variables: { after: 'bm9uZQ' } };
  on(request, { ...first, gap: () => floor.cursor() });
  const gap = async () => {
    await raise(1);
    return await floor.cursor();
  };
  on(request, { ...second, gap });
  await heard(() => first.codes.length === 1);
  expect([first.codes, first.errors]).toEqual([[1], []]);
});

test('without anybody who could read anew, the gap is an error', async () => {
  const told = listener();
  client().on({ query: DOORS, variables: { after: 'bm9uZQ' } }, told);
  await heard(() => told.errors.length === 1);
  expect(told.errors[0]).toMatchObject({ code: 'WS_003' });
});

test('a dead connection is noticed within an interval of the heartbeat', async () => {
  const way = client();
  const told = listener();
  const states: Status['state'][] = [];
  way.onStatus(({ state }) => void states.push(state));
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
  proxy.swallow();
  await raise(1, 2);
  await heard(() => told.codes.length === 2);
  expect(told.codes).toEqual([1, 2]);
  expect(states).toContain('disconnected');
  // Half of thirty seconds until the ping, half for the pong.
  expect(way.timers.waits.filter((ms) => ms === 15_000).length).toBeGreaterThan(1);
});

/** As that of Node 20: one that never opens tells its error, and no close. */
class NeverClosing extends WebSocket {
  #hasOpened = false;
  override emit(event: string, ...args: unknown[]): boolean {
    this.#hasOpened ||= event === 'open';
    return (event !== 'close' || this.#hasOpened) && super.emit(event, ...args);
  }
}

test('a socket that fails and is never closed is tried again, however long one may take', async () => {
  const timers = fastTimers();
  const retries: (number | null)[] = [];
  const way = client({
    webSocketImpl: NeverClosing,
    // Nobody waits so long.
    timers: { ...timers, after: (ms, run) => (ms === 10_000 ? () => {} : timers.after(ms, run)) },
  });
  way.onStatus((status) => {
    if (status.state === 'disconnected') retries.push(status.retryInMs);
  });
  proxy.block('SOCKET');
  const told = listener();
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await heard(() => retries.length >= 3);
  proxy.block();
  await raise(1);
  await heard(() => told.codes.length === 1);
  expect(retries).toEqual([1_000, 2_000, 3_000, 4_000, 5_000].slice(0, retries.length));
});

test('a wrong credential is no reason to try for ever', async () => {
  const told = listener();
  const given: string[] = [];
  const way = client({
    token: ({ refused }) => {
      given.push(refused ?? 'first');
      return 'fw_none';
    },
  });
  way.on({ query: DOORS, variables: { after: null } }, told);
  await heard(() => told.errors.length === 1);
  expect(told.errors[0]).toBeInstanceOf(SignedOutError);
  expect(new Set(given.slice(1))).toEqual(new Set(['fw_none']));
  expect(given.length).toBeLessThanOrEqual(6);
  expect(way.status).toMatchObject({ state: 'disconnected', retryInMs: null });
});

test('who cannot get a token does not connect', async () => {
  let begun = 0;
  class Counted extends WebSocket {
    constructor(...args: ConstructorParameters<typeof WebSocket>) {
      super(...args);
      begun += 1;
    }
  }
  const told = listener();
  const token = () => Promise.reject(new SignedOutError('Sign in first.'));
  const way = client({ token, webSocketImpl: Counted });
  way.on({ query: DOORS, variables: { after: null } }, told);
  await heard(() => told.errors.length === 1);
  expect(told.errors[0]).toBeInstanceOf(SignedOutError);
  expect(begun).toBe(0);
  expect(way.status).toMatchObject({ state: 'disconnected', retryInMs: null });
});
