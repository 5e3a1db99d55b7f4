import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseName } from '../lib/name.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import { announceContent } from './content-service.ts';
import { listLayoutsWith, listPlaylistsWith } from './content-use-store.ts';
import { PlaylistInUseError } from './errors.ts';
import type { Media } from './media.ts';
import { lockMedia } from './media-store.ts';
import { type Playlist, type PlaylistItem, parseItems, wrongWith } from './playlist.ts';
import {
  findPlaylistsByIds,
  insertPlaylist,
  lockPlaylists,
  markDeleted,
  savePlaylistRow,
} from './playlist-store.ts';
import { canEditSignage, canReachSignage } from './policy.ts';

export interface CreatePlaylist {
  readonly venueId: string;
  readonly name: string;
  readonly items: readonly PlaylistItem[];
}

/** @throws NotOwnerError, NotFoundError for a medium that is not there, ValidationError */
export async function createPlaylist(
  work: Work,
  { venueId, name, items }: CreatePlaylist,
): Promise<Playlist> {
  if (!canEditSignage(work.actor, venueId)) throw new NotOwnerError('make playlists');
  const playlist: Playlist = {
    id: newId(),
    venueId,
    name: parseName(name),
    items: await checkItems(work, { venueId, items }),
    version: 1,
    createdAt: work.now,
    updatedAt: work.now,
  };
  await insertPlaylist(work.tx, playlist, work.actor);
  await announcePlaylist(work, playlist, 'CREATE');
  return playlist;
}

/** Which playlist is changed, and which of its versions the caller knows. */
export interface OfPlaylist {
  readonly venueId: string;
  readonly playlistId: string;
  readonly expectedVersion: number;
}

export interface UpdatePlaylist extends OfPlaylist {
  /** What is left out, or null, stays. */
  readonly name?: string | null | undefined;
  readonly items?: readonly PlaylistItem[] | null | undefined;
}

/** What changes nothing is no change. @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError */
export async function updatePlaylist(work: Work, input: UpdatePlaylist): Promise<Playlist> {
  const { venueId, name, items } = input;
  const playlist = await lockOwn(work, input, 'change playlists');
  const wanted: Playlist = {
    ...playlist,
    name: name == null ? playlist.name : parseName(name),
    items: items ? await checkItems(work, { venueId, items }) : playlist.items,
  };
  return isSame(wanted, playlist) ? playlist : await save(work, wanted);
}

/**
 * Deletes a playlist that no layout shows, in its draft, as it is published, or on a screen. Its media stay.
 *
 * @throws NotFoundError, NotOwnerError, VersionConflictError, PlaylistInUseError
 */
export async function deletePlaylist(work: Work, input: OfPlaylist): Promise<Playlist> {
  const { tx, actor, now } = work;
  const { venueId, playlistId } = input;
  // Who is about to show it holds it until he has: he is seen by the next statement.
  const playlist = await lockOwn(work, input, 'delete playlists');
  const layoutIds = await listLayoutsWith(tx, venueId, { kind: 'PLAYLIST', playlistId });
  if (layoutIds.length > 0) throw new PlaylistInUseError(layoutIds);
  const deleted = { ...playlist, version: playlist.version + 1, updatedAt: now };
  await markDeleted(tx, deleted, actor);
  await announcePlaylist(work, deleted, 'DELETE');
  return deleted;
}

/** @throws NotFoundError, NotOwnerError, VersionConflictError */
async function lockOwn(
  { tx, actor }: Work,
  { venueId, playlistId, expectedVersion }: OfPlaylist,
  what: string,
): Promise<Playlist> {
  const [playlist] = canReachSignage(actor, venueId) ? await lockPlaylists(tx, venueId, [playlistId]) : [];
  if (!playlist) throw new NotFoundError('playlist');
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError(what);
  if (playlist.version !== expectedVersion) throw new VersionConflictError(playlist.version);
  return playlist;
}

/**
 * Refuses a medium that is to be of another kind and that a playlist could not show so. Nobody puts it into another
 * meanwhile: it is locked.
 *
 * @throws ValidationError
 */
export async function refuseUnlessListable({ tx }: Work, { venueId, id, kind }: Media): Promise<void> {
  const playlists = await findPlaylistsByIds(tx, venueId, await listPlaylistsWith(tx, venueId, id));
  for (const { name, items } of playlists)
    for (const item of items) {
      const wrong = item.mediaId === id ? wrongWith(item, kind) : null;
      if (wrong)
        throw new ValidationError(`The playlist “${name}” has it. ${wrong.reason}`, { field: 'uploadToken' });
    }
}

/** A medium that is to be deleted is shown by these no more. */
export async function takeOutOfPlaylists(
  work: Work,
  {
    venueId,
    mediaId,
    playlistIds,
  }: { readonly venueId: string; readonly mediaId: string; readonly playlistIds: readonly string[] },
): Promise<void> {
  if (playlistIds.length === 0) return;
  for (const playlist of await lockPlaylists(work.tx, venueId, playlistIds))
    await save(work, { ...playlist, items: playlist.items.filter((item) => item.mediaId !== mediaId) });
}

async function save(work: Work, changed: Playlist): Promise<Playlist> {
  const playlist: Playlist = { ...changed, version: changed.version + 1, updatedAt: work.now };
  await savePlaylistRow(work.tx, playlist, work.actor);
  await announcePlaylist(work, playlist, 'UPDATE');
  return playlist;
}

async function checkItems(
  { tx }: Work,
  { venueId, items }: { readonly venueId: string; readonly items: readonly PlaylistItem[] },
): Promise<readonly PlaylistItem[]> {
  const ids = [...new Set(items.map(({ mediaId }) => mediaId))];
  const media = new Map(
    (await lockMedia(tx, venueId, { ids, forChange: false })).map((each) => [each.id, each]),
  );
  if (media.size < ids.length) throw new NotFoundError('medium');
  return parseItems(items, media);
}

const announcePlaylist = (
  work: Work,
  { venueId, id, version }: Playlist,
  action: 'CREATE' | 'UPDATE' | 'DELETE',
): Promise<void> =>
  announceContent(work, { venueId, contentType: 'PLAYLIST', contentId: id, action, version });
