import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { LayoutRevisionTable } from '../db/tables/signage.ts';
import type { LayoutAt } from './display.ts';
import type { Doer, LayoutRevision } from './layout.ts';
import type { Region } from './region.ts';

/** Those of these revisions that the venue has, also of layouts that were deleted; in no order. */
export async function findRevisions(
  db: Kysely<Database>,
  venueId: string,
  wanted: readonly LayoutAt[],
): Promise<readonly LayoutRevision[]> {
  if (wanted.length === 0) return [];
  const rows = await db
    .selectFrom('layout_revision')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where(({ eb, refTuple, tuple }) =>
      eb(
        refTuple('layout_id', 'revision'),
        'in',
        wanted.map(({ layoutId, revision }) => tuple(layoutId, revision)),
      ),
    )
    .execute();
  return rows.map(toRevision);
}

/** What was published of a layout, or only one revision of it; the newest first, or in reverse when read backward. */
export async function listRevisions(
  db: Kysely<Database>,
  {
    venueId,
    layoutId,
    only,
  }: { readonly venueId: string; readonly layoutId: string; readonly only: number | null },
  range: RevisionRange,
): Promise<readonly LayoutRevision[]> {
  const { after, before, limit, backward } = range;
  let query = db
    .selectFrom('layout_revision')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', layoutId)
    .orderBy('revision', backward ? 'asc' : 'desc')
    .limit(limit);
  if (only !== null) query = query.where('revision', '=', only);
  if (after !== null) query = query.where('revision', '<', Number(after));
  if (before !== null) query = query.where('revision', '>', Number(before));
  return (await query.execute()).map(toRevision);
}

/** Between two revisions. */
export interface RevisionRange {
  readonly after: bigint | null;
  readonly before: bigint | null;
  readonly limit: number;
  readonly backward: boolean;
}

export async function insertRevision(tx: Transaction<Database>, revision: LayoutRevision): Promise<void> {
  await tx
    .insertInto('layout_revision')
    .values({
      layout_id: revision.layoutId,
      venue_id: revision.venueId,
      revision: revision.revision,
      name: revision.name,
      width: revision.width,
      height: revision.height,
      regions: JSON.stringify(revision.regions),
      note: revision.note,
      published_at: revision.publishedAt,
      published_by: JSON.stringify(revision.publishedBy),
    })
    .execute();
}

const toRevision = (row: Selectable<LayoutRevisionTable>): LayoutRevision => ({
  layoutId: row.layout_id,
  venueId: row.venue_id,
  revision: row.revision,
  name: row.name,
  width: row.width,
  height: row.height,
  // Nobody but this file writes them.
  regions: row.regions as readonly Region[],
  note: row.note,
  publishedAt: row.published_at,
  publishedBy: row.published_by as Doer,
});
