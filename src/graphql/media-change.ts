import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { MediaInUseError, UploadRejectedError } from '../signage/errors.ts';
import { MAX_TAGS, type Media } from '../signage/media.ts';
import { deleteMedia, updateMedia, uploadMedia } from '../signage/media-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import { MediaType } from './media-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import './upload-errors.ts';

errorType(MediaInUseError, {
  name: 'MediaInUseError',
  description: 'Playlists or layouts show it, in a draft, as published, or on a screen. Code API_001.',
  fields: (t) => ({
    playlistIds: t.idList({
      description: 'Which playlists.',
      resolve: ({ playlistIds }) => playlistIds.map((id) => encodeGlobalId('Playlist', id)),
    }),
    layoutIds: t.idList({
      description: 'Which layouts.',
      resolve: ({ layoutIds }) => layoutIds.map((id) => encodeGlobalId('Layout', id)),
    }),
  }),
});

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Media>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      media: t.field({ type: MediaType, description: 'The medium.', resolve: (media) => media }),
    }),
  });

const tagsDescription = `Words to find it by, at most ${MAX_TAGS} of 1 to 40 characters each (ValidationError).`;

const UploadMediaInput = builder.inputType('UploadMediaInput', {
  description: 'Which file becomes a medium, and what it is called.',
  fields: (t) => ({
    uploadToken: t.string({
      required: true,
      description: 'Of `stageUpload`, once the file has come (UploadRejectedError).',
    }),
    name: t.string({ required: true, description: '1 to 100 printable characters (ValidationError).' }),
    tags: t.stringList({ required: true, defaultValue: [], description: tagsDescription }),
  }),
});

builder.mutationField('uploadMedia', (t) =>
  t.field({
    type: answerOf('UploadMediaSuccess', {
      description: 'The new medium.',
      message: 'The medium can be shown.',
    }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description: 'Makes a medium of a file that was uploaded. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: UploadMediaInput, required: true, description: 'Which file.' }) },
    errors: { types: [ValidationError, NotOwnerError, UploadRejectedError], directResult: true },
    resolve: (_root, { input }, context) =>
      context.runWork(context.actor, (work) =>
        uploadMedia(work, { ...input, token: input.uploadToken, venueId: venueIdOf(context) }),
      ),
  }),
);

const UpdateMediaInput = builder.inputType('UpdateMediaInput', {
  description: 'What is to change of a medium. What is left out stays.',
  fields: (t) => ({
    mediaId: t.id({ required: true, description: 'Which (NotFoundError).' }),
    expectedVersion: t.int({
      required: true,
      description: 'Its version as the caller knows it (VersionConflictError).',
    }),
    name: t.string({ description: '1 to 100 printable characters (ValidationError).' }),
    tags: t.stringList({ description: tagsDescription }),
    uploadToken: t.string({
      description:
        'Of a file that takes the place of the one it is, from `stageUpload`; it may be of another type (UploadRejectedError), as long as the playlists that have the medium can show it as they do (ValidationError).',
    }),
  }),
});

builder.mutationField('updateMedia', (t) =>
  t.field({
    type: answerOf('UpdateMediaSuccess', {
      description: 'The medium as it is now.',
      message: 'The medium was changed.',
    }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Changes what a medium is called, or what it is: whatever shows it shows the new file from then on, and the addresses of the old one last as long as they would have. What changes nothing leaves the version as it is. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: UpdateMediaInput, required: true, description: 'What is to change.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, VersionConflictError, UploadRejectedError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const mediaId = decodeIdOf('Media', input.mediaId);
      return context.runWork(context.actor, (work) =>
        updateMedia(work, { ...input, token: input.uploadToken, venueId: venueIdOf(context), mediaId }),
      );
    },
  }),
);

const DeleteMediaSuccess = builder.objectRef<string>('DeleteMediaSuccess').implement({
  description: 'It is gone, and its file with it.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The medium was deleted.' }),
    mediaId: t.globalID({
      description: 'Which it was.',
      resolve: (id) => ({ type: 'Media', id }),
    }),
  }),
});

const DeleteMediaInput = builder.inputType('DeleteMediaInput', {
  description: 'Which medium is deleted.',
  fields: (t) => ({
    mediaId: t.id({ required: true, description: 'Which (NotFoundError).' }),
    detach: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Whether it is deleted though something shows it (otherwise MediaInUseError): playlists lose it, and regions that have it show nothing.',
    }),
  }),
});

builder.mutationField('deleteMedia', (t) =>
  t.field({
    type: DeleteMediaSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description: 'Deletes a medium and its files for good. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: DeleteMediaInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError, MediaInUseError], directResult: true },
    resolve: async (_root, { input: { detach, ...input } }, context) => {
      const mediaId = decodeIdOf('Media', input.mediaId);
      const venueId = venueIdOf(context);
      await context.runWork(context.actor, (work) => deleteMedia(work, { venueId, mediaId, detach }));
      return mediaId;
    },
  }),
);
