import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { ContentReference } from './content-service.ts';
import type { Content } from './region.ts';

/** What shows a medium, or would. */
export interface MediaUsers {
  readonly playlistIds: readonly string[];
  /** In their drafts, as they are published, or as a screen was pushed them or shows them. */
  readonly layoutIds: readonly string[];
}

export async function findMediaUsers(
  db: Kysely<Database>,
  venueId: string,
  mediaId: string,
): Promise<MediaUsers> {
  const playlistIds = await listPlaylistsWith(db, venueId, mediaId);
  return { playlistIds, layoutIds: await listLayoutsWith(db, venueId, { kind: 'MEDIA', mediaId }) };
}

/** In their drafts, as they are published, or as a screen was pushed, is to show or shows them; in the order of their ids. */
export async function listLayoutsWith(
  db: Kysely<Database>,
  venueId: string,
  content: Extract<Content, { kind: 'MEDIA' | 'PLAYLIST' }>,
): Promise<readonly string[]> {
  const showing = JSON.stringify([{ content }]);
  const { rows: layouts } = await sql<{ id: string }>`
    select id from layout
    where venue_id = ${venueId} and status <> 'DELETED' and (regions @> ${showing}::jsonb or exists (
      select from layout_revision revision
      where revision.layout_id = layout.id and revision.regions @> ${showing}::jsonb
        and (revision.revision = layout.published_revision or exists (
          select from device_display display where display.venue_id = layout.venue_id and (
            (display.pushed_layout_id = layout.id and display.pushed_revision = revision.revision)
            or (display.desired_layout_id = layout.id and display.desired_revision = revision.revision)
            or (display.applied_layout_id = layout.id and display.applied_revision = revision.revision))))))
    order by id`.execute(db);
  return layouts.map(({ id }) => id);
}

/** In the order of their ids. */
export async function listPlaylistsWith(
  db: Kysely<Database>,
  venueId: string,
  mediaId: string,
): Promise<readonly string[]> {
  const playlists = await db
    .selectFrom('playlist_item')
    .select('playlist_id as id')
    .distinct()
    .where('venue_id', '=', venueId)
    .where('media_id', '=', mediaId)
    .orderBy('playlist_id')
    .execute();
  return playlists.map(({ id }) => id);
}

/**
 * Of media and playlists that something is to show, those that there are at the venue; they are not deleted until the
 * transaction ends.
 */
export async function lockContent(
  tx: Transaction<Database>,
  venueId: string,
  {
    mediaIds,
    playlistIds,
  }: { readonly mediaIds: readonly string[]; readonly playlistIds: readonly string[] },
): Promise<{ readonly mediaIds: ReadonlySet<string>; readonly playlistIds: ReadonlySet<string> }> {
  const media = await tx
    .selectFrom('media')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('status', '=', 'ACTIVE')
    .where('id', '=', sql<string>`any(${mediaIds}::uuid[])`)
    .orderBy('id')
    .forShare()
    .execute();
  const playlists = await tx
    .selectFrom('playlist')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('status', '=', 'ACTIVE')
    .where('id', '=', sql<string>`any(${playlistIds}::uuid[])`)
    .orderBy('id')
    .forShare()
    .execute();
  return {
    mediaIds: new Set(media.map(({ id }) => id)),
    playlistIds: new Set(playlists.map(({ id }) => id)),
  };
}

/** Whether the venue has this, or, where that is asked, had it once. */
export async function hasContent(
  db: Kysely<Database>,
  { venueId, contentType, contentId }: ContentReference,
  { orHad }: { readonly orHad: boolean },
): Promise<boolean> {
  const table = TABLES[contentType];
  const isThere = orHad ? sql`true` : sql`status <> 'DELETED'`;
  const { rows } = await sql<{ id: string }>`
    select id from ${sql.table(table)}
    where id = ${contentId} and venue_id = ${venueId} and ${isThere}`.execute(db);
  return rows.length > 0;
}

const TABLES = { MEDIA: 'media', PLAYLIST: 'playlist', LAYOUT: 'layout' } as const;
