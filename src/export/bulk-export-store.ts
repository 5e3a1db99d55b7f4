import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { BulkExportTable } from '../db/tables/bulk-export.ts';
import type { BulkExport, BulkExportFilter, BulkExportKind, BulkExportStatus } from './bulk-export.ts';

export async function insertExport(tx: Transaction<Database>, one: BulkExport): Promise<void> {
  await tx
    .insertInto('bulk_export')
    .values({
      id: one.id,
      venue_id: one.venueId,
      kind: one.kind,
      filter: JSON.stringify(one.filter),
      requested_by: JSON.stringify(one.requestedBy),
      created_at: one.createdAt,
    })
    .execute();
}

/** Which exports of a venue are meant. */
export interface ExportListFilter {
  readonly kinds: readonly BulkExportKind[];
  /** Null: however they stand. */
  readonly statuses: readonly BulkExportStatus[] | null;
}

/** The newest first, or in reverse when read backward. */
export async function listExports(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: ExportListFilter; readonly range: KeysetRange },
): Promise<readonly BulkExport[]> {
  const query = filtered(db, venueId, filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(exportOf);
}

export async function countExports(
  db: Kysely<Database>,
  venueId: string,
  filter: ExportListFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(db, venueId, filter).as('found'))
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export async function findExportsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly BulkExport[]> {
  if (ids.length === 0) return [];
  return (await exportsAt(db, venueId).where('id', 'in', ids).execute()).map(exportOf);
}

/** An export that nobody else changes until the transaction ends. */
export async function lockExport(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<BulkExport | null> {
  const row = await exportsAt(tx, venueId).where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? exportOf(row) : null;
}

/** How many of a venue are not over; nobody else asks for one there until the transaction ends. */
export async function countOpenAlone(tx: Transaction<Database>, venueId: string): Promise<number> {
  await sql`select pg_advisory_xact_lock(${OPEN_SPACE}, hashtext(${venueId}))`.execute(tx);
  const { count } = await exportsAt(tx, venueId)
    .where('status', 'in', ['PENDING', 'RUNNING'])
    .clearSelect()
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

const OPEN_SPACE = 1_482_734_190;

/** Nobody writes it any more. */
export async function saveCancelled(tx: Transaction<Database>, id: string, at: Date): Promise<void> {
  await tx
    .updateTable('bulk_export')
    .set({ status: 'CANCELLED', attempt_id: null, leased_until: null, finished_at: at })
    .where('id', '=', id)
    .execute();
}

/** The file of an export, for who fetches it; null: there is none, or none any more. */
export async function findExportFile(
  db: Kysely<Database>,
  venueId: string,
  { id, now }: { readonly id: string; readonly now: Date },
): Promise<{ readonly fileId: string; readonly of: BulkExport } | null> {
  const row = await exportsAt(db, venueId)
    .where('id', '=', id)
    .where('status', '=', 'DONE')
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row?.file_id ? { fileId: row.file_id, of: exportOf(row) } : null;
}

const exportsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('bulk_export').selectAll().where('venue_id', '=', venueId);

function filtered(db: Kysely<Database>, venueId: string, { kinds, statuses }: ExportListFilter) {
  let query = exportsAt(db, venueId).where('kind', '=', sql<BulkExportKind>`any(${kinds}::text[])`);
  if (statuses) query = query.where('status', '=', sql<BulkExportStatus>`any(${statuses}::text[])`);
  return query;
}

export const exportOf = (row: Selectable<BulkExportTable>): BulkExport => ({
  id: row.id,
  venueId: row.venue_id,
  kind: row.kind,
  filter: filterOf(row.filter),
  status: row.status,
  requestedBy: row.requested_by as BulkExport['requestedBy'],
  createdAt: row.created_at,
  rowCount: row.row_count,
  file:
    row.byte_count === null || row.sha256 === null ? null : { byteCount: row.byte_count, sha256: row.sha256 },
  finishedAt: row.finished_at,
  expiresAt: row.expires_at,
  failure: row.failure,
});

/** As `insertExport` wrote it. */
function filterOf(kept: Readonly<Record<string, unknown>>): BulkExportFilter {
  const timeOf = (name: string) => (typeof kept[name] === 'string' ? new Date(kept[name]) : null);
  const idsOf = (name: string) => (kept[name] as readonly string[] | null | undefined) ?? null;
  return {
    from: timeOf('from'),
    to: timeOf('to'),
    resourceIds: idsOf('resourceIds'),
    machineIds: idsOf('machineIds'),
    lotIds: idsOf('lotIds'),
  };
}
