import { NotFoundError, NotOwnerError, VersionConflictError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseName } from '../lib/name.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import { announceContent } from './content-service.ts';
import { findMediaUsers } from './content-use-store.ts';
import { MediaInUseError, UploadRejectedError } from './errors.ts';
import { type Media, type MediaKind, parseTags, REPLACED_MS } from './media.ts';
import { insertMedia, insertRevision, lockMedia, markDeleted, saveMedia } from './media-store.ts';
import { refuseUnlessListable, takeOutOfPlaylists } from './playlist-service.ts';
import { canEditSignage, canReachSignage } from './policy.ts';
import type { StoredFile } from './stored-file.ts';
import { releaseFiles } from './stored-file-store.ts';
import { isMediaType, MEDIA_TYPES } from './upload.ts';
import { takeStaged } from './upload-service.ts';

export interface UploadMedia {
  readonly venueId: string;
  readonly token: string;
  readonly name: string;
  readonly tags: readonly string[];
}

/** Makes a medium of a file that was uploaded. @throws NotOwnerError, ValidationError, UploadRejectedError */
export async function uploadMedia(work: Work, { venueId, token, name, tags }: UploadMedia): Promise<Media> {
  if (!canEditSignage(work.actor, venueId)) throw new NotOwnerError('upload media');
  const file = await takeStaged(work, { venueId, token, purpose: 'MEDIA' });
  const media: Media = {
    id: newId(),
    venueId,
    name: parseName(name),
    kind: kindOf(file),
    tags: parseTags(tags),
    revision: 1,
    file,
    version: 1,
    createdAt: work.now,
    updatedAt: work.now,
  };
  await insertMedia(work.tx, media, work.actor);
  await announceMedia(work, media, 'CREATE');
  return media;
}

export interface UpdateMedia {
  readonly venueId: string;
  readonly mediaId: string;
  readonly expectedVersion: number;
  /** What is left out, or null, stays. */
  readonly name?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  /** Of a file that takes the place of the one it is; of whichever type. */
  readonly token?: string | null | undefined;
}

/**
 * Changes what a medium is called, or what it is: whatever shows it shows the new file then. What it was can be fetched
 * under its old address for as long as one lasts. What changes nothing is no change; another file always is one.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError, UploadRejectedError
 */
export async function updateMedia(work: Work, input: UpdateMedia): Promise<Media> {
  const { tx, actor, now } = work;
  const { venueId, token } = input;
  const media = await lockOwn(work, input, 'change media');
  if (media.version !== input.expectedVersion) throw new VersionConflictError(media.version);
  const file = token == null ? null : await takeStaged(work, { venueId, token, purpose: 'MEDIA' });
  const wanted: Media = {
    ...media,
    name: input.name == null ? media.name : parseName(input.name),
    tags: input.tags ? parseTags(input.tags) : media.tags,
    ...(file && { file, kind: kindOf(file), revision: media.revision + 1 }),
  };
  if (wanted.kind !== media.kind) await refuseUnlessListable(work, wanted);
  if (isSame(wanted, media)) return media;
  const changed = { ...wanted, version: media.version + 1, updatedAt: now };
  if (file) {
    await insertRevision(tx, changed);
    const at = new Date(now.getTime() + REPLACED_MS);
    await releaseFiles(tx, venueId, { ids: [media.file.id], at });
  }
  await saveMedia(tx, changed, actor);
  await announceMedia(work, changed, 'UPDATE');
  return changed;
}

/**
 * Deletes a medium and its files. Nothing may show it, unless it is to be detached: then playlists lose it, and regions
 * of layouts that have it show nothing.
 *
 * @throws NotFoundError, NotOwnerError, MediaInUseError
 */
export async function deleteMedia(
  work: Work,
  input: { readonly venueId: string; readonly mediaId: string; readonly detach: boolean },
): Promise<void> {
  const { tx, actor, now } = work;
  const { venueId, mediaId, detach } = input;
  const media = await lockOwn(work, input, 'delete media');
  const users = await findMediaUsers(tx, venueId, mediaId);
  const isUsed = users.playlistIds.length + users.layoutIds.length > 0;
  if (isUsed && !detach) throw new MediaInUseError(users);
  await takeOutOfPlaylists(work, { venueId, mediaId, playlistIds: users.playlistIds });
  const deleted = { ...media, version: media.version + 1, updatedAt: now };
  const ids = await markDeleted(tx, deleted, actor);
  await releaseFiles(tx, venueId, { ids, at: now });
  await announceMedia(work, deleted, 'DELETE');
}

async function lockOwn(
  { tx, actor }: Work,
  { venueId, mediaId }: { readonly venueId: string; readonly mediaId: string },
  what: string,
): Promise<Media> {
  const [media] = canReachSignage(actor, venueId)
    ? await lockMedia(tx, venueId, { ids: [mediaId], forChange: true })
    : [];
  if (!media) throw new NotFoundError('medium');
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError(what);
  return media;
}

function kindOf({ contentType }: StoredFile): MediaKind {
  if (!isMediaType(contentType))
    throw new UploadRejectedError('CONTENT_TYPE', `${contentType} is no type of media.`);
  return MEDIA_TYPES[contentType];
}

const announceMedia = (
  work: Work,
  { venueId, id, version }: Media,
  action: 'CREATE' | 'UPDATE' | 'DELETE',
): Promise<void> => announceContent(work, { venueId, contentType: 'MEDIA', contentId: id, action, version });
