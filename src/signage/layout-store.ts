import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { LayoutTable } from '../db/tables/signage.ts';
import type { Doer, Layout, LayoutStatus } from './layout.ts';
import { LayoutNameTakenError } from './layout-errors.ts';
import type { Region } from './region.ts';

/** Those of these layouts of a venue that were not deleted; in no order. */
export async function findLayoutsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Layout[]> {
  if (ids.length === 0) return [];
  return (await layoutsOf(db, venueId).where('id', 'in', ids).execute()).map(toLayout);
}

/** A layout that nobody else changes, publishes or deletes until the transaction ends. */
export async function lockLayout(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Layout | null> {
  const row = await layoutsOf(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? toLayout(row) : null;
}

/** Which layouts of a venue are meant; null: whatever there is. */
export interface LayoutFilter {
  readonly status: LayoutStatus | null;
  /** What their names have in them, in whatever case. */
  readonly search: string | null;
}

/** The newest first, or in reverse when read backward. */
export async function listLayouts(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: LayoutFilter; readonly range: KeysetRange },
): Promise<readonly Layout[]> {
  const query = filtered(layoutsOf(db, venueId), filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(toLayout);
}

export async function countLayouts(
  db: Kysely<Database>,
  venueId: string,
  filter: LayoutFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(layoutsOf(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** @throws LayoutNameTakenError */
export async function insertLayout(tx: Transaction<Database>, layout: Layout): Promise<void> {
  await refusing(() =>
    tx
      .insertInto('layout')
      .values({
        ...changeable(layout),
        id: layout.id,
        venue_id: layout.venueId,
        published_revision: layout.publishedRevision,
        created_at: layout.createdAt,
      })
      .execute(),
  );
}

/** The draft as it is from now on. @throws LayoutNameTakenError */
export async function saveDraft(tx: Transaction<Database>, layout: Layout): Promise<void> {
  await refusing(() => layoutRow(tx, layout).set(changeable(layout)).execute());
}

/** Its newest revision from now on, and which version of it that is. */
export async function savePublished(
  tx: Transaction<Database>,
  layout: Layout,
  revision: number,
): Promise<void> {
  await layoutRow(tx, layout)
    .set({ status: 'PUBLISHED', published_revision: revision, published_version: layout.version })
    .execute();
}

/** Nobody finds it any more; its revisions stay, as screens were shown them. */
export async function markDeleted(
  tx: Transaction<Database>,
  layout: Layout,
  { at, by }: { readonly at: Date; readonly by: Doer },
): Promise<void> {
  await layoutRow(tx, layout)
    .set({ status: 'DELETED', updated_at: at, updated_by: JSON.stringify(by) })
    .execute();
}

const layoutRow = (tx: Transaction<Database>, { id, venueId }: Layout) =>
  tx.updateTable('layout').where('id', '=', id).where('venue_id', '=', venueId);

const changeable = ({ name, width, height, regions, version, updatedAt, updatedBy }: Layout) => ({
  name,
  width,
  height,
  regions: JSON.stringify(regions),
  version,
  updated_at: updatedAt,
  updated_by: JSON.stringify(updatedBy),
});

async function refusing(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isViolationOf(error, 'layout_name_unique')) throw new LayoutNameTakenError({ cause: error });
    throw error;
  }
}

const layoutsOf = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('layout').selectAll().where('venue_id', '=', venueId).where('status', '<>', 'DELETED');

function filtered(
  query: ReturnType<typeof layoutsOf>,
  { status, search }: LayoutFilter,
): ReturnType<typeof layoutsOf> {
  let found = query;
  if (status !== null) found = found.where('status', '=', status);
  if (search !== null) found = found.where(sql<boolean>`position(lower(${search}) in lower(name)) > 0`);
  return found;
}

const toLayout = (row: Selectable<LayoutTable>): Layout => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  width: row.width,
  height: row.height,
  // Nobody but this file writes them.
  regions: row.regions as readonly Region[],
  publishedRevision: row.published_revision,
  publishedVersion: row.published_version,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  updatedBy: row.updated_by as Doer,
});
