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
