import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { verifyAudit } from '../../src/events/audit-verification.ts';
import { encodeCursor } from '../../src/events/cursor.ts';
import { CursorError } from '../../src/events/errors.ts';
import type { LoggedEvent } from '../../src/events/events.ts';
import { readHead, readLog, readLogIdentity } from '../../src/events/log.ts';
import { placeIn, readStandingLog } from '../../src/events/log-page.ts';
import { verifyLog } from '../../src/events/log-verification.ts';
import type { Reactor } from '../../src/events/reaction.ts';
import { startReactor } from '../../src/events/reactor.ts';
import { pruneLog, startLogRetention } from '../../src/events/retention.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { TimeoutError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aRunningLog, TEST_VENUE as venueId } from '../support/event-log.ts';
import { readEvents } from '../support/read-events.ts';

const HOUR_MS = 60 * 60_000;
const { db, log } = await aRunningLog();

/** Events that happened so long ago. */
async function happen(hoursAgo: number, count: number, type: 'test.counted' | 'test.ended' = 'test.counted') {
  const head = log.position();
  const runWork = createRunWork({ db, onEvents: log.committed, clockShiftMs: () => -hoursAgo * HOUR_MS });
  await runWork(ANONYMOUS, async (work) => {
    for (let number = 0; number < count; number += 1)
      work.emit({ type, venueId, subject: 'retention', number });
  });
  await eventually(() => log.position() === head + BigInt(count));
}

const prune = (batch = 1_000) => pruneLog(db, { retentionMs: 12 * HOUR_MS, batch });
const kept = async () => (await readLog(db, { after: 0n, limit: 1_000 })).map(({ position }) => position);

// Each test begins with one event, an old one.
beforeEach(async () => {
  await happen(24, 1);
  await pruneLog(db, { retentionMs: 0, batch: 10_000 });
});

const after = async (position: bigint) =>
  readEvents(log, {
    types: ['test.counted'],
    venueId,
    after: encodeCursor({ log: await readLogIdentity(db), position, snapshot: null }),
  });

test('the log forgets what is older than its retention, in batches, and goes on behind it', async () => {
  const old = await readHead(db);
  await happen(24, 6);
  await happen(1, 2);
  expect(await prune(4)).toBe(4);
  expect((await kept())[0]).toBe(old + 4n);
  expect(await prune(4)).toBe(3);
  expect(await prune(4)).toBe(0);
  expect(await kept()).toEqual([old + 7n, old + 8n]);
  expect(await verifyLog(db)).toEqual({ events: 2, broken: null });
  expect((await verifyAudit(db, venueId, null)).broken).toBeNull();

  await happen(0, 1);
  expect((await kept()).at(-1)).toBe(old + 9n);
  expect(await verifyLog(db)).toEqual({ events: 3, broken: null });
});

test('the newest event stays however old it is, so that no position is given twice', async () => {
  const before = await readHead(db);
  await happen(24, 3);
  await prune();
  expect(await kept()).toEqual([before + 3n]);
  await happen(0, 1);
  expect(await readHead(db)).toBe(before + 4n);
});

test('an old event behind one that stays, stays too: what is kept has no gap', async () => {
  const before = await readHead(db);
  await happen(1, 1);
  await happen(24, 2);
  await happen(1, 1);
  await prune();
  expect(await kept()).toEqual([before + 1n, before + 2n, before + 3n, before + 4n]);
});

test('a cursor before what was forgotten is refused, one at its end misses nothing', async () => {
  const before = await readHead(db);
  await happen(24, 3);
  await happen(1, 2);
  await prune();
  await expect((await after(before + 2n)).next()).rejects.toThrow(CursorError);
  await expect((await after(0n)).next()).rejects.toThrow(CursorError);

  const stream = await after(before + 3n);
  const next = () => withDeadline(stream.next(), 60_000, 'the next event');
  expect((await next()).value.position).toBe(before + 4n);
  expect((await next()).value.position).toBe(before + 5n);
  await stream.return?.();
});

test('a page begins behind what is kept, and at no place before, beyond or elsewhere', async () => {
  await happen(24, 3);
  await happen(1, 2);
  await prune();
  await readStandingLog(db, async (standing) => {
    const { log: id, forgotten, head } = standing;
    expect(head - forgotten).toBe(2n);
    const place =
      (position: bigint, of = id) =>
      () =>
        placeIn(standing, encodeCursor({ log: of, position, snapshot: null })).position;
    expect([forgotten, head].map((position) => place(position)())).toEqual([forgotten, head]);
    for (const wrong of [place(forgotten - 1n), place(head + 1n), place(head, newId())])
      expect(wrong).toThrow(CursorError);
  });
});

test('a reader that is overtaken by forgetting while it catches up is told so', async () => {
  const before = await readHead(db);
  await happen(24, 600);
  await happen(1, 1);
  const stream = await after(before);
  expect((await withDeadline(stream.next(), 60_000, 'the first event')).value.position).toBe(before + 1n);
  expect(await prune()).toBe(601);
  const rest = async () => {
    for await (const { position } of stream) if (position > before + 600n) return position;
    return null;
  };
  await expect(rest()).rejects.toThrow(CursorError);
});

test('what a reactor has yet to see is kept for it, whatever else is forgotten', async () => {
  const before = await readHead(db);
  let isStuck = true;
  const seen: bigint[] = [];
  const reactor: Reactor<'test.ended', Work> = {
    name: 'retention-test',
    types: ['test.ended'],
    whenItFails: 'LEAVE_OUT',
    async react(_work: Work, event: LoggedEvent<'test.ended'>) {
      if (isStuck) throw new TimeoutError('not yet');
      seen.push(event.position);
    },
  };
  await happen(24, 2);
  await happen(24, 1, 'test.ended');
  await happen(24, 2);
  const runWork = createRunWork({ db, onEvents: log.committed });
  await using running = startReactor(reactor, { runWork, onError: () => {} });
  await eventually(async () => {
    const row = await db
      .selectFrom('reactor')
      .select('types')
      .where('name', '=', reactor.name)
      .executeTakeFirst();
    return row?.types?.join() === 'test.ended';
  });
  await prune();
  expect(await kept()).toEqual([before + 3n, before + 4n, before + 5n]);

  isStuck = false;
  running.wake();
  await eventually(async () => {
    await prune();
    return (await kept())[0] === before + 5n;
  });
  expect(seen).toEqual([before + 3n]);
});

test('a reactor that has not said what it waits for holds everything it has not passed', async () => {
  const before = await readHead(db);
  await sql`insert into reactor (name, position) values ('silent', ${before})`.execute(db);
  await happen(24, 3);
  await prune();
  expect((await kept()).slice(-3)).toEqual([before + 1n, before + 2n, before + 3n]);
  await sql`update reactor set position = ${before + 3n}, types = '{}' where name = 'silent'`.execute(db);
  await prune();
  expect(await kept()).toEqual([before + 3n]);
});

test('the job forgets by itself, all there is', async () => {
  const before = await readHead(db);
  await happen(24, 5);
  const errors: unknown[] = [];
  const job = startLogRetention({ db, retentionMs: 12 * HOUR_MS, onError: (error) => errors.push(error) });
  await eventually(async () => (await kept())[0] === before + 5n);
  await job[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});

test('an event that was taken from the old end by hand is found out', async () => {
  await happen(1, 2);
  const [first = 0n] = await kept();
  await db.transaction().execute(async (tx) => {
    await sql`set local role none`.execute(tx);
    await sql`create temporary table taken on commit drop as select * from event_log where position = ${first}`.execute(
      tx,
    );
    await sql`delete from event_log where position = ${first}`.execute(tx);
    expect((await verifyLog(tx)).broken).toEqual({ fault: 'MISSING', position: first });
    await sql`insert into event_log select * from taken`.execute(tx);
  });
});
