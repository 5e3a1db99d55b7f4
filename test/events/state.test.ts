import { afterEach, expect, test } from 'vitest';
import type { Signal } from '../../src/events/events.ts';
import type { StateItem } from '../../src/events/source.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import '../../src/auth/events.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aRunningLog, TEST_VENUE as venueId } from '../support/event-log.ts';

/** What feeds a stream of state: a reading of how things are, and signals and events of what changed. */
const { log, runWork } = await aRunningLog();
let apply = () => {};
afterEach(() => apply());

const EVENT: StateItem = { subject: 'event', version: null, value: 'event' };

function aState(read: () => Promise<readonly StateItem[]> = async () => []) {
  return log.streams.state<'test.changed', null>({
    types: ['test.changed'],
    venueId,
    itemOf: ({ subject, payload }) => ({ subject, version: BigInt(payload.number), value: payload }),
    read,
    changedBy: { types: ['test.ended'], item: EVENT },
    sightOf: () => 'SHARED',
  });
}

const changed = (subject: string, particulars: object = {}) =>
  ({ type: 'test.changed', venueId, subject, payload: { subject, number: 1 }, ...particulars }) as Signal;

const emit = (event: Parameters<Parameters<Parameters<typeof runWork>[1]>[0]['emit']>[0]) =>
  runWork(system('test'), async (work) => work.emit(event));

test('what was read is shown once whoever lost a right before is not there any more', async () => {
  let isApplying = false;
  const applied = new Promise<void>((resolve) => (apply = resolve));
  log.beforePublish(({ type }) => {
    if (type !== 'auth.roles-changed') return null;
    isApplying = true;
    return applied;
  });
  const state = aState(async () => {
    await emit({ type: 'auth.roles-changed', venueId, userId: newId(), roles: [], grants: [] });
    return [EVENT];
  });
  let isRead = false;
  const reading = state.read(null).then((items) => {
    isRead = true;
    return items;
  });
  await eventually(() => isApplying);
  expect(isRead).toBe(false);
  apply();
  expect(await withDeadline(reading, 60_000, 'the state')).toEqual([EVENT]);
});

test('it hears what its venue and types say, and nothing once it is left', async () => {
  const state = aState();
  const before = log.feed.listeners;
  const [left, stays]: StateItem[][] = [[], []];
  const leaving = state.listen(
    (item) => left?.push(item),
    () => {},
  );
  using _staying = state.listen(
    (item) => stays?.push(item),
    () => {},
  );
  log.signal(changed('elsewhere', { venueId: newId() }));
  log.signal(changed('another type', { type: 'test.other' }));
  log.signal(changed('first'));
  await eventually(() => stays?.length === 1);
  await emit({ type: 'test.ended', venueId, subject: 'second' });
  await eventually(() => stays?.length === 2);
  leaving[Symbol.dispose]();
  log.signal(changed('third'));
  await eventually(() => stays?.length === 3);
  const subjects = (items: readonly StateItem[] = []) => items.map(({ subject }) => subject);
  expect(subjects(stays)).toEqual(['first', 'event', 'third']);
  expect(subjects(left)).toEqual(['first', 'event']);
  expect(log.feed.listeners).toBe(before + 1);
});
