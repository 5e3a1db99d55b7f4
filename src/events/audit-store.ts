import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AuditEntryTable } from '../db/tables/events.ts';
import type { AuditEntry } from './audit.ts';

export interface AuditFilter {
  readonly types: readonly string[] | null;
  /** The user, API key or device that did it. */
  readonly actorId: string | null;
  readonly from: Date | null;
  /** Exclusive. */
  readonly to: Date | null;
}

/** The part of the record, the newest first, that a page is cut from. */
export interface AuditRange {
  readonly after: bigint | null;
  readonly before: bigint | null;
  readonly limit: number;
  /** Read from the oldest towards the newest. */
  readonly backward: boolean;
}

/** A page of a venue's audit record, the newest first; in reverse where the range is read backward. */
export async function listAuditEntries(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: AuditFilter; readonly range: AuditRange },
): Promise<readonly AuditEntry[]> {
  let page = filtered(db, venueId, filter)
    .selectAll()
    .orderBy('sequence', range.backward ? 'asc' : 'desc')
    .limit(range.limit);
  if (range.after !== null) page = page.where('sequence', '<', range.after);
  if (range.before !== null) page = page.where('sequence', '>', range.before);
  return (await page.execute()).map(toEntry);
}

/** What is on record about a user at every venue that he did not do himself, or not signed in; the newest first. */
export async function listEntriesOfOthersAbout(
  db: Kysely<Database>,
  userId: string,
  limit: number,
): Promise<readonly (AuditEntry & { readonly venueId: string })[]> {
  const rows = await db
    .selectFrom('audit_entry')
    .selectAll()
    .where(sql<boolean>`payload->>'userId' = ${userId}`)
    .where(sql<boolean>`actor->>'id' is distinct from ${userId}`)
    .orderBy('at', 'desc')
    .orderBy('position', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({ ...toEntry(row), venueId: row.venue_id }));
}

export async function countAuditEntries(
  db: Kysely<Database>,
  venueId: string,
  filter: AuditFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export async function findAuditEntriesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly AuditEntry[]> {
  const rows = await db
    .selectFrom('audit_entry')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toEntry);
}

/** Erases why somebody whose account is gone cancelled what was his. The chain still verifies. */
export async function eraseAuditedWords(db: Kysely<Database>, userId: string): Promise<void> {
  await sql`select erase_audited_words(${userId})`.execute(db);
}

function filtered(db: Kysely<Database>, venueId: string, { types, actorId, from, to }: AuditFilter) {
  let query = db.selectFrom('audit_entry').where('venue_id', '=', venueId);
  if (types) query = query.where('type', '=', sql<string>`any(${types}::text[])`);
  if (actorId) query = query.where(sql<boolean>`actor->>'id' = ${actorId}`);
  if (from) query = query.where('at', '>=', from);
  if (to) query = query.where('at', '<', to);
  return query;
}

const toEntry = (row: Selectable<AuditEntryTable>): AuditEntry => ({
  id: row.id,
  sequence: row.sequence,
  position: row.position,
  type: row.type,
  at: row.at,
  actor: row.actor,
  origin: row.origin,
  payload: row.payload,
  hash: row.hash,
});
