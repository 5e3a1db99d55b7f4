import { type Kysely, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { Playlist, PlaylistItem } from './playlist.ts';

/** Those of these playlists of a venue that were not deleted; in no order. */
export async function findPlaylistsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Playlist[]> {
  if (ids.length === 0) return [];
  const rows = await playlistsOf(db, venueId).where('id', '=', sql<string>`any(${ids}::uuid[])`).execute();
  return rows.map(toPlaylist);
}

/** Playlists that nobody else changes until the transaction ends, in the order of their ids. */
export async function lockPlaylists(
  tx: Transaction<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Playlist[]> {
  await tx
    .selectFrom('playlist')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  // What the lock had waited for is seen by the next statement alone.
  return await findPlaylistsByIds(tx, venueId, ids);
}

/** It is found no more, and shows nothing: its media are free of it. */
export async function markDeleted(tx: Transaction<Database>, playlist: Playlist, by: Actor): Promise<void> {
  await savePlaylistRow(tx, { ...playlist, items: [] }, by);
  await tx
    .updateTable('playlist')
    .set({ status: 'DELETED' })
    .where('id', '=', playlist.id)
    .where('venue_id', '=', playlist.venueId)
    .execute();
}

/** Which playlists are meant. */
export interface PlaylistFilter {
  /** Part of its name, in any case; null: whatever there is. */
  readonly search: string | null;
}

const named = ({ search }: PlaylistFilter) =>
  search === null ? sql<boolean>`true` : sql<boolean>`strpos(lower(name), lower(${search})) > 0`;

/** The newest first, or in reverse when read backward. */
export async function listPlaylists(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: PlaylistFilter; readonly range: KeysetRange },
): Promise<readonly Playlist[]> {
  const page = keysetPage(
    playlistsOf(db, venueId).where(named(filter)),
    { time: 'created_at', newestFirst: true },
    range,
  );
  return (await page.execute()).map(toPlaylist);
}

export async function countPlaylists(
  db: Kysely<Database>,
  venueId: string,
  filter: PlaylistFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom('playlist')
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .where('venue_id', '=', venueId)
    .where('status', '=', 'ACTIVE')
    .where(named(filter))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertPlaylist(
  tx: Transaction<Database>,
  playlist: Playlist,
  by: Actor,
): Promise<void> {
  await tx
    .insertInto('playlist')
    .values({
      ...changeable(playlist, by),
      id: playlist.id,
      venue_id: playlist.venueId,
      created_at: playlist.createdAt,
    })
    .execute();
  await insertItems(tx, playlist);
}

/** What it is from now on, items and all. */
export async function savePlaylistRow(
  tx: Transaction<Database>,
  playlist: Playlist,
  by: Actor,
): Promise<void> {
  await tx
    .updateTable('playlist')
    .set(changeable(playlist, by))
    .where('id', '=', playlist.id)
    .where('venue_id', '=', playlist.venueId)
    .execute();
  await tx
    .deleteFrom('playlist_item')
    .where('playlist_id', '=', playlist.id)
    .where('venue_id', '=', playlist.venueId)
    .execute();
  await insertItems(tx, playlist);
}

async function insertItems(tx: Transaction<Database>, { id, venueId, items }: Playlist): Promise<void> {
  if (items.length === 0) return;
  const rows = items.map(({ mediaId, durationSeconds }, position) => ({
    playlist_id: id,
    venue_id: venueId,
    position,
    media_id: mediaId,
    duration_seconds: durationSeconds,
  }));
  await tx.insertInto('playlist_item').values(rows).execute();
}

const changeable = (playlist: Playlist, by: Actor) => ({
  name: playlist.name,
  version: playlist.version,
  updated_at: playlist.updatedAt,
  updated_by: JSON.stringify(actorReference(by)),
});

const playlistsOf = (db: Kysely<Database>, venueId: string) =>
  db
    .selectFrom('playlist')
    .select(['id', 'venue_id', 'name', 'version', 'created_at', 'updated_at'])
    .select(
      sql<readonly PlaylistItem[]>`coalesce((
        select jsonb_agg(jsonb_build_object('mediaId', media_id, 'durationSeconds', duration_seconds) order by position)
        from playlist_item where playlist_id = playlist.id), '[]')`.as('items'),
    )
    .where('venue_id', '=', venueId)
    .where('status', '=', 'ACTIVE');

type PlaylistRow = Awaited<ReturnType<ReturnType<typeof playlistsOf>['execute']>>[number];

const toPlaylist = (row: PlaylistRow): Playlist => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  items: row.items,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
