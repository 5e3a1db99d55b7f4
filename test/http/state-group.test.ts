import { expect, test } from 'vitest';
import {
  NOT_ITERABLE,
  type Sight,
  type StateFrame,
  type StateItem,
  type StateSource,
} from '../../src/events/source.ts';
import { createFrame } from '../../src/http/frame.ts';
import type { DeliveryCounts } from '../../src/http/group.ts';
import { StateGroup } from '../../src/http/state-group.ts';
import { Subscriber } from '../../src/http/subscriber.ts';
import { system } from '../../src/lib/actor.ts';
import { eventually } from '../support/deadline.ts';

const itemOf = (subject: string, version: bigint): StateItem => ({
  subject,
  version,
  value: `${subject}${version}`,
});

test('who is shown a change anew, for his rights changed while it was executed, is told of all it stands for', async () => {
  let hear: (item: StateItem) => void = () => {};
  let sight: Sight = 'SHARED';
  let whileExecuting: () => void = () => {};
  const counts: DeliveryCounts = { executions: 0, deliveries: 0, slowClosed: 0, conflated: 0 };
  const source: StateSource = {
    kind: 'state',
    key: 'state',
    ...NOT_ITERABLE,
    sightOf: () => sight,
    minIntervalMs: 0,
    read: async () => [itemOf('a', 1n)],
    listen(listener) {
      hear = listener;
      return { [Symbol.dispose]() {} };
    },
  };
  const group = new StateGroup(source, {
    async makeFrame(_view, { value, cursor }) {
      whileExecuting();
      return createFrame(JSON.stringify(value as StateFrame), cursor);
    },
    counts,
    readerOf: () => null,
    onEmpty: () => {},
  });
  const shown: StateFrame[] = [];
  const sink = {
    isSlow: false,
    isFull: false,
    drained: async () => {},
    next: ({ json }: { json: string }) => void shown.push(JSON.parse(json)),
  };
  const subscriber = new Subscriber({ contextValue: { actor: system('reader') } } as never, {
    sink,
    extensions: null,
    source,
    regroup() {},
  });
  await group.join(subscriber, null);
  await eventually(() => shown.length === 1);

  whileExecuting = () => {
    whileExecuting = () => {};
    sight = 'OWN';
    hear(itemOf('a', 4n));
  };
  hear(itemOf('a', 2n));
  hear(itemOf('a', 3n));
  await eventually(() => shown.at(-1)?.value === 'a4');
  expect(shown).toEqual([
    { value: 'a1', skipped: 0 },
    { value: 'a4', skipped: 2 },
  ]);
  expect(counts.conflated).toBe(2);
  subscriber.end();
});

/** A group whose readers are shown each subject every so many milliseconds. */
function aPacedGroup(minIntervalMs: number) {
  let hear: (item: StateItem) => void = () => {};
  let present: readonly StateItem[] = [itemOf('a', 1n)];
  const counts: DeliveryCounts = { executions: 0, deliveries: 0, slowClosed: 0, conflated: 0 };
  const source: StateSource = {
    kind: 'state',
    key: 'state',
    ...NOT_ITERABLE,
    sightOf: () => 'SHARED',
    minIntervalMs,
    read: async () => present,
    listen(listener) {
      hear = listener;
      return { [Symbol.dispose]() {} };
    },
  };
  const group = new StateGroup(source, {
    makeFrame(_view, { value, cursor }) {
      counts.executions += 1;
      return createFrame(JSON.stringify(value as StateFrame), cursor);
    },
    counts,
    readerOf: () => null,
    onEmpty: () => {},
  });
  return {
    counts,
    say(item: StateItem) {
      present = [item];
      hear(item);
    },
    /** What is read now may be newer than what was heard. */
    reads(item: StateItem) {
      present = [item];
    },
    hears: (item: StateItem) => hear(item),
    async follow(onShown: (value: unknown, network: { isSlow: boolean }) => void = () => {}) {
      const shown: { readonly value: unknown; readonly atMs: number }[] = [];
      let take = () => {};
      const sink = {
        isSlow: false,
        isFull: false,
        drained: () =>
          new Promise<void>((resolve) => {
            take = () => {
              sink.isSlow = false;
              resolve();
            };
          }),
        next({ json }: { json: string }) {
          const { value } = JSON.parse(json);
          shown.push({ value, atMs: performance.now() });
          onShown(value, sink);
        },
      };
      const subscriber = new Subscriber({ contextValue: { actor: system('reader') } } as never, {
        sink: sink as never,
        extensions: null,
        source,
        regroup() {},
      });
      await group.join(subscriber, null);
      return { shown, subscriber, take: () => take() };
    },
  };
}

const gapsOf = (shown: readonly { readonly atMs: number }[]): readonly number[] =>
  shown.slice(1).map(({ atMs }, at) => atMs - (shown[at]?.atMs ?? 0));

test.each([0, 20])(
  'what the present showed does not come behind it, however late it is heard, every %i ms',
  async (minIntervalMs) => {
    const group = aPacedGroup(minIntervalMs);
    const before = await group.follow();
    await eventually(() => before.shown.length === 1);
    group.reads(itemOf('a', 3n));
    const reader = await group.follow();
    await eventually(() => reader.shown.length === 1);
    group.hears(itemOf('a', 2n));
    await eventually(() => before.shown.length === 2);
    group.hears(itemOf('a', 3n));
    await eventually(() => before.shown.length === 3);
    group.hears(itemOf('a', 4n));
    await eventually(() => reader.shown.at(-1)?.value === 'a4');
    expect(reader.shown.map(({ value }) => value)).toEqual(['a3', 'a4']);
    await eventually(() => before.shown.length === 4);
    expect(before.shown.map(({ value }) => value)).toEqual(['a1', 'a2', 'a3', 'a4']);
    before.subscriber.end();
    reader.subscriber.end();
  },
);

test('what changes while the present is shown waits as long as all that follows', async () => {
  const group = aPacedGroup(150);
  const reader = await group.follow((value) => {
    if (value === 'a1') group.say(itemOf('a', 2n));
    if (value === 'a2') group.say(itemOf('a', 3n));
  });
  await eventually(() => reader.shown.length === 3);
  expect(Math.min(...gapsOf(reader.shown))).toBeGreaterThanOrEqual(149);
  reader.subscriber.end();
});

test('who was too slow is shown the newest once he reads again, and not sooner than all that follows', async () => {
  const group = aPacedGroup(150);
  const reader = await group.follow((value, network) => {
    if (value === 'a2') network.isSlow = true;
    if (value === 'a4') group.say(itemOf('a', 5n));
  });
  await eventually(() => reader.shown.length === 1);
  group.say(itemOf('a', 2n));
  await eventually(() => reader.shown.length === 2);
  group.say(itemOf('a', 3n));
  group.say(itemOf('a', 4n));
  await eventually(() => {
    reader.take();
    return reader.shown.length === 4;
  });
  expect(reader.shown.map(({ value }) => value)).toEqual(['a1', 'a2', 'a4', 'a5']);
  expect(Math.min(...gapsOf(reader.shown))).toBeGreaterThanOrEqual(149);
  reader.subscriber.end();
});

test('who comes while others wait for their next frame is soon shown the same as they are, executed once', async () => {
  const group = aPacedGroup(60);
  let version = 1n;
  const change = () => {
    version += 1n;
    group.say(itemOf('a', version));
  };
  // Something is always about to be shown.
  const first = await group.follow(change);
  await eventually(() => first.shown.length === 2);
  const second = await group.follow();
  await eventually(() => second.shown.length >= 3);
  const before = { executions: group.counts.executions, shown: first.shown.length };
  await eventually(() => first.shown.length >= before.shown + 4);
  expect(group.counts.executions - before.executions).toBe(first.shown.length - before.shown);
  expect(second.shown.at(-1)).toMatchObject({ value: first.shown.at(-1)?.value });
  for (const { shown } of [first, second]) expect(Math.min(...gapsOf(shown))).toBeGreaterThanOrEqual(59);
  for (const { subscriber } of [first, second]) subscriber.end();
});

test('who all were too slow, or came at once, are shown what they missed executed once', async () => {
  const group = aPacedGroup(60);
  const readers = await Promise.all(
    Array.from({ length: 5 }, () =>
      group.follow((value, network) => {
        if (value === 'a2') network.isSlow = true;
      }),
    ),
  );
  const haveAll = (count: number) => eventually(() => readers.every(({ shown }) => shown.length === count));
  await haveAll(1);
  group.say(itemOf('a', 2n));
  await haveAll(2);
  const before = group.counts.executions;
  group.say(itemOf('a', 3n));
  for (const { take } of readers) take();
  await haveAll(3);
  expect(group.counts.executions - before).toBe(1);
  for (const { subscriber } of readers) subscriber.end();
});
