import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, beforeEach, expect, test } from 'vitest';
import { cancelBulkExport } from '../../src/export/bulk-export-service.ts';
import { findExportsByIds } from '../../src/export/bulk-export-store.ts';
import { pruneExports, sweepDrafts } from '../../src/export/jobs.ts';
import { type ExportRunner, type RunnerOptions, startExportRunner } from '../../src/export/runner.ts';
import type { ToLines } from '../../src/export/writing.ts';
import { ValidationError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { diskStorage } from '../../src/signage/disk-storage.ts';
import type { Storage } from '../../src/signage/storage.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aVenue } from '../support/builders.ts';
import { aBulkExport, linesOf } from '../support/bulk-export.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aGate } from '../support/gate.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** Who writes an export, and what becomes of it when something is in the way. */

const { floor } = await cloneDatabase();
const { db } = floor;
const shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);
const seeded = await aLine(runWork, { venueId, machines: 1, port: 'line' });
const machineId = seeded.machines[0]?.id ?? '';
const drafts = await temporaryFolder();
const kept = await temporaryFolder();
const storage = diskStorage(kept);

const EVENTS = 30_000;
await sql`
  insert into machine_event (id, venue_id, machine_id, type, occurred_at)
  select gen_random_uuid(), ${venueId}, ${machineId}, 'SLOT_DOOR_OPENED',
    timestamptz '2026-01-01 00:00Z' + (n / 7) * interval '1 second'
  from generate_series(1, ${EVENTS}) n`.execute(db);

/** Those that were there from the beginning. */
const aWhole = () => aBulkExport(runWork, { venueId, filter: { to: new Date('2026-06-01T00:00:00Z') } });

const asJson: ToLines = async (_kind, rows) => rows.map((row) => JSON.stringify(row));

let runners: ExportRunner[] = [];
const stop = async () => {
  await Promise.all(runners.map((runner) => runner[Symbol.asyncDispose]()));
  runners = [];
};
beforeEach(stop);
afterAll(stop);

const failures: unknown[] = [];
function aRunner(changed: Partial<RunnerOptions> = {}): ExportRunner {
  const runner = startExportRunner({
    db,
    runWork,
    storage,
    toLines: asJson,
    folder: drafts,
    maxBytes: 1_000_000_000,
    atOnce: 2,
    perVenue: 1,
    retentionMs: 60_000,
    onError: (error) => void failures.push(error),
    ...changed,
  });
  runners.push(runner);
  return runner;
}

const find = async (id: string) => (await findExportsByIds(db, venueId, [id]))[0];
const ended = (id: string) =>
  eventually(async () => {
    const one = await find(id);
    return one && one.finishedAt !== null && one;
  });

/** The bytes of all that is in the storage. */
async function storedFiles(): Promise<readonly string[]> {
  const names = await readdir(kept, { recursive: true, withFileTypes: true });
  return names.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

async function readExported(id: string): Promise<readonly Record<string, unknown>[]> {
  const { file_id } = await db
    .selectFrom('bulk_export')
    .select('file_id')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return linesOf(await readFile(join(kept, file_id?.slice(-2) ?? '', file_id ?? ''), 'utf8'));
}

test('tens of thousands of rows are read some hundreds at a time, and each is a line once', async () => {
  let most = 0;
  let under = 0;
  const counted: ToLines = async (kind, rows, of) => {
    under += 1;
    most = Math.max(most, rows.length * under);
    const lines = await asJson(kind, rows, of);
    under -= 1;
    return lines;
  };
  const { id } = await aWhole();
  aRunner({ toLines: counted });
  expect(await ended(id)).toMatchObject({ status: 'DONE', rowCount: BigInt(EVENTS) });
  expect(most).toBe(500);
  const lines = await readExported(id);
  expect(new Set(lines.map((line) => line.id)).size).toBe(EVENTS);
  const times = lines.map((line) => String(line.occurredAt));
  expect(times).toEqual([...times].sort());
  expect(await readdir(drafts)).toEqual([]);
});

test('what happens while it is written is not in it', async () => {
  const { id } = await aBulkExport(runWork, { venueId });
  let batches = 0;
  const meddling: ToLines = async (kind, rows, of) => {
    batches += 1;
    if (batches === 2)
      await db
        .insertInto('machine_event')
        .values({
          id: newId(),
          venue_id: venueId,
          machine_id: machineId,
          type: 'LATE',
          occurred_at: new Date(),
        } as never)
        .execute();
    return await asJson(kind, rows, of);
  };
  aRunner({ toLines: meddling });
  expect(await ended(id)).toMatchObject({ status: 'DONE', rowCount: BigInt(EVENTS) });
});

test('several processes write each once, and of one venue not more at a time than they may', async () => {
  const { id: otherVenueId } = await aVenue(runWork);
  const filter = { to: new Date('2026-01-01T00:10:00Z') };
  const asked = await Promise.all([
    ...Array.from({ length: 6 }, () => aBulkExport(runWork, { venueId, filter })),
    ...Array.from({ length: 2 }, () => aBulkExport(runWork, { venueId: otherVenueId, kind: 'BOOKINGS' })),
  ]);
  let now = 0;
  let most = 0;
  const counted: ToLines = async (kind, rows, of) => {
    now += 1;
    most = Math.max(most, now);
    // Others have the time to begin.
    await sql`select pg_sleep(0.02)`.execute(of.tx);
    const lines = await asJson(kind, rows, of);
    now -= 1;
    return lines;
  };
  for (let at = 0; at < 3; at += 1) aRunner({ toLines: counted });
  await eventually(async () => {
    for (const runner of runners) runner.wake();
    const open = db.selectFrom('bulk_export').select('id').where('finished_at', 'is', null);
    return (await open.execute()).length === 0;
  });
  const finished = await db
    .selectFrom('outbox')
    .select('payload')
    .where('type', '=', 'export.finished')
    .execute();
  const told = finished.map(({ payload }) => (payload as { readonly bulkExportId: string }).bulkExportId);
  for (const { id } of asked) expect(told.filter((each) => each === id)).toHaveLength(1);
  expect(most).toBe(1);
  const attempts = await db.selectFrom('bulk_export').select('attempts').execute();
  expect(new Set(attempts.map((row) => row.attempts))).toEqual(new Set([1]));
});

test('cancelled in the middle, it ends at once and leaves nothing', async () => {
  const { id } = await aWhole();
  const before = await storedFiles();
  const [begun, goOn] = [aGate(), aGate()];
  const waiting: ToLines = async (kind, rows, of) => {
    begun.open();
    await goOn.opened;
    return await asJson(kind, rows, of);
  };
  const runner = aRunner({ toLines: waiting });
  await begun.opened;
  expect(await find(id)).toMatchObject({ status: 'RUNNING' });
  expect(await readdir(drafts)).toHaveLength(1);
  const cancelled = await runWork(DESK, (work) => cancelBulkExport(work, { venueId, bulkExportId: id }));
  runner.hear({ type: 'export.cancelled', payload: { bulkExportId: id } } as never);
  goOn.open();
  await eventually(async () => (await readdir(drafts)).length === 0);
  await stop();
  expect(await find(id)).toEqual(cancelled);
  expect(await storedFiles()).toEqual(before);
  const again = await runWork(DESK, (work) => cancelBulkExport(work, { venueId, bulkExportId: id }));
  expect(again).toEqual(cancelled);
});

test('a process that stops gives back what it was writing, and another writes it', async () => {
  const { id } = await aWhole();
  const [begun, goOn] = [aGate(), aGate()];
  aRunner({
    toLines: async (kind, rows, of) => {
      begun.open();
      await goOn.opened;
      return await asJson(kind, rows, of);
    },
  });
  await begun.opened;
  const stopped = stop();
  goOn.open();
  await stopped;
  expect(await find(id)).toMatchObject({ status: 'PENDING', rowCount: 0n });
  aRunner();
  expect(await ended(id)).toMatchObject({ status: 'DONE', rowCount: BigInt(EVENTS) });
  const row = await db
    .selectFrom('bulk_export')
    .select('attempts')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(row.attempts).toBe(1);
});

test('what a process was given up for writing is written by another, and the first publishes nothing', async () => {
  const { id } = await aWhole();
  const [begun, goOn] = [aGate(), aGate()];
  const puts: string[] = [];
  const slow: Storage = {
    ...storage,
    async put(fileId, file, signal) {
      puts.push(fileId);
      begun.open();
      await goOn.opened;
      await storage.put(fileId, file, signal);
    },
  };
  aRunner({ storage: slow });
  await begun.opened;
  await db
    .updateTable('bulk_export')
    .set({ leased_until: new Date(0) })
    .where('id', '=', id)
    .execute();
  aRunner();
  const done = await ended(id);
  goOn.open();
  await stop();
  expect(await find(id)).toEqual(done);
  const files = await db.selectFrom('stored_file').select(['id', 'status']).where('id', 'in', puts).execute();
  expect(files).toEqual([{ id: puts[0], status: 'GONE' }]);
});

test('what three processes could not write is given up', async () => {
  const { id } = await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' });
  const broken: Storage = { ...storage, put: () => Promise.reject(new Error('the storage is full')) };
  const runner = aRunner({ storage: broken });
  for (let lost = 1; lost < 3; lost += 1) {
    await eventually(() => failures.length >= lost);
    await db
      .updateTable('bulk_export')
      .set({ leased_until: new Date(0) })
      .where('id', '=', id)
      .execute();
    runner.wake();
  }
  expect(await ended(id)).toMatchObject({
    status: 'FAILED',
    failure: 'INTERNAL',
    file: null,
    expiresAt: null,
  });
  expect(failures.splice(0).map(String)).toEqual(Array(3).fill('Error: the storage is full'));
  const files = db.selectFrom('stored_file').select('status').where('status', '=', 'ARRIVING');
  expect(await files.execute()).toEqual([]);
});

test('what could not be kept is the failure that is told, also when that it was refused cannot be said', async () => {
  const { id } = await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' });
  let isFull = false;
  const full: Storage = {
    ...storage,
    put() {
      isFull = true;
      return Promise.reject(new Error('the storage is full'));
    },
  };
  const away = aRunner({
    storage: full,
    runWork: (actor, task, origin) =>
      isFull ? Promise.reject(new Error('the database is away')) : runWork(actor, task, origin),
  });
  await eventually(() => failures.length > 1);
  await away[Symbol.asyncDispose]();
  expect(failures.splice(0).map(String)).toContain('Error: the storage is full');
  await runWork(DESK, (work) => cancelBulkExport(work, { venueId, bulkExportId: id }));
});

test('what cannot be published leaves no file, and is written again', async () => {
  const { id } = await aWhole();
  const before = await storedFiles();
  const arriving = db.selectFrom('stored_file').select('id').where('status', '=', 'ARRIVING');
  const arrivingBefore = await arriving.execute();
  let isRefused = false;
  const runner = aRunner({
    runWork: (actor, task, origin) =>
      runWork(
        actor,
        (work) =>
          task({
            ...work,
            emit(event, author) {
              if (event.type === 'export.finished' && !isRefused) {
                isRefused = true;
                throw new Error('the database is full');
              }
              work.emit(event, author);
            },
          }),
        origin,
      ),
  });
  await eventually(() => failures.length > 0);
  expect(failures.splice(0).map(String)).toEqual(['Error: the database is full']);
  expect(await storedFiles()).toEqual(before);
  expect(await arriving.execute()).toEqual(arrivingBefore);
  await db
    .updateTable('bulk_export')
    .set({ leased_until: new Date(0) })
    .where('id', '=', id)
    .execute();
  runner.wake();
  expect(await ended(id)).toMatchObject({ status: 'DONE', rowCount: BigInt(EVENTS) });
});

test('a commit of which nobody hears keeps its file', async () => {
  const { id } = await aWhole();
  let isLost = false;
  aRunner({
    async runWork(actor, task, origin) {
      let isFinish = false;
      const result = await runWork(
        actor,
        (work) =>
          task({
            ...work,
            emit(event, author) {
              isFinish = event.type === 'export.finished';
              work.emit(event, author);
            },
          }),
        origin,
      );
      if (!isFinish || isLost) return result;
      isLost = true;
      throw new Error('the connection was lost');
    },
  });
  expect(await ended(id)).toMatchObject({ status: 'DONE' });
  await eventually(() => failures.length > 0);
  await stop();
  expect(failures.splice(0).map(String)).toEqual(['Error: the connection was lost']);
  expect(await readExported(id)).toHaveLength(EVENTS);
});

test('a file that is on its way to the storage is there for as long as its process says so', async () => {
  const { id } = await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' });
  const [begun, goOn] = [aGate(), aGate()];
  let fileId = '';
  aRunner({
    storage: {
      ...storage,
      async put(given, file, signal) {
        fileId = given;
        begun.open();
        await goOn.opened;
        await storage.put(given, file, signal);
      },
    },
  });
  await begun.opened;
  const expiry = () =>
    db
      .selectFrom('stored_file')
      .select(['expires_at', 'staged_at'])
      .where('id', '=', fileId)
      .executeTakeFirstOrThrow();
  try {
    const { expires_at: first, staged_at: since } = await expiry();
    expect(Number(first) - Number(since)).toBeLessThanOrEqual(60_000);
    await eventually(async () => Number((await expiry()).expires_at) > Number(first));
  } finally {
    goOn.open();
  }
  expect(await ended(id)).toMatchObject({ status: 'DONE' });
});

test('who says that it is on its way holds nothing that who ends it waits for', async () => {
  const { id } = await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' });
  const [begun, goOn] = [aGate(), aGate()];
  let fileId = '';
  aRunner({
    storage: {
      ...storage,
      async put(given, file, signal) {
        fileId = given;
        begun.open();
        await goOn.opened;
        await storage.put(given, file, signal);
      },
    },
  });
  await begun.opened;
  try {
    await db.transaction().execute(async (tx) => {
      const { pid } = await tx
        .selectFrom('bulk_export')
        .select(sql<number>`pg_backend_pid()`.as('pid'))
        .where('id', '=', id)
        .forUpdate()
        .executeTakeFirstOrThrow();
      const waiting = sql`select from pg_locks where not granted and ${pid} = any(pg_blocking_pids(pid))`;
      await eventually(async () => (await waiting.execute(db)).rows.length > 0);
      const file = tx.selectFrom('stored_file').select('id').where('id', '=', fileId);
      expect(await file.forUpdate().noWait().execute()).toHaveLength(1);
    });
  } finally {
    goOn.open();
  }
  expect(await ended(id)).toMatchObject({ status: 'DONE' });
});

test('more bytes than an export may have are not written', async () => {
  const { id } = await aWhole();
  const before = await storedFiles();
  aRunner({ maxBytes: 200_000 });
  expect(await ended(id)).toMatchObject({ status: 'FAILED', failure: 'TOO_LARGE' });
  expect(await storedFiles()).toEqual(before);
  await eventually(async () => (await readdir(drafts)).length === 0);
});

test('what a dead process left is deleted, and what is being written is not', async () => {
  const left = join(drafts, `${newId()}.export`);
  await writeFile(left, 'half');
  const { id } = await aWhole();
  const [begun, goOn] = [aGate(), aGate()];
  aRunner({
    toLines: async (kind, rows, of) => {
      begun.open();
      await goOn.opened;
      return await asJson(kind, rows, of);
    },
  });
  await begun.opened;
  await sweepDrafts({ db, folder: drafts });
  expect(await readdir(drafts)).toHaveLength(1);
  goOn.open();
  expect(await ended(id)).toMatchObject({ status: 'DONE' });
});

test('what three processes died of is begun by no fourth', async () => {
  const { id } = await aWhole();
  await db
    .updateTable('bulk_export')
    .set({ status: 'RUNNING', attempt_id: newId(), leased_until: new Date(0), attempts: 3 })
    .where('id', '=', id)
    .execute();
  aRunner({ toLines: () => Promise.reject(new Error('it was begun')) });
  expect(await ended(id)).toMatchObject({ status: 'FAILED', failure: 'INTERNAL' });
  expect(failures).toEqual([]);
});

test('cancelled while it is taken, each is either cancelled or done', async () => {
  const asked = [];
  for (let at = 0; at < 12; at += 1) asked.push(await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' }));
  for (let at = 0; at < 3; at += 1) aRunner({ perVenue: 10 });
  const cancelled = await Promise.allSettled(
    asked.map(({ id }) => runWork(DESK, (work) => cancelBulkExport(work, { venueId, bulkExportId: id }))),
  );
  const over = await Promise.all(asked.map(({ id }) => ended(id)));
  expect(over.map(({ status }) => status)).toEqual(
    cancelled.map(({ status }) => (status === 'fulfilled' ? 'CANCELLED' : 'DONE')),
  );
  for (const refused of cancelled.filter((each) => each.status === 'rejected'))
    expect(refused.reason).toBeInstanceOf(ValidationError);
  await stop();
  expect(failures).toEqual([]);
});

test('twenty of a venue can wait, however many ask at once', async () => {
  const { id: busy } = await aVenue(runWork);
  const asked = await Promise.allSettled(
    Array.from({ length: 25 }, () => aBulkExport(runWork, { venueId: busy, kind: 'BOOKINGS' })),
  );
  expect(asked.filter(({ status }) => status === 'fulfilled')).toHaveLength(20);
  expect((await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' })).status).toBe('PENDING');
});

test('what has been over for long is forgotten, and what can still be fetched is not', async () => {
  const cancelled = await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' });
  await runWork(DESK, (work) => cancelBulkExport(work, { venueId, bulkExportId: cancelled.id }));
  const fetched = await aBulkExport(runWork, { venueId, kind: 'BOOKINGS' });
  aRunner();
  await ended(fetched.id);
  const before = new Date(Date.now() + 60_000);
  await runWork(DESK, ({ tx }) => pruneExports(tx, { before, limit: 1_000 }));
  expect([await find(cancelled.id), await find(fetched.id)]).toMatchObject([undefined, { status: 'DONE' }]);
});
