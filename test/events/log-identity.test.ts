import { sql } from 'kysely';
import { expect, test, vi } from 'vitest';
import { revokeCursorsCommand } from '../../src/cli/cursors.ts';
import { readConfig } from '../../src/config.ts';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { verifyAudit } from '../../src/events/audit-verification.ts';
import { catchUp } from '../../src/events/catch-up.ts';
import { encodeCursor, readWithCursor } from '../../src/events/cursor.ts';
import { CursorError } from '../../src/events/errors.ts';
import { startEventLog } from '../../src/events/event-log.ts';
import type { LoggedEvent } from '../../src/events/events.ts';
import { readHead, readLogIdentity, renewLogIdentity, settleLogIdentity } from '../../src/events/log.ts';
import { verifyLog } from '../../src/events/log-verification.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { startTail } from '../../src/events/tail.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { createRunWork } from '../../src/work.ts';
import { cloneDatabase, copyDatabase, type TestDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { TEST_VENUE as venueId } from '../support/event-log.ts';
import { readEvents } from '../support/read-events.ts';
import { cutListeners, takeOver } from '../support/take-over.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const TYPES = ['test.counted'] as const;

/** A log running on a database, for as long as the block that holds it. */
async function running({ connection }: TestDatabase) {
  const floor = openDatabase({ connection, poolSize: 4, applicationName: 'identity test', role: APP_ROLE });
  const { db } = floor;
  const log = await startEventLog({ db, connection, onError: () => {} });
  const runWork = createRunWork({ db, onEvents: log.committed });
  const write = (number: number) =>
    runWork(ANONYMOUS, async (work) =>
      work.emit({ type: 'test.counted', venueId, subject: 'identity', number }),
    );
  return {
    db,
    log,
    write,
    async [Symbol.asyncDispose]() {
      await log[Symbol.asyncDispose]();
      await floor[Symbol.asyncDispose]();
    },
  };
}

const queryCursor = async (db: Parameters<typeof readWithCursor>[0]) =>
  (await readWithCursor(db, async () => null)).cursor;

test('a copy of the database refuses the cursors of the original, and its record still holds', async () => {
  const original = await cloneDatabase();
  const given: string[] = [];
  {
    await using here = await running(original);
    await here.write(1);
    await eventually(() => here.log.position() === 1n);
    given.push(await queryCursor(here.db));
    given.push(encodeCursor({ log: await readLogIdentity(here.db), position: 0n, snapshot: null }));
  }
  await using copy = await running(await copyDatabase(original));
  for (const after of given)
    await expect(readEvents(copy.log, { types: TYPES, venueId, after }).next()).rejects.toThrow(CursorError);
  await copy.write(2);
  await eventually(() => copy.log.position() === 2n);
  expect(await verifyAudit(copy.db, venueId, null)).toMatchObject({ entries: 2, broken: null });
  expect(await verifyLog(copy.db)).toEqual({ events: 2, broken: null });

  const own = readEvents(copy.log, { types: TYPES, venueId, after: await queryCursor(copy.db) });
  await copy.write(3);
  const { value } = await withDeadline(own.next(), 60_000, 'the event behind a cursor of the copy');
  expect(value.payload.number).toBe(3);
  await own.return?.();
});

test('a restart of the log on the same database takes the cursors from before', async () => {
  const database = await cloneDatabase();
  let cursor: string;
  {
    await using first = await running(database);
    cursor = await queryCursor(first.db);
    await first.write(1);
    await eventually(() => first.log.position() === 1n);
  }
  await using second = await running(database);
  const stream = readEvents(second.log, { types: TYPES, venueId, after: cursor });
  expect((await withDeadline(stream.next(), 60_000, 'the missed event')).value.payload.number).toBe(1);
  await stream.return?.();
});

test('a log whose database becomes another one while it runs says so, and tells nothing of that', async () => {
  const database = await cloneDatabase();
  await using here = await running(database);
  const stream = readEvents(here.log, { types: TYPES, venueId });
  for (const number of [1, 2, 3]) await here.write(number);
  for (const number of [1, 2, 3]) {
    const { value } = await withDeadline(stream.next(), 60_000, 'an event of the log');
    expect(value.payload.number).toBe(number);
  }
  let isReplaced = false;
  void here.log.replaced.then(() => (isReplaced = true));
  await cutListeners(database);
  await here.write(4);
  expect((await withDeadline(stream.next(), 60_000, 'an event behind the cut')).value.payload.number).toBe(4);
  expect(isReplaced).toBe(false);

  await takeOver(database, { without: 2 });
  await withDeadline(here.log.replaced, 60_000, 'the log to be replaced');
  for (const number of [5, 6, 7]) await here.write(number);
  await eventually(async () => (await readHead(here.db)) === 5n);
  expect(here.log.position()).toBe(4n);
  await stream.return?.();
});

test('a log is replaced when what listens to it has come to another, though the pool still leads to the old one', async () => {
  const old = await cloneDatabase();
  const taken = await cloneDatabase();
  await settleLogIdentity(taken.floor.db);
  await using log = await startEventLog({
    db: old.floor.db,
    connection: taken.connection,
    onError: () => {},
  });
  await withDeadline(log.replaced, 20_000, 'the log to be replaced');
});

test('of another log that only the pool has come to nothing is told, neither as news nor as what was missed', async () => {
  const { floor, connection } = await cloneDatabase();
  const { db } = floor;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const write = async (number: number) => {
    await runWork(ANONYMOUS, async (work) =>
      work.emit({ type: 'test.counted', venueId, subject: 'pool', number }),
    );
    await eventually(async () => (await sequenceBatch(db)) === 0);
  };
  const identity = await settleLogIdentity(db);
  let looks = 0;
  const published: LoggedEvent[] = [];
  await using _tail = await startTail({
    db,
    log: identity,
    // As what listens says that has yet to find out.
    async isSame() {
      looks += 1;
      return true;
    },
    onAnother: () => {},
    beforePublish: () => null,
    publish: (events) => void published.push(...events),
    onError: () => {},
  });
  await write(1);
  await eventually(() => published.length === 1);
  const missed = () =>
    catchUp(
      { db, log: identity, feed: { position: 2n, since: () => null } as never },
      {
        start: { position: 0n, snapshot: null, settledAt: 0n },
        range: { venueId, types: TYPES },
        isWanted: () => true,
        async take() {
          taken += 1;
        },
        goLive: () => {},
        isOver: () => taken > 0,
      },
    );
  let taken = 0;
  await missed();
  expect(taken).toBe(1);

  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
  await sql`update event_log_incarnation set made_in = regexp_replace(made_in, '/[^/]*', '/00000007')`.execute(
    owner.db,
  );
  await write(2);
  const before = looks;
  await eventually(() => looks > before + 1);
  expect(published).toHaveLength(1);
  taken = 0;
  await expect(missed()).rejects.toThrow(CursorError);
  expect(taken).toBe(0);
});

test('a log that is made another one in its place while it runs is replaced, not silent', async () => {
  const database = await cloneDatabase();
  await using here = await running(database);
  await here.write(1);
  await eventually(() => here.log.position() === 1n);
  await using owner = openDatabase({
    connection: database.connection,
    poolSize: 1,
    applicationName: 'owner',
  });
  await renewLogIdentity(owner.db);
  await withDeadline(here.log.replaced, 20_000, 'the log to be replaced');
});

test('processes that start at once in a copy agree on who it is', async () => {
  const { floor } = await cloneDatabase();
  const before = await readLogIdentity(floor.db);
  const settled = await Promise.all(Array.from({ length: 5 }, () => settleLogIdentity(floor.db)));
  expect(new Set(settled)).toEqual(new Set([await readLogIdentity(floor.db)]));
  expect(settled[0]).not.toBe(before);
});

test.each([
  ['cluster', 0],
  ['timeline', 1],
  ['database', 2],
  ['table', 3],
])('another %s is another log', async (_, part) => {
  const { floor, connection } = await cloneDatabase();
  const before = await settleLogIdentity(floor.db);
  expect(await settleLogIdentity(floor.db)).toBe(before);
  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
  const { rows } = await sql<{ made_in: string }>`select made_in from event_log_incarnation`.execute(
    owner.db,
  );
  const place = rows[0]?.made_in.split('/') ?? [];
  expect(place).toHaveLength(4);
  place[part] = '7';
  await sql`update event_log_incarnation set made_in = ${place.join('/')}`.execute(owner.db);
  expect(await settleLogIdentity(floor.db)).not.toBe(before);
});

test('the application can neither choose an identity nor say what was forgotten', async () => {
  const { floor } = await cloneDatabase();
  for (const attempt of [
    sql`update event_log_incarnation set id = gen_random_uuid()`,
    sql`insert into event_log_anchor (position, hash, at) values (1, '', now())`,
  ])
    await expect(attempt.execute(floor.db)).rejects.toThrow(/permission denied/);
});

test('floorwire cursors revoke makes it another log in the same place', async () => {
  const { floor, connection } = await cloneDatabase();
  const before = await settleLogIdentity(floor.db);
  const said = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await revokeCursorsCommand({
      ...readConfig({ DATA_DIR: await temporaryFolder(), DEMO: '0' }),
      databaseUrl: connection,
    });
    expect(said).toHaveBeenCalledOnce();
  } finally {
    said.mockRestore();
  }
  const after = await readLogIdentity(floor.db);
  expect(after).not.toBe(before);
  expect(await settleLogIdentity(floor.db)).toBe(after);
});
