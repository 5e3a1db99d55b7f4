import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { MAX_SEARCH, parseSearch } from '../lib/search.ts';
import { PlaylistInUseError } from '../signage/errors.ts';
import { MAX_ITEM_SECONDS, MAX_ITEMS, type Playlist } from '../signage/playlist.ts';
import { createPlaylist, deletePlaylist, updatePlaylist } from '../signage/playlist-service.ts';
import { countPlaylists, listPlaylists } from '../signage/playlist-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import { resolvePage } from './page.ts';
import { PlaylistType } from './playlist-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const PlaylistConnection = builder.connectionObject(
  { type: PlaylistType, name: 'PlaylistConnection', description: 'One page of playlists.' },
  { name: 'PlaylistEdge' },
);

builder.queryField('playlist', (t) =>
  t.field({
    type: PlaylistType,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_READ' },
    description: 'One playlist. Needs SIGNAGE_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: (_root, { id }) => decodeIdOf('Playlist', id),
  }),
);

builder.queryField('playlists', (t) =>
  t.connection(
    {
      type: PlaylistType,
      nullable: true,
      authScopes: { scope: 'SIGNAGE_READ' },
      description: 'The playlists of the venue, the newest first. Needs SIGNAGE_READ (AUTH_004).',
      args: {
        search: t.arg.string({
          description: `Only with this in the name, in any case; 1 to ${MAX_SEARCH} characters (API_001).`,
        }),
      },
      resolve: (_root, { search, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter = { search: search == null ? null : parseSearch(search) };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: Playlist) => ({ at: createdAt, id }),
          load: (range) => listPlaylists(db, venueId, { filter, range }),
          count: () => countPlaylists(db, venueId, filter),
        });
      },
    },
    PlaylistConnection,
  ),
);

const PlaylistItemInput = builder.inputType('PlaylistItemInput', {
  description: 'One entry of a playlist.',
  fields: (t) => ({
    mediaId: t.id({ required: true, description: 'An image or a video (NotFoundError, ValidationError).' }),
    duration: t.field({
      type: 'Duration',
      description: `How long it is shown, 1 s to ${MAX_ITEM_SECONDS / 3_600} h. A video may do without: it is shown to its end (ValidationError).`,
    }),
  }),
});

const SavePlaylistInput = builder.inputType('SavePlaylistInput', {
  description: 'A playlist that is to be made or changed.',
  fields: (t) => ({
    playlistId: t.id({ description: 'Which is to change (NotFoundError); without it a new one is made.' }),
    expectedVersion: t.int({
      description:
        'With `playlistId`, and only then (ValidationError): its version as the caller knows it (VersionConflictError).',
    }),
    name: t.string({
      description:
        '1 to 100 printable characters (ValidationError). A new one needs it; of another, without it the name stays.',
    }),
    items: t.field({
      type: [PlaylistItemInput],
      description: `All there are to be, in their order, at most ${MAX_ITEMS} (ValidationError). Without it they stay; a new one has none.`,
    }),
  }),
});

const SavePlaylistSuccess = builder.objectRef<Playlist>('SavePlaylistSuccess').implement({
  description: 'The playlist as it is now.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The playlist was saved.' }),
    playlist: t.field({ type: PlaylistType, description: 'The playlist.', resolve: (playlist) => playlist }),
  }),
});

builder.mutationField('savePlaylist', (t) =>
  t.field({
    type: SavePlaylistSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Makes a playlist, or changes one. What changes nothing leaves the version as it is. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: SavePlaylistInput, required: true, description: 'The playlist.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, VersionConflictError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { playlistId, expectedVersion, name } = input;
      const venueId = venueIdOf(context);
      const items = input.items?.map(({ mediaId, duration }) => ({
        mediaId: decodeIdOf('Media', mediaId),
        durationSeconds: duration ?? null,
      }));
      if ((playlistId == null) !== (expectedVersion == null))
        throw new ValidationError('expectedVersion goes with playlistId.', { field: 'expectedVersion' });
      if (playlistId != null && expectedVersion != null) {
        const changed = {
          venueId,
          playlistId: decodeIdOf('Playlist', playlistId),
          expectedVersion,
          name,
          items,
        };
        return context.runWork(context.actor, (work) => updatePlaylist(work, changed));
      }
      if (name == null) throw new ValidationError('A new playlist takes a name.', { field: 'name' });
      const made = { venueId, name, items: items ?? [] };
      return context.runWork(context.actor, (work) => createPlaylist(work, made));
    },
  }),
);

errorType(PlaylistInUseError, {
  name: 'PlaylistInUseError',
  description: 'Layouts show it, in a draft, as published, or on a screen. Code API_001.',
  fields: (t) => ({
    layoutIds: t.idList({
      description: 'Which layouts.',
      resolve: ({ layoutIds }) => layoutIds.map((id) => encodeGlobalId('Layout', id)),
    }),
  }),
});

const DeletePlaylistSuccess = builder.objectRef<Playlist>('DeletePlaylistSuccess').implement({
  description: 'The playlist is there no more; its media are.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The playlist was deleted.' }),
    playlistId: t.globalID({
      description: 'Which it was.',
      resolve: ({ id }) => ({ type: 'Playlist', id }),
    }),
  }),
});

const DeletePlaylistInput = builder.inputType('DeletePlaylistInput', {
  description: 'Which playlist is deleted.',
  fields: (t) => ({
    playlistId: t.id({ required: true, description: 'Which (NotFoundError).' }),
    expectedVersion: t.int({
      required: true,
      description: 'Its version as the caller knows it (VersionConflictError).',
    }),
  }),
});

builder.mutationField('deletePlaylist', (t) =>
  t.field({
    type: DeletePlaylistSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Deletes a playlist that no layout shows (PlaylistInUseError). Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: DeletePlaylistInput, required: true, description: 'Which.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, VersionConflictError, PlaylistInUseError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { expectedVersion } = input;
      const playlistId = decodeIdOf('Playlist', input.playlistId);
      const deletion = { venueId: venueIdOf(context), playlistId, expectedVersion };
      return context.runWork(context.actor, (work) => deletePlaylist(work, deletion));
    },
  }),
);
