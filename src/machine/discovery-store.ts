import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { LineDiscoveryTable } from '../db/tables/machine.ts';
import type { Discovery } from './discovery.ts';

/** The last search on each line that was begun, or still may be. */
export async function listDiscoveries(
  db: Kysely<Database>,
  venueId: string,
  lineIds: readonly string[],
): Promise<readonly Discovery[]> {
  if (lineIds.length === 0) return [];
  const rows = await db
    .selectFrom('line_discovery')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('line_id', 'in', lineIds)
    .where((eb) => eb.or([eb('started_at', 'is not', null), eb('expires_at', '>', sql<Date>`now()`)]))
    .execute();
  return rows.map(toDiscovery);
}

export async function findDiscovery(
  db: Kysely<Database>,
  line: { readonly venueId: string; readonly lineId: string },
): Promise<Discovery | null> {
  const [discovery] = await listDiscoveries(db, line.venueId, [line.lineId]);
  return discovery ?? null;
}

/** In place of the last one of the line. */
export async function saveDiscovery(tx: Kysely<Database>, discovery: Discovery): Promise<void> {
  const columns = {
    id: discovery.id,
    from_address: discovery.fromAddress,
    to_address: discovery.toAddress,
    requested_at: discovery.requestedAt,
    expires_at: discovery.expiresAt,
    started_at: discovery.startedAt,
    finished_at: discovery.finishedAt,
    asked: discovery.asked,
  };
  await tx
    .insertInto('line_discovery')
    .values({ line_id: discovery.lineId, venue_id: discovery.venueId, ...columns })
    .onConflict((conflict) => conflict.column('line_id').doUpdateSet(columns))
    .execute();
}

/** Notes that a search begins; null when it had, or its time is over. */
export async function markStarted(
  tx: Kysely<Database>,
  { id, venueId }: Pick<Discovery, 'id' | 'venueId'>,
  at: Date,
): Promise<Discovery | null> {
  const row = await tx
    .updateTable('line_discovery')
    .set({ started_at: at })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('started_at', 'is', null)
    .where('expires_at', '>', at)
    .returningAll()
    .executeTakeFirst();
  return row ? toDiscovery(row) : null;
}

/** Notes how far a search is, or that it is done; null when it was done already. */
export async function markProgress(
  tx: Kysely<Database>,
  { id, venueId }: Pick<Discovery, 'id' | 'venueId'>,
  progress: { readonly asked?: number; readonly finishedAt?: Date },
): Promise<Discovery | null> {
  const row = await tx
    .updateTable('line_discovery')
    .set({
      ...(progress.asked !== undefined && { asked: progress.asked }),
      ...(progress.finishedAt && { finished_at: progress.finishedAt }),
    })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('started_at', 'is not', null)
    .where('finished_at', 'is', null)
    .returningAll()
    .executeTakeFirst();
  return row ? toDiscovery(row) : null;
}

/** Ends the search on a line for ever, and forgets the last one. */
export async function forgetDiscovery(
  tx: Kysely<Database>,
  { venueId, lineId }: { readonly venueId: string; readonly lineId: string },
): Promise<void> {
  await tx
    .deleteFrom('line_discovery')
    .where('venue_id', '=', venueId)
    .where('line_id', '=', lineId)
    .execute();
}

const toDiscovery = (row: Selectable<LineDiscoveryTable>): Discovery => ({
  id: row.id,
  venueId: row.venue_id,
  lineId: row.line_id,
  fromAddress: row.from_address,
  toAddress: row.to_address,
  requestedAt: row.requested_at,
  expiresAt: row.expires_at,
  startedAt: row.started_at,
  finishedAt: row.finished_at,
  asked: row.asked,
});
