import { sql, type Transaction } from 'kysely';
import { expect, test } from 'vitest';
import type { Database } from '../../src/db/schema.ts';
import { encodeCursor, readWithCursor } from '../../src/events/cursor.ts';
import { CursorError } from '../../src/events/errors.ts';
import { readHead, readLog, readLogIdentity } from '../../src/events/log.ts';
import { writeOutbox } from '../../src/events/outbox.ts';
import type { StreamedEvent } from '../../src/events/source.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aRunningLog, TEST_VENUE as venueId } from '../support/event-log.ts';
import { readEvents } from '../support/read-events.ts';

const { db, log, runWork } = await aRunningLog();
const TYPES = ['test.counted', 'test.ended'] as const;

let query = '';

const count = (subject: string, number: number, holdMs = 0) =>
  runWork(system('test'), async (work) => {
    work.emit({ type: 'test.counted', venueId, subject, number });
    if (holdMs > 0) await sql`select pg_sleep(${holdMs / 1000})`.execute(work.tx);
  });

const headCursor = async () =>
  encodeCursor({ log: await readLogIdentity(db), position: await readHead(db), snapshot: null });

test('a reader cut at random and resumed by its cursor receives the log: no gap, no repeat, in order', async () => {
  const start = await headCursor();
  const from = await readHead(db);
  const writers = 8;
  const each = 60;
  const writing = Promise.all(
    Array.from({ length: writers }, async (_, writer) => {
      for (let i = 0; i < each; i += 1) await count(`writer-${writer}`, i, i % 20 === 7 ? 400 : 0);
    }),
  );

  const received: StreamedEvent[] = [];
  let cursor = start;
  let cuts = 0;
  while (received.length < writers * each) {
    const stream = readEvents(log, { types: TYPES, venueId, after: cursor });
    const takes = 1 + Math.floor(Math.random() * 6);
    for (let i = 0; i < takes && received.length < writers * each; i += 1) {
      const { value } = await withDeadline(stream.next(), 60_000, 'the next event');
      received.push(value);
      cursor = value.cursor;
    }
    await stream.return?.();
    cuts += 1;
  }
  await writing;

  const logged = await readLog(db, { after: from, limit: 10_000 });
  expect(received.map((event) => event.position)).toEqual(logged.map((event) => event.position));
  expect(cuts).toBeGreaterThan(50);
  for (let writer = 0; writer < writers; writer += 1) {
    const own = received.filter(
      ({ payload }) => (payload as { subject: string }).subject === `writer-${writer}`,
    );
    expect(own.map((event) => (event.payload as { number: number }).number)).toEqual(
      Array.from({ length: each }, (_, i) => i),
    );
  }
});

test('a query then subscribe behind its cursor shows the next write first and nothing twice, under load', {
  timeout: 120_000,
}, async () => {
  const stop = new AbortController();
  const load = Promise.all(
    Array.from({ length: 6 }, async (_, writer) => {
      for (let i = 0; !stop.signal.aborted; i += 1) await count(`load-${writer}`, i, i % 10 === 3 ? 30 : 0);
    }),
  );
  try {
    for (let round = 0; round < 300; round += 1) {
      const subject = newId();
      const before = 3 + (round % 3);
      for (let i = 0; i < before; i += 1) void count(subject, i);
      // What is visible now is what the query shows; the outbox and the log together are all that was written.
      const { state, cursor } = await readWithCursor(db, async (tx) => {
        const seen = await sql<{ n: number }>`
          select (payload->>'number')::int as n from event_log where payload->>'subject' = ${subject}
          union all select (payload->>'number')::int from outbox where payload->>'subject' = ${subject}`.execute(
          tx,
        );
        return new Set(seen.rows.map(({ n }) => n));
      });
      await count(subject, 99);
      const stream = readEvents(log, {
        types: ['test.counted'],
        venueId,
        after: cursor,
        matches: ({ payload }) => payload.subject === subject,
      });
      const after: number[] = [];
      while (after.length + state.size < before + 1) {
        const { value } = await withDeadline(stream.next(), 60_000, `frames of round ${round}`);
        after.push(value.payload.number);
      }
      await stream.return?.();
      expect(after.filter((n) => state.has(n))).toEqual([]);
      expect(after).toContain(99);
      if (state.size === before) expect(after).toEqual([99]);
    }
  } finally {
    stop.abort();
    await load;
  }
});

test.each([
  ['in memory', 0],
  ['in the log alone', 24],
])(
  'a reader that resumes behind a long backlog %s gets all of it and then what is new',
  async (_, hoursAgo) => {
    const start = await headCursor();
    const subject = newId();
    const clockShiftMs = () => -hoursAgo * 60 * 60_000;
    const run = createRunWork({ db, onEvents: log.committed, clockShiftMs });
    await run(system('test'), async (work) => {
      for (let i = 0; i < 3_000; i += 1) work.emit({ type: 'test.counted', venueId, subject, number: i });
    });
    // All of it lies behind who comes now.
    await eventually(async () => {
      const { rows } = await sql<{ many: number; last: bigint }>`
        select count(*)::int as many, max(position) as last from event_log
        where payload->>'subject' = ${subject}`.execute(db);
      return rows[0]?.many === 3_000 && log.position() >= rows[0].last;
    });
    const stream = readEvents(log, {
      types: ['test.counted'],
      venueId,
      after: start,
      matches: ({ payload }) => payload.subject === subject,
    });
    const numbers: number[] = [];
    const next = async () =>
      (await withDeadline(stream.next(), 60_000, 'the next event')).value.payload.number;
    while (numbers.length < 3_000) numbers.push(await next());
    expect(numbers).toEqual(Array.from({ length: 3_000 }, (_, i) => i));
    const live = next();
    await count(subject, 3_000);
    expect(await live).toBe(3_000);
    await stream.return?.();
  },
);

test('ending a stream that waits ends the wait and leaves nothing behind', async () => {
  const before = log.feed.listeners;
  const stream = readEvents(log, { types: ['test.ended'], venueId });
  const waiting = stream.next();
  expect(log.feed.listeners).toBe(before + 1);
  await stream.return?.();
  expect(await withDeadline(waiting, 1_000, 'the waiting read')).toEqual({ done: true, value: undefined });
  expect(log.feed.listeners).toBe(before);
});

test('what happens faster than it can be shown is read from the log instead, and none of it is lost', async () => {
  const stream = readEvents(log, { types: ['test.counted'], venueId });
  await runWork(system('test'), async (work) => {
    for (let i = 0; i < 2_500; i += 1)
      work.emit({ type: 'test.counted', venueId, subject: 'flood', number: i });
  });
  const numbers: number[] = [];
  while (numbers.length < 2_500) {
    const { value } = await withDeadline(stream.next(), 60_000, 'the next of the flood');
    if (value.payload.subject === 'flood') numbers.push(value.payload.number);
  }
  expect(numbers).toEqual(Array.from({ length: 2_500 }, (_, i) => i));
  await stream.return();
});

test('a topic of few subjects hears of these alone, live and from the log', async () => {
  const subjects = {
    of: ({ payload }: { payload: { subject: string } }) => payload.subject,
    among: ['mine', 'ours'],
  };
  const start = await headCursor();
  const live = readEvents(log, { types: ['test.counted'], venueId, subjects });
  for (const [i, subject] of ['mine', 'theirs', 'ours', 'mine'].entries()) await count(subject, i);
  const resumed = readEvents(log, { types: ['test.counted'], venueId, subjects, after: start });
  for (const stream of [live, resumed]) {
    const numbers: number[] = [];
    for (let i = 0; i < 3; i += 1)
      numbers.push((await withDeadline(stream.next(), 60_000, 'an event')).value.payload.number);
    expect(numbers).toEqual([0, 2, 3]);
    await stream.return();
  }
  expect(log.feed.listeners).toBe(0);
});

test('whoever leaves, those of the same type hear on', async () => {
  const subject = newId();
  const of = ({ payload }: { payload: { subject: string } }) => payload.subject;
  const matches = ({ payload }: { payload: { subject: string } }) => payload.subject === subject;
  const topic = { types: ['test.counted'] as const, venueId, sightOf: () => 'SHARED' as const, matches };
  const hear = (among: readonly string[] | null) => {
    const numbers: number[] = [];
    const source = log.streams.events<'test.counted'>({
      ...topic,
      ...(among && { subjects: { of, among } }),
    });
    const listening = source.listen(({ payload }) => numbers.push((payload as { number: number }).number));
    return { numbers, leave: () => listening[Symbol.dispose]() };
  };
  const [all, both, mine] = [hear(null), hear([subject, 'ours']), hear([subject])];
  all.leave();
  await count(subject, 1);
  await eventually(() => mine.numbers.length === 1);
  mine.leave();
  const again = hear(null);
  await count(subject, 2);
  await eventually(() => again.numbers.length === 1);
  both.leave();
  await count(subject, 3);
  await eventually(() => again.numbers.length === 2);
  again.leave();
  expect([all.numbers, mine.numbers, both.numbers, again.numbers]).toEqual([[], [1], [1, 2], [2, 3]]);
});

test('streams of other subjects are others, whatever their arguments are', () => {
  const keyOf = (...among: string[]) => {
    const subjects = { of: ({ payload }: { payload: { subject: string } }) => payload.subject, among };
    const topic = { types: ['test.counted'] as const, venueId, sightOf: () => 'SHARED' as const };
    return log.streams.events<'test.counted'>({ ...topic, ...(among.length > 0 && { subjects }) }).key;
  };
  const keys = [keyOf(), keyOf('mine'), keyOf('theirs'), keyOf('mine', 'theirs')];
  expect(new Set(keys).size).toBe(4);
  expect(keyOf('mine')).toBe(keyOf('mine'));
});

test('events of another venue and of other types do not arrive', async () => {
  const stream = readEvents(log, { types: ['test.ended'], venueId });
  await runWork(system('test'), async (work) => {
    work.emit({ type: 'test.ended', venueId: newId(), subject: 'foreign' });
    work.emit({ type: 'test.counted', venueId, subject: 'other type', number: 1 });
    work.emit({ type: 'test.ended', venueId, subject: 'own' });
  });
  const { value } = await withDeadline(stream.next(), 60_000, 'the own event');
  expect(value.payload.subject).toBe('own');
  await stream.return?.();
});

test.each([
  ['not a cursor', async () => 'AAAA'],
  ['empty parts', async () => Buffer.from('1||').toString('base64url')],
  ['another log', async () => encodeCursor({ log: newId(), position: 0n, snapshot: null })],
  [
    'the future',
    async () => encodeCursor({ log: await readLogIdentity(db), position: 10n ** 12n, snapshot: null }),
  ],
  ['another version', async () => Buffer.from(`2|${newId()}|1`).toString('base64url')],
])('a cursor that is %s is refused', async (_title, cursor) => {
  const stream = readEvents(log, { types: ['test.ended'], venueId, after: await cursor() });
  await expect(stream.next()).rejects.toThrow(CursorError);
});

test('what a query showed does not come again to a reader who is cut and resumes where it had yet to come', async () => {
  const subject = newId();
  const start = await readHead(db);
  let commit = () => {};
  const held = new Promise<void>((resolve) => (commit = resolve));
  const emit = async (tx: Transaction<Database>, number: number) =>
    await writeOutbox(tx, {
      events: [
        { event: { type: 'test.counted', venueId, subject, number }, actor: system('test'), origin: null },
      ],
      at: new Date(),
    });
  let written = () => {};
  const isWritten = new Promise<void>((resolve) => (written = resolve));
  const late = db.transaction().execute(async (tx) => {
    await emit(tx, 1);
    written();
    await held;
  });
  await isWritten;
  // Nothing gets its place while this is held, so what was written first is placed first.
  await db.transaction().execute(async (sequencer) => {
    await sql`select pg_advisory_xact_lock(7307811, 1)`.execute(sequencer);
    await db.transaction().execute((tx) => emit(tx, 2));
    const { cursor } = await readWithCursor(db, async () => null);
    commit();
    await late;
    query = cursor;
  });
  const read = (after: string) =>
    readEvents(log, {
      types: ['test.counted'],
      venueId,
      after,
      matches: ({ payload }) => payload.subject === subject,
    });

  const first = read(query);
  const { value } = await withDeadline(first.next(), 60_000, 'what the query did not show');
  expect(value.payload.number).toBe(1);
  await first.return();
  const placed = await readLog(db, { after: start, limit: 10, types: ['test.counted'] });
  expect(placed.map(({ payload }) => (payload as { number: number }).number)).toEqual([1, 2]);

  await count(subject, 3);
  const resumed = read(value.cursor);
  expect((await withDeadline(resumed.next(), 60_000, 'the next')).value.payload.number).toBe(3);
  await resumed.return();
});
