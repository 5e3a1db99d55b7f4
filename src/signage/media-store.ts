import { type Kysely, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { Media, MediaKind } from './media.ts';
import type { StoredFile } from './stored-file.ts';
import { storedFileOf } from './stored-file-store.ts';

export async function findMediaByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Media[]> {
  if (ids.length === 0) return [];
  const rows = await mediaOf(db, venueId).where('media.id', '=', sql<string>`any(${ids}::uuid[])`).execute();
  return rows.map(toMedia);
}

/** Media that nobody changes or deletes until the transaction ends; those of them that there are, in no order. */
export async function lockMedia(
  tx: Transaction<Database>,
  venueId: string,
  { ids, forChange }: { readonly ids: readonly string[]; readonly forChange: boolean },
): Promise<readonly Media[]> {
  if (ids.length === 0) return [];
  const rows = tx
    .selectFrom('media')
    .select('id')
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .where('venue_id', '=', venueId)
    .orderBy('id');
  await (forChange ? rows.forNoKeyUpdate() : rows.forShare()).execute();
  // What the lock had waited for is seen by the next statement alone.
  return await findMediaByIds(tx, venueId, ids);
}

/** Which media are meant; null: whatever there is. */
export interface MediaFilter {
  readonly kinds: readonly MediaKind[] | null;
  /** With every one of these. */
  readonly tags: readonly string[] | null;
  /** Part of its name, in any case. */
  readonly search: string | null;
}

/** The newest first, or in reverse when read backward. */
export async function listMedia(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: MediaFilter; readonly range: KeysetRange },
): Promise<readonly Media[]> {
  const page = keysetPage(
    db.selectFrom(filtered(mediaOf(db, venueId), filter).as('media')).selectAll(),
    { time: 'created_at', newestFirst: true },
    range,
  );
  return (await page.execute()).map(toMedia);
}

export async function countMedia(
  db: Kysely<Database>,
  venueId: string,
  filter: MediaFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(mediaOf(db, venueId), filter).as('found'))
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

export async function insertMedia(tx: Transaction<Database>, media: Media, by: Actor): Promise<void> {
  await tx
    .insertInto('media')
    .values({ ...changeable(media, by), id: media.id, venue_id: media.venueId, created_at: media.createdAt })
    .execute();
  await insertRevision(tx, media);
}

/** What it is from now on; its file, where that is another, by `insertRevision`. */
export async function saveMedia(tx: Transaction<Database>, media: Media, by: Actor): Promise<void> {
  await tx
    .updateTable('media')
    .set(changeable(media, by))
    .where('id', '=', media.id)
    .where('venue_id', '=', media.venueId)
    .execute();
}

export async function insertRevision(tx: Transaction<Database>, media: Media): Promise<void> {
  await tx
    .insertInto('media_revision')
    .values({
      media_id: media.id,
      venue_id: media.venueId,
      revision: media.revision,
      file_id: media.file.id,
      created_at: media.updatedAt,
    })
    .execute();
}

/** Nobody finds it any more. Gives the files it was and is. */
export async function markDeleted(
  tx: Transaction<Database>,
  media: Media,
  by: Actor,
): Promise<readonly string[]> {
  await tx
    .updateTable('media')
    .set({ ...changeable(media, by), status: 'DELETED' })
    .where('id', '=', media.id)
    .where('venue_id', '=', media.venueId)
    .execute();
  const files = await tx
    .selectFrom('media_revision')
    .select('file_id')
    .where('media_id', '=', media.id)
    .where('venue_id', '=', media.venueId)
    .execute();
  return files.map(({ file_id }) => file_id);
}

/** The file that a medium was or is under this number, of whichever venue; null when it is no longer kept. */
export async function findRevisionFile(
  db: Kysely<Database>,
  { mediaId, revision, now }: { readonly mediaId: string; readonly revision: number; readonly now: Date },
): Promise<StoredFile | null> {
  const row = await db
    .selectFrom('media_revision')
    .innerJoin('media', 'media.id', 'media_revision.media_id')
    .innerJoin('stored_file', 'stored_file.id', 'media_revision.file_id')
    .selectAll('stored_file')
    .where('media_revision.media_id', '=', mediaId)
    .where('media_revision.revision', '=', revision)
    .where('media.status', '=', 'ACTIVE')
    .where('stored_file.status', '=', 'TAKEN')
    .where((is) => is.or([is('stored_file.expires_at', 'is', null), is('stored_file.expires_at', '>', now)]))
    .executeTakeFirst();
  return row ? storedFileOf(row) : null;
}

const changeable = (media: Media, by: Actor) => ({
  name: media.name,
  kind: media.kind,
  tags: media.tags,
  revision: media.revision,
  version: media.version,
  updated_at: media.updatedAt,
  updated_by: JSON.stringify(actorReference(by)),
});

/** The media of a venue, each with the file it is now. */
const mediaOf = (db: Kysely<Database>, venueId: string) =>
  db
    .selectFrom('media')
    .innerJoin('media_revision', (join) =>
      join
        .onRef('media_revision.media_id', '=', 'media.id')
        .onRef('media_revision.revision', '=', 'media.revision'),
    )
    .innerJoin('stored_file', 'stored_file.id', 'media_revision.file_id')
    .select(['media.id', 'media.venue_id', 'media.name', 'media.kind', 'media.tags', 'media.revision'])
    .select(['media.version', 'media.created_at', 'media.updated_at'])
    .select(['stored_file.id as file_id', 'stored_file.file_name'])
    .select(['stored_file.content_type', 'stored_file.byte_size', 'stored_file.sha256'])
    .select(['stored_file.width', 'stored_file.height'])
    .where('media.venue_id', '=', venueId)
    .where('media.status', '=', 'ACTIVE');

type MediaQuery = ReturnType<typeof mediaOf>;
type MediaRow = Awaited<ReturnType<MediaQuery['execute']>>[number];

function filtered(query: MediaQuery, { kinds, tags, search }: MediaFilter): MediaQuery {
  let found = query;
  if (kinds) found = found.where('media.kind', '=', sql<MediaKind>`any(${kinds}::text[])`);
  if (tags) found = found.where(sql<boolean>`media.tags @> ${tags}::text[]`);
  if (search !== null) found = found.where(sql<boolean>`strpos(lower(media.name), lower(${search})) > 0`);
  return found;
}

const toMedia = (row: MediaRow): Media => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  kind: row.kind,
  tags: row.tags,
  revision: row.revision,
  file: {
    id: row.file_id,
    venueId: row.venue_id,
    purpose: 'MEDIA',
    fileName: row.file_name,
    contentType: row.content_type,
    byteSize: row.byte_size,
    sha256: row.sha256,
    pixels: row.width !== null && row.height !== null ? { width: row.width, height: row.height } : null,
  },
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
