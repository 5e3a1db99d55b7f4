import { afterEach, expect, test, vi } from 'vitest';
import type { RefusedError } from '../../src/client/errors.ts';
import type { PollOptions } from '../../src/client/poll.ts';
import { isHearing, type Status } from '../../src/client/status.ts';
import type { Timers } from '../../src/client/timers.ts';
import { FALLBACK } from '../../src/graphql/client-policy.ts';
import { fastTimers } from '../support/fast-timers.ts';
import { aClientFloor, DOORS, type Door, heard, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Where no socket can be had: server-sent events, then polling, and back as soon as it works again. */
const { floor, proxy, client, raise } = await aClientFloor();
afterEach(() => proxy.block());

interface DoorPage {
  readonly machineEvents: {
    readonly cursor: string;
    readonly nodes: readonly { readonly id: string; readonly exceptionCode: number }[];
  };
}

const NEWEST_DOORS: PollOptions = {
  query: '{ machineEvents(first: 100, types: [SLOT_DOOR_OPENED]) { cursor nodes { exceptionCode } } }',
  frames: (data) =>
    (data as DoorPage).machineEvents.nodes.map((machineEvents) => ({ machineEvents })).reverse(),
  events: {
    keyOf: (frame) => String((frame as Door).machineEvents.exceptionCode),
    cursorOf: (data) => (data as DoorPage).machineEvents.cursor,
  },
};

const nameOf = (status: Status) => (status.state === 'fallback' ? status.via : status.state);

test('a socket is tried again after 1, 2, 3, 4 and 5 seconds, and from 1 second on after it worked', async () => {
  const way = client();
  const codes: number[] = [];
  const retries: (number | null)[] = [];
  way.onStatus((status) => {
    if (status.state === 'disconnected') retries.push(status.retryInMs);
  });
  proxy.block('SOCKET');
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    { next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
  );
  await heard(() => retries.length >= 3);
  proxy.block();
  await heard(() => way.status.state === 'connected');
  const triedUntilItWorked = retries.length;
  expect(retries).toEqual([1_000, 2_000, 3_000, 4_000, 5_000].slice(0, triedUntilItWorked));
  proxy.block('SOCKET');
  const before = proxy.begun('SOCKET');
  await heard(() => nameOf(way.status) === 'SSE');
  expect(retries.slice(triedUntilItWorked)).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  // A sixth does not happen.
  expect(proxy.begun('SOCKET') - before).toBe(5);
});

test('while nothing comes through, whatever is tried, nobody is told that he hears', async () => {
  const way = client();
  const statuses: Status[] = [];
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  way.on(request, { next: () => {} }, { poll: NEWEST_DOORS });
  await heard(() => way.status.state === 'connected');
  way.onStatus((status) => statuses.push(status));
  proxy.block('SOCKET', 'SSE', 'HTTP');
  await heard(() => statuses.some((status) => 'retryInMs' in status && status.retryInMs === 30_000));
  expect(statuses.filter(isHearing)).toEqual([]);
  proxy.block('SOCKET');
  await heard(() => nameOf(way.status) === 'POLLING' || nameOf(way.status) === 'SSE');
});

test('polling that failed for a while goes on, and a socket is tried again and again', async () => {
  const way = client();
  const codes: number[] = [];
  proxy.block('SOCKET', 'SSE');
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    { next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
    { poll: NEWEST_DOORS },
  );
  await heard(() => nameOf(way.status) === 'POLLING');
  proxy.block('SOCKET', 'SSE', 'HTTP');
  await heard(() => nameOf(way.status) === 'disconnected');
  const tries = proxy.begun('SOCKET');
  proxy.block('SOCKET', 'SSE');
  await raise(1, 7);
  await heard(() => codes.includes(7));
  await heard(() => proxy.begun('SOCKET') > tries + 1);
  proxy.block('SSE');
  await heard(() => way.status.state === 'connected');
});

test('an event stream that is dead is noticed, and nothing is missed', async () => {
  const way = client();
  const codes: number[] = [];
  proxy.block('SOCKET');
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    { next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
  );
  await raise(1);
  await heard(() => codes.length === 1 && nameOf(way.status) === 'SSE');
  proxy.swallow();
  await raise(1, 2);
  await heard(() => codes.length === 2);
  expect(codes).toEqual([1, 2]);
});

test('jitter draws a wait between half of it and all of it', async () => {
  const { timers } = client();
  const way = client({ timers: { ...timers, random: () => 0 } });
  const retries: (number | null)[] = [];
  way.onStatus((status) => {
    if (status.state === 'disconnected') retries.push(status.retryInMs);
  });
  proxy.block('SOCKET');
  way.on({ query: DOORS, variables: { after: null } }, { next: () => {} });
  await heard(() => retries.length === 5);
  expect(retries).toEqual([500, 1_000, 1_500, 2_000, 2_500]);
});

test('events come once and in order over a socket, streams, polling, and a socket again', async () => {
  const way = client();
  const codes: number[] = [];
  const ways: string[] = [];
  way.onStatus((status) => ways.push(nameOf(status)));
  const via = (name: string) => heard(() => nameOf(way.status) === name);
  const told = (count: number) => heard(() => codes.length >= count);
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    { next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
    { poll: NEWEST_DOORS },
  );
  await raise(10, 1);
  await told(10);

  proxy.block('SOCKET');
  await raise(10, 11);
  await via('SSE');
  await raise(10, 21);
  await told(30);
  proxy.cut('SSE');
  await raise(10, 31);
  await told(40);

  proxy.block('SOCKET', 'SSE');
  await raise(10, 41);
  await via('POLLING');
  await raise(10, 51);
  await told(60);

  proxy.block('SOCKET');
  await raise(10, 61);
  await via('SSE');
  await raise(10, 71);
  await told(80);

  proxy.block();
  await via('connected');
  await raise(10, 81);
  await told(90);
  expect(codes).toEqual(upTo(90));
  expect(ways.filter((name) => !['connecting', 'disconnected'].includes(name))).toEqual([
    'connected',
    'SSE',
    'POLLING',
    'SSE',
    'connected',
  ]);
});

test('from polling straight to a socket nothing is lost or told again', async () => {
  const way = client();
  const codes: number[] = [];
  proxy.block('SOCKET', 'SSE');
  way.on<Door>(
    { query: DOORS, variables: { after: null } },
    { next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
    { poll: NEWEST_DOORS },
  );
  await heard(() => nameOf(way.status) === 'POLLING');
  // It begins with the first answer: what happened before is not its own.
  const polls = proxy.begun('HTTP');
  await raise(1, 100);
  await heard(() => codes.length === 1 || proxy.begun('HTTP') > polls + 20);
  await raise(5, 101);
  await heard(() => codes.includes(105));
  proxy.block();
  await heard(() => way.status.state === 'connected');
  await raise(5, 106);
  await heard(() => codes.includes(110));
  const first = codes[0] ?? 0;
  expect(codes).toEqual(Array.from({ length: 111 - first }, (_, at) => first + at));
});

test('more events between two polls than an answer holds are a gap', async () => {
  const way = client();
  const gaps: number[] = [];
  const codes: number[] = [];
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    {
      next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0),
      gap: () => {
        gaps.push(codes.length);
        return null;
      },
    },
    { poll: { ...NEWEST_DOORS, query: NEWEST_DOORS.query.replace('100', '3') } },
  );
  await raise(1, 201);
  await heard(() => codes.length === 1);
  proxy.block('SOCKET', 'SSE', 'HTTP');
  await raise(10, 202);
  proxy.block('SOCKET', 'SSE');
  await heard(() => gaps.length === 1);
  await raise(1, 212);
  await heard(() => codes.includes(212));
  expect([codes, gaps]).toEqual([[201, 212], [1]]);
});

test('behind a gap between polls it goes on where who read anew said', async () => {
  const fast = fastTimers();
  let isRead = false;
  let isWaiting = false;
  // The poll that would follow never comes: a socket does.
  const after: Timers['after'] = (delayMs, run) => {
    if (!isRead || delayMs !== FALLBACK.pollIntervalMs) return fast.after(delayMs, run);
    isWaiting = true;
    return () => {};
  };
  const way = client({ timers: { ...fast, after } });
  const codes: number[] = [];
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    {
      next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0),
      gap: async () => {
        await raise(1, 132);
        isRead = true;
        return await floor.cursor();
      },
    },
    { poll: { ...NEWEST_DOORS, query: NEWEST_DOORS.query.replace('100', '3') } },
  );
  await raise(1, 121);
  await heard(() => codes.length === 1);
  proxy.block('SOCKET', 'SSE', 'HTTP');
  await raise(10, 122);
  proxy.block('SOCKET', 'SSE');
  await heard(() => isWaiting);
  proxy.block();
  way.reconnect();
  await raise(1, 133);
  await heard(() => codes.includes(133));
  expect(codes).toEqual([121, 133]);
});

test('what has heard nothing yet misses nothing between streams', async () => {
  const { way, codes, begun } = await fromNowOn('SSE');
  proxy.block('SOCKET', 'SSE');
  await raise(2, 141);
  proxy.block('SOCKET');
  await raise(1, 143);
  await heard(() => codes.includes(143));
  expect([codes, nameOf(way.status), begun()]).toEqual([[141, 142, 143], 'SSE', 'SSE']);
});

test('what has heard nothing yet reads anew before it is polled', async () => {
  const { codes, gaps } = await fromNowOn('SOCKET');
  proxy.block('SOCKET', 'SSE', 'HTTP');
  await raise(1, 151);
  proxy.block('SOCKET', 'SSE');
  await heard(() => gaps.length === 1);
  await raise(1, 152);
  await heard(() => codes.includes(152));
  expect([codes, gaps]).toEqual([[152], [0]]);
});

/** Follows doors from now on, and has begun that over this way. */
async function fromNowOn(kind: 'SOCKET' | 'SSE') {
  const lines: string[] = [];
  const codes: number[] = [];
  const gaps: number[] = [];
  const begun = () =>
    lines
      .findLast((line) => line.includes('subscribed'))
      ?.split(' ')
      .at(-1);
  if (kind === 'SSE') proxy.block('SOCKET');
  const way = client({ debug: (line) => void lines.push(line) });
  way.on<Door>(
    { query: DOORS, variables: { after: null } },
    {
      next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0),
      gap: () => {
        gaps.push(codes.length);
        return null;
      },
    },
    kind === 'SOCKET' ? { poll: NEWEST_DOORS } : {},
  );
  await heard(() => begun() === kind);
  return { way, codes, gaps, begun };
}

test('a state is polled with its own selection, and told when it changed', async () => {
  await floor.online();
  const way = client();
  const frames: { readonly meters: { readonly version: string } }[] = [];
  proxy.block('SOCKET', 'SSE');
  way.on<{ readonly meters: { readonly version: string } }>(
    { query: 'subscription { meters { version machine { id } } }' },
    { next: ({ data }) => void (data && frames.push(data)) },
  );
  await heard(() => frames.length >= 1);
  expect(frames[0]?.meters).toMatchObject({ machine: { id: floor.machineIds[0] } });
  expect(nameOf(way.status)).toBe('POLLING');
});

test('over streams a refusal is told as over a socket', async () => {
  proxy.block('SOCKET');
  const way = client();
  const errors: unknown[] = [];
  way.on({ query: DOORS, variables: { after: null } }, { next: () => {} });
  await heard(() => nameOf(way.status) === 'SSE');
  way.on(
    { query: 'subscription { meters(machineIds: ["TWFjaGluZTp4"]) { version } }' },
    { next: () => {}, error: (error) => void errors.push(error) },
  );
  way.on(
    { query: DOORS, variables: { after: 'bm9uZQ' } },
    { next: () => {}, error: (error) => void errors.push(error) },
  );
  await heard(() => errors.length === 2);
  const codes = errors.map((error) => (error as RefusedError).code);
  expect(codes.sort()).toEqual(['API_001', 'WS_003']);
});
