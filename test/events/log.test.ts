import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startEventLog } from '../../src/events/event-log.ts';
import { readHead, readLog } from '../../src/events/log.ts';
import { countEvents, listEvents } from '../../src/events/log-page.ts';
import { verifyLog } from '../../src/events/log-verification.ts';
import { isFor, startReactor } from '../../src/events/reactor.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { system } from '../../src/lib/actor.ts';
import { createRunWork, type RunWork, type Work } from '../../src/work.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { TEST_VENUE as venueId } from '../support/event-log.ts';

const nameless = await cloneDatabase();
const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });

const emit = (...numbers: number[]) =>
  runWork(system('test'), async (work) => {
    for (const number of numbers) work.emit({ type: 'test.counted', venueId, subject: 's', number });
  });

const sequenceAll = async () => {
  while ((await sequenceBatch(db)) !== 0);
};

test('an event is in the log exactly if its transaction committed', async () => {
  const head = await readHead(db);
  await emit(1, 2);
  await expect(
    runWork(system('test'), async (work) => {
      work.emit({ type: 'test.counted', venueId, subject: 's', number: 3 });
      throw new Error('no');
    }),
  ).rejects.toThrow('no');
  await sequenceAll();
  const events = await readLog(db, { after: head, limit: 10 });
  expect(events.map(({ payload }) => payload)).toEqual([
    { subject: 's', number: 1 },
    { subject: 's', number: 2 },
  ]);
  expect(events[0]?.actor).toEqual({ kind: 'system', id: 'test' });
});

test('two sequencers at once give each event one position, dense and in order', async () => {
  const head = await readHead(db);
  await Promise.all(Array.from({ length: 40 }, (_, i) => emit(i)));
  await Promise.all([sequenceAll(), sequenceAll(), sequenceAll()]);
  await sequenceAll();
  const positions = (await readLog(db, { after: head, limit: 100 })).map(({ position }) => position);
  expect(positions).toEqual(Array.from({ length: 40 }, (_, i) => head + BigInt(i) + 1n));
});

test('every entry is chained to the one before it', async () => {
  const { events, broken } = await verifyLog(db);
  expect(events).toBeGreaterThan(40);
  expect(broken).toBeNull();
});

test.each([
  ['changes what an event says', 'CONTENT', sql`update event_log set payload = '{}' where position = 7`],
  ['changes what it is', 'CHAIN', sql`update event_log set type = 'auth.nothing' where position = 7`],
  ['changes when it was', 'CHAIN', sql`update event_log set at = at - interval '1 s' where position = 7`],
  ['takes one out', 'MISSING', sql`delete from event_log where position = 7`],
])('whoever owns the database and %s in the log is found out: %s', async (_, fault, tampering) => {
  await db.transaction().execute(async (tx) => {
    await sql`set local role none`.execute(tx);
    await sql`create temporary table kept on commit drop as select * from event_log where position = 7`.execute(
      tx,
    );
    await tampering.execute(tx);
    expect((await verifyLog(tx)).broken).toEqual({ fault, position: 7n });
    await sql`delete from event_log where position = 7`.execute(tx);
    await sql`insert into event_log select * from kept`.execute(tx);
  });
  expect((await verifyLog(db)).broken).toBeNull();
});

test('an event that was erased is read nowhere, and the chain holds', async () => {
  const whole = { venueId, types: ['test.counted'] as const };
  const page = { after: 5n, before: 9n, limit: 10, backward: false, shown: null };
  const placesOf = (events: readonly { readonly position: bigint }[]) =>
    events.map(({ position }) => position);
  const rollback = new Error('undo it');
  const erasing = db.transaction().execute(async (tx) => {
    await sql`set local role none`.execute(tx);
    const before = await countEvents(tx, whole);
    await sql`update event_log set payload = null, salt = null where position = 7`.execute(tx);
    expect(placesOf(await readLog(tx, { after: 5n, limit: 2 }))).toEqual([6n, 8n]);
    expect(placesOf(await listEvents(tx, whole, page))).toEqual([6n, 8n]);
    expect(await countEvents(tx, whole)).toBe(before - 1);
    expect((await verifyLog(tx)).broken).toBeNull();
    throw rollback;
  });
  await expect(erasing).rejects.toBe(rollback);
});

test('the application can neither change nor delete what is in the log', async () => {
  await expect(sql`update event_log set type = 'a.b'`.execute(db)).rejects.toThrow(/permission denied/);
  await expect(sql`delete from event_log`.execute(db)).rejects.toThrow(/permission denied/);
  await expect(sql`insert into event_log select * from event_log`.execute(db)).rejects.toThrow(
    /permission denied/,
  );
  await expect(sql`delete from outbox`.execute(db)).rejects.toThrow(/permission denied/);
});

test('a reactor acts once per event, in order, also where its effect fails and two run at once', async () => {
  await emit(100, 101, 102, 103);
  await sequenceAll();
  const seen: number[] = [];
  let failures = 3;
  const reactor = {
    name: 'test-reactor',
    types: ['test.counted'] as const,
    whenItFails: 'LEAVE_OUT' as const,
    async react(work: Work, event: { payload: { number: number } }) {
      if (event.payload.number === 102 && failures-- > 0) throw new Error('not yet');
      await sql`select 1`.execute(work.tx);
      if (event.payload.number >= 100) {
        work.emit({ type: 'test.ended', venueId, subject: String(event.payload.number) });
        seen.push(event.payload.number);
      }
    },
  };
  const running = [1, 2].map(() => startReactor(reactor, { runWork, onError: () => {} }));
  const ended = () =>
    sql<{
      subject: string;
    }>`select payload->>'subject' as subject from outbox where type = 'test.ended' order by id`.execute(db);
  await eventually(async () => (await ended()).rows.length >= 4);
  await Promise.all(running.map((one) => one[Symbol.asyncDispose]()));
  expect((await ended()).rows.map(({ subject }) => subject)).toEqual(['100', '101', '102', '103']);
});

test('a reactor that looks at few events of a type reads no others, and passes them', async () => {
  const started = await readHead(db);
  await emit(300, 301, 302, 303);
  await sequenceAll();
  const seen: number[] = [];
  const reactor = {
    name: 'test-narrowed',
    types: ['test.counted'] as const,
    whenItFails: 'LEAVE_OUT' as const,
    narrowed: [{ type: 'test.counted', path: ['number'], among: ['301', '303'] }] as const,
    async react(_work: Work, { position, payload }: { position: bigint; payload: { number: number } }) {
      if (position > started) seen.push(payload.number);
    },
  };
  const isReason = (number: number) =>
    isFor(reactor, { type: 'test.counted', payload: { subject: '', number } });
  expect([300, 301, 302, 303].map(isReason)).toEqual([false, true, false, true]);
  const running = startReactor(reactor, { runWork, onError: () => {} });
  const passed = () => db.selectFrom('reactor').select('position').where('name', '=', 'test-narrowed');
  const hasPassed = async (many: bigint) =>
    ((await passed().executeTakeFirst())?.position ?? 0n) >= started + many;
  await eventually(() => hasPassed(4n));
  await emit(304);
  await sequenceAll();
  await eventually(() => hasPassed(5n));
  await running[Symbol.asyncDispose]();
  expect(seen).toEqual([301, 303]);
});

test('a reactor that leaves out what it fails on leaves out nothing else, and says so', async () => {
  const head = await readHead(db);
  await emit(...Array.from({ length: 70 }, (_, at) => 200 + at));
  await sequenceAll();
  const [unkept, thrown] = [230, 251];
  const reactor = {
    name: 'test-going-on',
    types: ['test.counted'] as const,
    whenItFails: 'LEAVE_OUT' as const,
    async react(work: Work, event: { position: bigint; payload: { number: number } }) {
      const { number } = event.payload;
      if (event.position <= head) return;
      if (number === thrown) throw new TypeError('no such rule');
      // PostgreSQL refuses half a sign when all else is done.
      const subject = number === unkept ? '\ud83d' : `on ${number}`;
      work.emit({ type: 'test.ended', venueId, subject });
    },
  };
  const faults: unknown[] = [];
  const running = startReactor(reactor, { runWork, onError: (error) => void faults.push(error) });
  const ended = async () => {
    const { rows } = await sql<{ subject: string }>`
      select payload->>'subject' as subject from outbox where type = 'test.ended' and payload->>'subject' like 'on %'
      order by id`.execute(db);
    return rows.map(({ subject }) => Number(subject.slice(3)));
  };
  // Each is tried for some seconds.
  await eventually(async () => (await ended()).at(-1) === 269, { deadlineMs: 60_000 });
  await running[Symbol.asyncDispose]();
  const others = Array.from({ length: 70 }, (_, at) => 200 + at).filter(
    (number) => number !== unkept && number !== thrown,
  );
  expect(await ended()).toEqual(others);
  const said = faults.filter((fault) => /goes on without test\.counted/.test(String(fault)));
  expect(said).toHaveLength(2);
});

const aStubbornReactor = (name: string, from: bigint) => {
  const seen: number[] = [];
  const faults: string[] = [];
  const refused = new Set<number>();
  const reactor = {
    name,
    types: ['test.counted'] as const,
    whenItFails: 'SET_ASIDE' as const,
    async react({ tx }: Work, { position, payload }: { position: bigint; payload: { number: number } }) {
      if (position <= from) return;
      if (refused.has(payload.number)) throw new TypeError('no such rule');
      await sql`select 1`.execute(tx);
      seen.push(payload.number);
    },
  };
  const start = (run: RunWork = runWork) =>
    startReactor(reactor, { runWork: run, onError: (fault) => void faults.push(String(fault)) });
  const tries = async () => {
    const { rows } = await sql<{ tries: number }>`
      update reactor_leftover set try_at = now() where name = ${name} returning tries`.execute(db);
    return rows.map((row) => row.tries);
  };
  return { seen, faults, refused, start, tries };
};

test('what a reactor sets aside takes effect once it can, and holds nothing behind it till then', async () => {
  const { seen, faults, refused, start, tries } = aStubbornReactor('test-aside', await readHead(db));
  refused.add(301);
  await emit(300, 301, 302);
  await sequenceAll();
  const first = start();
  await eventually(() => seen.includes(302));
  await first[Symbol.asyncDispose]();
  expect(seen.filter((number) => number === 302)).toHaveLength(1);
  expect(faults.filter((fault) => /goes on without test\.counted/.test(fault))).toHaveLength(1);

  // It is its time, and it fails once more: then later still.
  expect(await tries()).toEqual([0]);
  const second = start();
  await eventually(() => faults.some((fault) => /still fails/.test(fault)));
  await second[Symbol.asyncDispose]();
  expect(await tries()).toEqual([1]);

  refused.clear();
  const third = start();
  await eventually(() => seen.includes(301));
  await third[Symbol.asyncDispose]();
  expect(seen.filter((number) => number === 301)).toHaveLength(1);
  expect(await tries()).toEqual([]);
});

test('what one process fails on and another does meanwhile is not done again', async () => {
  const { seen, faults, refused, start, tries } = aStubbornReactor('test-meanwhile', await readHead(db));
  refused.add(310);
  await emit(310);
  await sequenceAll();
  const first = start();
  await eventually(() => faults.some((fault) => /goes on without/.test(fault)));
  await first[Symbol.asyncDispose]();
  expect(await tries()).toEqual([0]);

  const failing = start(async (...given) => {
    try {
      return await runWork(...given);
    } catch (error) {
      refused.clear();
      await using _other = start();
      await eventually(() => seen.includes(310));
      throw error;
    }
  });
  await eventually(() => faults.some((fault) => /still fails/.test(fault)));
  await failing[Symbol.asyncDispose]();
  expect(await tries()).toEqual([]);
});

test('what was set aside and the log has forgotten is given up, and said', async () => {
  const { faults, start, tries } = aStubbornReactor('test-given-up', await readHead(db));
  await sql`insert into reactor (name, position) values ('test-given-up', 0)`.execute(db);
  await sql`insert into reactor_leftover values ('test-given-up', ${(await readHead(db)) + 1_000n}, 3, now())`.execute(
    db,
  );
  const running = start();
  await eventually(async () => (await tries()).length === 0);
  await running[Symbol.asyncDispose]();
  expect(faults.join()).toMatch(/can no longer do what it set aside/);
});

// What it would leave behind fails the file: nobody else holds connections to this database.
test('a log that cannot start leaves nothing running', async () => {
  const { connection, floor: broken } = nameless;
  await broken.db.transaction().execute(async (tx) => {
    await sql`set local role none`.execute(tx);
    await sql`delete from event_log_incarnation`.execute(tx);
  });
  await expect(startEventLog({ db: broken.db, connection, onError: () => {} })).rejects.toThrow();
  await eventually(async () => {
    const { rows } = await sql<{ count: number }>`select count(*)::int as count from pg_stat_activity
      where application_name = 'floorwire-listener' and datname = current_database()`.execute(broken.db);
    return rows[0]?.count === 0;
  });
});
