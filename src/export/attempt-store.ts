import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { BulkExportTable } from '../db/tables/bulk-export.ts';
import type { BulkExport, BulkExportFailure } from './bulk-export.ts';
import { exportOf } from './bulk-export-store.ts';

/** An export that one process writes, by a name that no other has. */
export interface Attempt {
  readonly export: BulkExport;
  readonly attemptId: string;
  /** The first is 1. */
  readonly number: number;
}

interface ToTake {
  readonly now: Instant;
  /** So many of one venue are written at a time. */
  readonly perVenue: number;
}

/** Those that nobody writes, where their venue has room for one more: new ones, and what died with its process. */
export const waitingExports = (db: Kysely<Database>, { now, perVenue }: ToTake) =>
  db
    .selectFrom('bulk_export')
    .where((is) =>
      is.or([
        is('status', '=', 'PENDING'),
        is.and([is('status', '=', 'RUNNING'), is('leased_until', '<=', now)]),
      ]),
    )
    .where(
      ({ selectFrom }) =>
        selectFrom('bulk_export as running')
          .whereRef('running.venue_id', '=', 'bulk_export.venue_id')
          .where('running.status', '=', 'RUNNING')
          .where('running.leased_until', '>', now)
          .select(sql<number>`count(*)::int`.as('count')),
      '<',
      perVenue,
    );

/** The one that has waited longest is this process's; null: there is none. Two never take one, or one too many. */
export async function takeWaiting(
  tx: Transaction<Database>,
  { attemptId, until, ...which }: ToTake & { readonly attemptId: string; readonly until: Date },
): Promise<Attempt | null> {
  await sql`select pg_advisory_xact_lock(${TAKING})`.execute(tx);
  const row = await tx
    .updateTable('bulk_export')
    .set({ status: 'RUNNING', attempt_id: attemptId, leased_until: until, row_count: 0n })
    .set((eb) => ({ attempts: eb('attempts', '+', 1) }))
    .where('id', '=', () =>
      waitingExports(tx, which)
        .select('bulk_export.id')
        .orderBy('created_at')
        .orderBy('bulk_export.id')
        .limit(1),
    )
    // It may have been cancelled since the statement began.
    .where('status', 'in', ['PENDING', 'RUNNING'])
    .returningAll()
    .executeTakeFirst();
  return row ? attemptOf(row, attemptId) : null;
}

const TAKING = 1_482_734_189;

/** Says how far it is; whether it is still this attempt's: if not, it was cancelled, or taken by another. */
export async function renewAttempt(
  tx: Transaction<Database>,
  { attemptId }: Attempt,
  { rowCount, until }: { readonly rowCount: number; readonly until: Date },
): Promise<boolean> {
  const row = await ofAttempt(tx, attemptId)
    .set({ row_count: BigInt(rowCount), leased_until: until })
    .returning('id')
    .executeTakeFirst();
  return row !== undefined;
}

/** Another process takes it up at once, as if this one had never begun. */
export async function giveBack(tx: Transaction<Database>, { attemptId }: Attempt): Promise<void> {
  await ofAttempt(tx, attemptId)
    .set({ status: 'PENDING', attempt_id: null, leased_until: null, row_count: 0n })
    .set((eb) => ({ attempts: eb('attempts', '-', 1) }))
    .execute();
}

/** What was written of it. */
export interface WrittenFile {
  readonly fileId: string;
  readonly rowCount: number;
  readonly byteSize: number;
  readonly sha256: Buffer;
}

/** Its file can be fetched. Null: it is not this attempt's any more. */
export async function saveDone(
  tx: Transaction<Database>,
  { attemptId }: Attempt,
  {
    file: { fileId, rowCount, byteSize, sha256 },
    at,
    expiresAt,
  }: { readonly file: WrittenFile; readonly at: Date; readonly expiresAt: Date },
): Promise<BulkExport | null> {
  const row = await ofAttempt(tx, attemptId)
    .set({
      status: 'DONE',
      attempt_id: null,
      leased_until: null,
      row_count: BigInt(rowCount),
      byte_count: BigInt(byteSize),
      sha256,
      file_id: fileId,
      finished_at: at,
      expires_at: expiresAt,
    })
    .returningAll()
    .executeTakeFirst();
  return row ? exportOf(row) : null;
}

/** None comes of it. Null: it is not this attempt's any more. */
export async function saveFailed(
  tx: Transaction<Database>,
  { attemptId }: Attempt,
  { failure, at }: { readonly failure: BulkExportFailure; readonly at: Date },
): Promise<BulkExport | null> {
  const row = await ofAttempt(tx, attemptId)
    .set({ status: 'FAILED', attempt_id: null, leased_until: null, finished_at: at, failure })
    .returningAll()
    .executeTakeFirst();
  return row ? exportOf(row) : null;
}

/** Which of these are written now, at whichever server. */
export async function findAttempts(
  db: Kysely<Database>,
  attemptIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (attemptIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('bulk_export')
    .select('attempt_id')
    .where('attempt_id', '=', sql<string>`any(${attemptIds}::uuid[])`)
    .execute();
  return new Set(rows.flatMap(({ attempt_id }) => attempt_id ?? []));
}

const ofAttempt = (tx: Transaction<Database>, attemptId: string) =>
  tx.updateTable('bulk_export').where('attempt_id', '=', attemptId);

const attemptOf = (row: Selectable<BulkExportTable>, attemptId: string): Attempt => ({
  export: exportOf(row),
  attemptId,
  number: row.attempts,
});
