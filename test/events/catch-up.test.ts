import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { encodeCursor, readWithCursor } from '../../src/events/cursor.ts';
import { readHead, readLogIdentity } from '../../src/events/log.ts';
import { system } from '../../src/lib/actor.ts';
import { createRunWork } from '../../src/work.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aRunningLog, TEST_VENUE as venueId } from '../support/event-log.ts';

/** While this process has yet to publish what is already in the log. */
const { db, log, runWork } = await aRunningLog();
let publish = () => {};
afterEach(() => publish());

/** From now on nothing is published, until `publish`. Answers whether something waits for that. */
function hold(): () => boolean {
  const held = new Promise<void>((resolve) => (publish = resolve));
  let isHolding = false;
  log.beforePublish(() => {
    isHolding = true;
    return held;
  });
  return () => isHolding;
}

const emit = (number: number, run = runWork) =>
  run(system('test'), async (work) => work.emit({ type: 'test.counted', venueId, subject: 'held', number }));

const source = log.streams.events<'test.counted'>({
  types: ['test.counted'],
  venueId,
  sightOf: () => 'SHARED',
});

/** Begins behind a cursor. What it is shown, and whether nothing is left. */
async function comeBack(after: string) {
  const start = await source.begin(after);
  const shown: unknown[] = [];
  let isLive = false;
  const done = source.catchUp({
    start,
    async take(events) {
      for (const { payload } of events) shown.push(payload);
    },
    goLive() {
      isLive = true;
    },
    isOver: () => false,
  });
  return { shown, isLive: () => isLive, done: () => withDeadline(done, 60_000, 'the present') };
}

test('what a query showed is not taken for news by who begins before it is published', async () => {
  hold();
  // Nothing gets its place while this is held.
  const { cursor } = await db.transaction().execute(async (sequencer) => {
    await sql`select pg_advisory_xact_lock(7307811, 1)`.execute(sequencer);
    await emit(1);
    return await readWithCursor(db, async () => null);
  });
  await eventually(async () => (await readHead(db)) === 1n);
  const reader = await comeBack(cursor);
  expect(reader.isLive()).toBe(false);
  publish();
  await reader.done();
  expect(reader.shown).toEqual([]);
});

test('nobody hears of what takes something away before that is gone', async () => {
  const heard: unknown[] = [];
  using _listening = source.listen(({ payload }) => heard.push(payload));
  const isHolding = hold();
  await emit(4);
  await eventually(isHolding);
  // Whatever was published by then is heard behind this.
  await readHead(db);
  expect(heard).toEqual([]);
  publish();
  await eventually(() => heard.length === 1);
});

test('what is read from the log is not ahead of what is published', async () => {
  // So old that none of it stays in memory.
  const clockShiftMs = () => -24 * 60 * 60_000;
  const longAgo = createRunWork({ db, onEvents: log.committed, clockShiftMs });
  const head = await readHead(db);
  const after = encodeCursor({ log: await readLogIdentity(db), position: head, snapshot: null });
  await emit(2, longAgo);
  await eventually(() => log.position() === head + 1n);
  hold();
  await emit(3, longAgo);
  await eventually(async () => (await readHead(db)) === head + 2n);
  const reader = await comeBack(after);
  await reader.done();
  expect(reader.shown).toEqual([{ subject: 'held', number: 2 }]);
});
