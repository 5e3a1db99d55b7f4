import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { LayoutPushTable } from '../db/tables/layout.ts';
import type { Doer } from './layout.ts';
import type { LayoutPush } from './layout-push.ts';

export async function insertPush(tx: Transaction<Database>, push: LayoutPush): Promise<void> {
  await tx
    .insertInto('layout_push')
    .values({
      id: push.id,
      venue_id: push.venueId,
      layout_id: push.layoutId,
      device_ids: push.deviceIds,
      due_at: push.dueAt,
      status: push.status,
      created_at: push.createdAt,
      created_by: JSON.stringify(push.createdBy),
    })
    .execute();
}

/** In no order. */
export async function findPushesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly LayoutPush[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('layout_push')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toPush);
}

/** A push that nobody else makes or cancels until the transaction ends. */
export async function lockPush(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<LayoutPush | null> {
  const row = await tx
    .selectFrom('layout_push')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? toPush(row) : null;
}

/** Those of these layouts that are still to come, by their time. */
export async function listWaitingPushes(
  db: Kysely<Database>,
  venueId: string,
  layoutIds: readonly string[],
): Promise<readonly LayoutPush[]> {
  const rows = await db
    .selectFrom('layout_push')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', sql<string>`any(${layoutIds}::uuid[])`)
    .where('status', '=', 'WAITING')
    .orderBy('due_at')
    .orderBy('id')
    .execute();
  return rows.map(toPush);
}

/** Whose time has come, of whatever venue; the longest overdue first. */
export async function listDuePushes(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly LayoutPush[]> {
  const rows = await duePushes(db, { now }).selectAll().orderBy('due_at').limit(limit).execute();
  return rows.map(toPush);
}

/** Those whose time has come. */
export const duePushes = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('layout_push').where('status', '=', 'WAITING').where('due_at', '<=', now);

export async function endPush(
  tx: Transaction<Database>,
  { id, venueId }: LayoutPush,
  { status, at }: { readonly status: 'DONE' | 'CANCELLED'; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('layout_push')
    .set({ status, ended_at: at })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .execute();
}

const toPush = (row: Selectable<LayoutPushTable>): LayoutPush => ({
  id: row.id,
  venueId: row.venue_id,
  layoutId: row.layout_id,
  deviceIds: row.device_ids,
  dueAt: row.due_at,
  status: row.status,
  createdAt: row.created_at,
  createdBy: row.created_by as Doer,
});
