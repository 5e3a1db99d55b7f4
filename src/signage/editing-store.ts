import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { LayoutEditorTable } from '../db/tables/layout.ts';
import type { Editor } from './editing.ts';
import type { Doer } from './layout.ts';

/** Who works on these layouts of a venue at an instant; who came first comes first. */
export async function listEditors(
  db: Kysely<Database>,
  venueId: string,
  { layoutIds, now }: { readonly layoutIds: readonly string[]; readonly now: Date },
): Promise<readonly Editor[]> {
  const rows = await db
    .selectFrom('layout_editor')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', sql<string>`any(${layoutIds}::uuid[])`)
    .where('expires_at', '>', now)
    .orderBy('joined_at')
    .orderBy('credential_id')
    .execute();
  return rows.map(toEditor);
}

/** Somebody who is there, with the same region, stays until then. Whether he is. */
export async function renewEditor(
  tx: Transaction<Database>,
  editor: Pick<Editor, 'venueId' | 'layoutId' | 'credentialId' | 'regionId' | 'expiresAt'>,
  { now }: { readonly now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('layout_editor')
    .set({ expires_at: editor.expiresAt })
    .where('venue_id', '=', editor.venueId)
    .where('layout_id', '=', editor.layoutId)
    .where('credential_id', '=', editor.credentialId)
    .where('region_id', 'is not distinct from', editor.regionId)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** He is there from now on, or has another region. */
export async function saveEditor(tx: Transaction<Database>, editor: Editor): Promise<void> {
  const { layoutId, venueId, credentialId, who, regionId, joinedAt, expiresAt } = editor;
  await tx
    .insertInto('layout_editor')
    .values({
      layout_id: layoutId,
      venue_id: venueId,
      credential_id: credentialId,
      actor: JSON.stringify(who),
      region_id: regionId,
      joined_at: joinedAt,
      expires_at: expiresAt,
    })
    .onConflict((conflict) =>
      conflict
        .columns(['layout_id', 'credential_id'])
        .doUpdateSet({ region_id: regionId, expires_at: expiresAt }),
    )
    .execute();
}

/** Who is no longer there: by his credential, by his time, or all of them. How many it were. */
export async function deleteEditors(
  tx: Transaction<Database>,
  {
    layoutId,
    credentialId,
    expiredAt,
  }: { readonly layoutId: string; readonly credentialId?: string; readonly expiredAt?: Date },
): Promise<number> {
  let gone = tx.deleteFrom('layout_editor').where('layout_id', '=', layoutId);
  if (credentialId !== undefined) gone = gone.where('credential_id', '=', credentialId);
  if (expiredAt !== undefined) gone = gone.where('expires_at', '<=', expiredAt);
  return Number((await gone.executeTakeFirst()).numDeletedRows);
}

/** A layout, by the venue that has it. */
export interface EditedLayout {
  readonly venueId: string;
  readonly layoutId: string;
}

/** Which layouts somebody worked on with this session or key. */
export async function listLayoutsEditedBy(
  tx: Transaction<Database>,
  credentialId: string,
): Promise<readonly EditedLayout[]> {
  return await tx
    .selectFrom('layout_editor')
    .select(['venue_id as venueId', 'layout_id as layoutId'])
    .where('credential_id', '=', credentialId)
    .orderBy('layout_id')
    .execute();
}

/** Layouts with somebody whose time is over. */
export async function listLayoutsLeft(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly EditedLayout[]> {
  return await editorsGone(db, { now })
    .select(['venue_id as venueId', 'layout_id as layoutId'])
    .distinct()
    .limit(limit)
    .execute();
}

/** Those who have not said for long that they are still there. */
export const editorsGone = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('layout_editor').where('expires_at', '<=', now);

/** Others than before work on it. The number of that. */
export async function countEditingChange(
  tx: Transaction<Database>,
  { venueId, layoutId }: EditedLayout,
): Promise<bigint> {
  const { editing_revision } = await tx
    .updateTable('layout')
    .set((layout) => ({ editing_revision: layout('editing_revision', '+', 1n) }))
    .where('venue_id', '=', venueId)
    .where('id', '=', layoutId)
    .returning('editing_revision')
    .executeTakeFirstOrThrow();
  return editing_revision;
}

/** How often others than before have worked on it. */
export async function readEditingRevision(
  db: Kysely<Database>,
  { venueId, layoutId }: EditedLayout,
): Promise<bigint> {
  const row = await db
    .selectFrom('layout')
    .select('editing_revision')
    .where('venue_id', '=', venueId)
    .where('id', '=', layoutId)
    .executeTakeFirst();
  return row?.editing_revision ?? 0n;
}

const toEditor = (row: Selectable<LayoutEditorTable>): Editor => ({
  layoutId: row.layout_id,
  venueId: row.venue_id,
  credentialId: row.credential_id,
  who: row.actor as Doer,
  regionId: row.region_id,
  joinedAt: row.joined_at,
  expiresAt: row.expires_at,
});
