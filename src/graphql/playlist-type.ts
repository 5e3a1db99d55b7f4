import { NotFoundError } from '../lib/errors.ts';
import type { Playlist, PlaylistItem } from '../signage/playlist.ts';
import { findPlaylistsByIds } from '../signage/playlist-store.ts';
import { canSeeMedia } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { foundOrNull } from './found.ts';
import { MediaType } from './media-type.ts';

const PlaylistItemType = builder.objectRef<PlaylistItem>('PlaylistItem').implement({
  description: 'One entry of a playlist.',
  fields: (t) => ({
    media: t.field({
      type: MediaType,
      nullable: true,
      description: 'What is shown; null when it has just been deleted.',
      resolve: ({ mediaId }, _args, context) => foundOrNull(MediaType.getDataloader(context), mediaId),
    }),
    duration: t.field({
      type: 'Duration',
      nullable: true,
      description: 'How long; null: as long as the video takes.',
      resolve: ({ durationSeconds }) => durationSeconds,
    }),
  }),
});

export const PlaylistType = builder.loadableNodeRef<Playlist, never, string, string>('Playlist', {
  id: { resolve: ({ id }: Playlist) => id },
  load: loadPlaylists,
});

PlaylistType.implement({
  description:
    'Media that are shown one after the other, again and again. Seen by who sees signage, and by the devices of the venue.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it, at most 100 characters.' }),
    items: t.field({
      type: [PlaylistItemType],
      description: 'In their order, at most 200.',
      resolve: ({ items }) => [...items],
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

async function loadPlaylists(
  ids: readonly string[],
  context: Context,
): Promise<(Playlist | NotFoundError)[]> {
  const { db, rights, scopes } = context;
  const maySee =
    (scopes.has('SIGNAGE_READ') || scopes.has('DEVICE')) && canSeeMedia(rights, venueIdOf(context));
  const found = maySee ? await findPlaylistsByIds(db, venueIdOf(context), ids) : [];
  const byId = new Map(found.map((playlist) => [playlist.id, playlist]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('playlist'));
}
