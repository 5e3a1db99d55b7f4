import { expect, test } from 'vitest';
import type { StreamedEvent } from '../../src/events/source.ts';
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

/** Of events below zero nothing is for its reader. The frame of each value waits for its gate, where it has one. */
async function aReader(gates: ReadonlyMap<number, Gate> = new Map()) {
  const channel = createChannel();
  const source = channel.planConflated({
    minIntervalMs: 0,
    sightOf: (_actor, value) => (value < 0 ? null : 'SHARED'),
  });
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
  await group.join(subscriber, null);
  return { push: (...values: number[]) => values.forEach(channel.push), shown, failures, subscriber };
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
