import { expect, test } from 'vitest';
import type { LoggedEvent } from '../../src/events/events.ts';
import type { EventSource, StreamedEvent } from '../../src/events/source.ts';
import { EventGroup } from '../../src/http/event-group.ts';
import { createFrame } from '../../src/http/frame.ts';
import { createFrameCache } from '../../src/http/frame-cache.ts';
import { Subscriber } from '../../src/http/subscriber.ts';
import { system } from '../../src/lib/actor.ts';
import { createHistogram } from '../../src/lib/histogram.ts';
import { createChannel } from '../support/channel.ts';
import { eventually } from '../support/deadline.ts';
import { aGate, type Gate } from '../support/gate.ts';

/** More than a process keeps in memory: what lies behind it would have to be read from the log, and here is none. */
const MANY = 10_000;

/**
 * Of events below zero nothing is for its reader. The frame of each value waits for its gate, where it has one.
 * Where `begin` is given, he comes with a cursor.
 */
async function aReader(
  gates: ReadonlyMap<number, Gate> = new Map(),
  begin: EventSource['begin'] | null = null,
) {
  const channel = createChannel();
  const planned = channel.planConflated({
    minIntervalMs: 0,
    sightOf: (_actor, value) => (value < 0 ? null : 'SHARED'),
  });
  const source = begin ? Object.assign(planned, { begin }) : planned;
  const group = new EventGroup(source, {
    async makeFrame(_view, { value, cursor }) {
      const { payload } = value as StreamedEvent<'test.ticked'>;
      await gates.get(payload.value)?.opened;
      return createFrame(String(payload.value), cursor);
    },
    delays: createHistogram([]),
    counts: { executions: 0, deliveries: 0, slowClosed: 0, conflated: 0 },
    frames: createFrameCache(),
    queueLimit: 4,
    onEmpty: () => {},
  });
  const shown: number[] = [];
  const sink = {
    isSlow: false,
    isFull: false,
    drained: async () => {},
    next: ({ json }: { json: string }) => void shown.push(Number(json)),
  };
  const args = { contextValue: { actor: system('reader') } };
  const subscriber = new Subscriber(args as never, { sink, extensions: null, source, regroup() {} });
  const failures: unknown[] = [];
  subscriber.whenOver((failure) => failure && failures.push(failure.error));
  const joined = group.join(subscriber, begin && 'his cursor');
  if (!begin) await joined;
  return { push: (...values: number[]) => values.forEach(channel.push), shown, failures, subscriber, joined };
}

/** One turn after the other, each with fewer than may wait. */
async function pass(reader: Awaited<ReturnType<typeof aReader>>): Promise<void> {
  for (let count = 0; count < MANY; count += 4) {
    reader.push(-1, -1, -1, -1);
    await new Promise(setImmediate);
  }
}

test('who was shown nothing for long goes back no further than to what he has yet to be shown', async () => {
  const reader = await aReader();
  await pass(reader);
  reader.push(1, 2, 3, 4, 5, 6);
  await eventually(() => reader.shown.length === 6 || reader.failures.length > 0);
  expect(reader.failures).toEqual([]);
  expect(reader.shown).toEqual([1, 2, 3, 4, 5, 6]);
  reader.push(7);
  await eventually(() => reader.shown.length === 7);
  reader.subscriber.end();
});

test('nor past what waits for its frame', async () => {
  const gate = aGate();
  const reader = await aReader(new Map([[2, gate]]));
  await pass(reader);
  reader.push(1, 2, 3);
  await new Promise(setImmediate);
  reader.push(4, 5, 6, 7, 8);
  await new Promise(setImmediate);
  gate.open();
  await eventually(() => reader.shown.length === 8 || reader.failures.length > 0);
  expect(reader.failures).toEqual([]);
  expect(reader.shown).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  reader.subscriber.end();
});

const anEvent = (position: bigint, value = 1) =>
  ({ position, xid: position, payload: { value } }) as unknown as LoggedEvent;

test('what he has yet to be shown is awaited: what lies behind his last frame, and is for him', async () => {
  const { push, shown, subscriber } = await aReader();
  push(1, 2);
  await eventually(() => shown.length === 2);
  const awaited = [anEvent(2n), anEvent(3n), anEvent(4n, -1)].map((event) => subscriber.awaits(event));
  expect(awaited).toEqual([false, true, false]);
  subscriber.end();
  expect(subscriber.awaits(anEvent(3n))).toBe(false);
});

test('who comes back awaits nothing before it is known where he begins, and nothing that his query showed', async () => {
  const settled = aGate();
  const snapshot = { xmin: 5n, xmax: 7n, inProgress: new Set([5n]) };
  const { subscriber, joined } = await aReader(new Map(), async () => {
    await settled.opened;
    return { position: 3n, snapshot, settledAt: 6n };
  });
  const events = [3n, 4n, 5n, 6n, 7n].map((position) => anEvent(position));
  expect(events.filter((event) => subscriber.awaits(event))).toEqual([]);
  settled.open();
  await joined;
  // By a transaction that was still open then.
  expect(events.filter((event) => subscriber.awaits(event))).toEqual([anEvent(5n), anEvent(7n)]);
  subscriber.end();
});
