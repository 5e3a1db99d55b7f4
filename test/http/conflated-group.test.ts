import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { EventSource, StreamedEvent } from '../../src/events/source.ts';
import { ConflatedGroup } from '../../src/http/conflated-group.ts';
import { createFrame } from '../../src/http/frame.ts';
import { createFrameCache } from '../../src/http/frame-cache.ts';
import type { DeliveryCounts } from '../../src/http/group.ts';
import { Subscriber } from '../../src/http/subscriber.ts';
import { type Actor, type Role, system, type UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Channel, createChannel } from '../support/channel.ts';
import { eventually } from '../support/deadline.ts';

/** What a reader is shown: which value, how many it stands for besides, and when it came. */
interface Shown {
  readonly value: number;
  readonly skipped: number;
  readonly view: string;
  readonly cursor: string;
  readonly atMs: number;
}

type Plan = Omit<Parameters<Channel['planConflated']>[0], 'after'>;

function aGroup(plan: Plan, { begin }: Partial<Pick<EventSource, 'begin'>> = {}) {
  const channel = createChannel();
  const counts: DeliveryCounts = { executions: 0, deliveries: 0, slowClosed: 0, conflated: 0 };
  const state = { isEmpty: false };
  const source = Object.assign(channel.planConflated(plan), begin && { begin });
  const { conflation } = source;
  if (!conflation) throw new Error('the plan conflates nothing');
  const group = new ConflatedGroup(source, {
    ...conflation,
    async makeFrame(view, { value, cursor }) {
      counts.executions += 1;
      const { payload, skipped } = value as StreamedEvent<'test.ticked'>;
      return createFrame(JSON.stringify({ value: payload.value, skipped, view: view.key }), cursor);
    },
    counts,
    frames: createFrameCache(),
    onEmpty: () => {
      state.isEmpty = true;
    },
  });

  /** A reader whose network and whose rights the test holds in its hand. */
  async function follow({
    after = null,
    actor = system('reader'),
  }: {
    after?: string | null;
    actor?: Actor;
  } = {}) {
    const shown: Shown[] = [];
    const network = { isSlow: false, isFull: false, drain: () => {} };
    const sink = {
      get isSlow() {
        return network.isSlow;
      },
      get isFull() {
        return network.isFull;
      },
      drained: () => new Promise<void>((resolve) => (network.drain = resolve)),
      next: ({ json, cursor }: { json: string; cursor: string | null }) =>
        void shown.push({ ...JSON.parse(json), cursor, atMs: performance.now() }),
    };
    const subscriber = new Subscriber({ contextValue: { actor } } as never, {
      sink,
      extensions: null,
      source,
      regroup() {},
    });
    await group.join(subscriber, after);
    return {
      shown,
      network,
      subscriber,
      values: () => shown.map(({ value }) => value),
      has: (value: number) => eventually(() => shown.at(-1)?.value === value),
    };
  }
  return { push: (...values: number[]) => values.forEach(channel.push), follow, counts, state };
}

const aPlayer = (roles: readonly Role[] = ['PLAYER']): UserActor => ({
  kind: 'user',
  userId: newId(),
  venueId: newId(),
  sessionId: newId(),
  roles,
  grants: [],
  mustChangePassword: false,
});

test('the newest of each subject stands for those before it, in the order of the log, and says for how many', async () => {
  const { push, follow, counts } = aGroup({ minIntervalMs: 50 });
  const reader = await follow();
  push(1_001, 2_001, 1_002);
  await reader.has(1_002);
  push(1_003, 1_004, 2_002, 1_005, 3_001);
  await reader.has(3_001);
  push(2_003);
  await reader.has(2_003);
  expect(reader.shown.map(({ value, skipped }) => [value, skipped])).toEqual([
    [2_001, 0],
    [1_002, 1],
    [2_002, 0],
    [1_005, 2],
    [3_001, 0],
    [2_003, 0],
  ]);
  expect(counts).toMatchObject({ conflated: 3, deliveries: 6, executions: 6 });
  reader.subscriber.end();
});

test('two frames of one subject are an interval apart, and the last is exact', async () => {
  const minIntervalMs = 100;
  const { push, follow } = aGroup({ minIntervalMs });
  const reader = await follow();
  const startedMs = performance.now();
  for (let value = 1; value <= 200; value += 1) {
    push(1_000 + value);
    await pause(2);
  }
  await reader.has(1_200);
  const elapsedMs = performance.now() - startedMs;
  expect(reader.shown.length).toBeLessThanOrEqual(elapsedMs / minIntervalMs + 1);
  expect(reader.shown.length).toBeGreaterThan(1);
  for (const [at, { atMs }] of reader.shown.entries()) {
    const before = reader.shown[at - 1];
    if (before) expect(atMs - before.atMs).toBeGreaterThanOrEqual(minIntervalMs - 1);
  }
  const skipped = reader.shown.reduce((sum, frame) => sum + frame.skipped, 0);
  expect(skipped + reader.shown.length).toBe(200);
  reader.subscriber.end();
});

test('each frame is executed once for all who keep up, and the last to go ends the group', async () => {
  const { push, follow, counts, state } = aGroup({ minIntervalMs: 20 });
  const readers = await Promise.all(Array.from({ length: 50 }, () => follow()));
  for (const value of [1_001, 1_002, 2_001, 1_003]) {
    push(value);
    await pause(5);
  }
  for (const reader of readers) {
    await eventually(() => reader.values().includes(1_003) && reader.values().includes(2_001));
    expect(reader.shown.map(({ value, skipped }) => [value, skipped])).toEqual(
      readers[0]?.shown.map(({ value, skipped }) => [value, skipped]),
    );
  }
  expect(counts.executions).toBe(readers[0]?.shown.length);
  for (const { subscriber } of readers) {
    expect(state.isEmpty).toBe(false);
    subscriber.end();
  }
  expect(state.isEmpty).toBe(true);
});

test('who comes while something is held back is told of what happens from then on, and of nothing else', async () => {
  const { push, follow } = aGroup({ minIntervalMs: 200 });
  const first = await follow();
  push(1_001);
  await first.has(1_001);
  push(1_002, 1_003);
  const second = await follow();
  push(1_004);
  await Promise.all([first.has(1_004), second.has(1_004)]);
  expect(first.shown.at(-1)?.skipped).toBe(2);
  expect(second.shown.map(({ value, skipped }) => [value, skipped])).toEqual([[1_004, 0]]);
  push(1_005, 1_006);
  await Promise.all([first.has(1_006), second.has(1_006)]);
  push(1_007, 1_008);
  await Promise.all([first.has(1_008), second.has(1_008)]);
  const heardOf = ({ shown }: { readonly shown: readonly Shown[] }) =>
    shown.reduce((sum, { skipped }) => sum + skipped + 1, 0);
  expect([first, second].map(heardOf)).toEqual([8, 5]);
  for (const { subscriber } of [first, second]) subscriber.end();
});

test('what he was shown elsewhere, and this process hears of only now, is not among what is left out', async () => {
  const begin = async () => ({ position: 2n, snapshot: null, settledAt: 2n });
  const { push, follow } = aGroup({ minIntervalMs: 50 }, { begin });
  push(1_001);
  const reader = await follow({ after: 'shown 1_002 elsewhere' });
  push(1_002, 1_003);
  await reader.has(1_003);
  expect(reader.shown).toMatchObject([{ value: 1_003, skipped: 0 }]);
  reader.subscriber.end();
});

test('a reader who is too slow is not ended: he is shown the newest of each subject when he reads again', async () => {
  const { push, follow, counts } = aGroup({ minIntervalMs: 1 });
  const [slow, quick] = [await follow(), await follow()];
  push(1_001, 2_001);
  await Promise.all([slow.has(2_001), quick.has(2_001)]);
  Object.assign(slow.network, { isSlow: true, isFull: true });
  for (let value = 2; value <= 10; value += 1) {
    push(1_000 + value, 2_000 + value);
    await quick.has(2_000 + value);
  }
  expect(slow.values()).toEqual([1_001, 2_001]);
  Object.assign(slow.network, { isSlow: false, isFull: false });
  slow.network.drain();
  await slow.has(2_010);
  expect(slow.shown.slice(2).map(({ value, skipped }) => [value, skipped])).toEqual([
    [1_010, 8],
    [2_010, 8],
  ]);
  push(1_011);
  await Promise.all([slow.has(1_011), quick.has(1_011)]);
  expect(counts.slowClosed).toBe(0);
  for (const { subscriber } of [slow, quick]) subscriber.end();
});

test('who becomes slow in the middle of a round is shown the rest of it later, once', async () => {
  const { push, follow } = aGroup({ minIntervalMs: 1 });
  const reader = await follow();
  const next = reader.shown.push.bind(reader.shown);
  reader.shown.push = (frame) => {
    reader.network.isSlow = frame.value === 2_001;
    return next(frame);
  };
  push(1_001, 2_001, 3_001, 4_001);
  await reader.has(2_001);
  push(3_002, 1_002);
  reader.network.isSlow = false;
  await eventually(() => {
    reader.network.drain();
    return reader.shown.length === 5;
  });
  expect(reader.shown.map(({ value, skipped }) => [value, skipped])).toEqual([
    [1_001, 0],
    [2_001, 0],
    [4_001, 0],
    [3_002, 1],
    [1_002, 0],
  ]);
  reader.subscriber.end();
});

test('cut behind any frame and resumed, a reader ends at the last of every subject and never goes back', async () => {
  const subjects = [1, 2, 3];
  const { push, follow } = aGroup({ minIntervalMs: 8 });
  // Somebody who stays, so that rounds go on while the other is away.
  const steady = await follow();
  push(9_001);
  await steady.has(9_001);
  const received: Shown[] = [...steady.shown];
  const last = new Map<number, number>();
  let cuts = 0;
  let isOver = false;

  const writing = (async () => {
    for (let step = 0; step < 1_200; step += 1) {
      const subject = subjects[Math.floor(Math.random() ** 2 * subjects.length)] ?? 1;
      const version = (last.get(subject) ?? 0) + 1;
      last.set(subject, version);
      push(subject * 1_000 + version);
      if (step % 3 === 0) await pause(Math.random() * 3);
    }
    isOver = true;
  })();

  const isComplete = () =>
    [...last].every(([subject, version]) =>
      received.some(({ value }) => value === subject * 1_000 + version),
    );
  while (!isOver || !isComplete()) {
    const reader = await follow({ after: received.at(-1)?.cursor ?? null });
    const takes = 1 + Math.floor(Math.random() * 4);
    await eventually(
      () => reader.shown.length >= takes || (isOver && (reader.shown.length > 0 || isComplete())),
    );
    // What a cut socket still held never arrived.
    received.push(...reader.shown.slice(0, takes));
    reader.subscriber.end();
    cuts += 1;
  }
  await writing;

  expect(cuts).toBeGreaterThan(10);
  for (const subject of subjects) {
    const versions = received
      .map(({ value }) => value)
      .filter((value) => Math.trunc(value / 1_000) === subject);
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(versions.at(-1)).toBe(subject * 1_000 + (last.get(subject) ?? 0));
  }
  await eventually(() =>
    subjects.every((subject) => steady.values().includes(subject * 1_000 + (last.get(subject) ?? 0))),
  );
  expect(steady.shown.reduce((sum, { skipped }) => sum + skipped + 1, 0)).toBe(1_201);
  expect(received.length).toBeLessThan(1_000);
  steady.subscriber.end();
});

test('a long backlog is conflated, begins at once and goes over into the present', async () => {
  const { push, follow, counts } = aGroup({ minIntervalMs: 300 });
  const steady = await follow();
  push(9_001);
  await steady.has(9_001);
  const after = steady.shown[0]?.cursor ?? null;
  for (let value = 1; value <= 900; value += 1) push(1_000 + value, 2_000 + value);
  const reader = await follow({ after });
  await eventually(() => reader.shown.length > 0);
  push(1_901);
  await reader.has(1_901);
  expect(reader.shown.length).toBeLessThanOrEqual(5);
  expect(reader.shown.reduce((sum, { skipped }) => sum + skipped + 1, 0)).toBe(1_801);
  push(1_902, 1_903);
  await Promise.all([reader.has(1_903), steady.has(1_903)]);
  expect(reader.shown.at(-1)).toMatchObject({ skipped: steady.shown.at(-1)?.skipped });
  expect(counts.slowClosed).toBe(0);
  for (const { subscriber } of [steady, reader]) subscriber.end();
});

test('what is one reader’s is shown to him alone, with his own eyes, and is not counted for others', async () => {
  const [anna, bert] = [aPlayer(), aPlayer()];
  const overseer = aPlayer(['ADMIN']);
  const owners = new Map([
    [1, anna],
    [2, bert],
  ]);
  const { push, follow } = aGroup({
    minIntervalMs: 20,
    sightOf: (actor, value) => {
      if (actor === overseer) return 'SHARED';
      return owners.get(Math.trunc(value / 1_000)) === actor ? 'OWN' : null;
    },
  });
  const [a, b, all] = [
    await follow({ actor: anna }),
    await follow({ actor: bert }),
    await follow({ actor: overseer }),
  ];
  push(1_001, 2_001, 2_002, 2_003);
  await eventually(() => all.shown.length === 2);
  push(2_004, 1_002, 2_005, 1_003);
  await eventually(() => all.shown.length === 4);
  expect(a.shown.map(({ value, skipped }) => [value, skipped])).toEqual([
    [1_001, 0],
    [1_003, 1],
  ]);
  expect(b.shown.map(({ value, skipped }) => [value, skipped])).toEqual([
    [2_003, 2],
    [2_005, 1],
  ]);
  const viewsOf = (shown: readonly Shown[]) => new Set(shown.map(({ view }) => view));
  expect(new Set([...viewsOf(a.shown), ...viewsOf(b.shown), ...viewsOf(all.shown)]).size).toBe(3);
  for (const { subscriber } of [a, b, all]) subscriber.end();
});
