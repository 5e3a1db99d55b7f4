import { NotFoundError } from '../lib/errors.ts';
import type { Media, MediaKind } from '../signage/media.ts';
import type { MediaAddresses } from '../signage/media-address.ts';
import { findMediaByIds } from '../signage/media-store.ts';
import { canSeeMedia } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';

declare module './context.ts' {
  interface Services {
    readonly mediaAddresses: MediaAddresses;
  }
}

export const MediaKindEnum = builder.enumType('MediaKind', {
  description: 'What a medium is to a screen. Clients must survive values they do not know.',
  values: {
    IMAGE: { description: 'A raster image.' },
    VIDEO: { description: 'A video.' },
    DOCUMENT: { description: 'What is downloaded and never shown as a part of a page: PDF and SVG.' },
  } satisfies Record<MediaKind, { description: string }>,
});

export const MediaType = builder.loadableNodeRef<Media, never, string, string>('Media', {
  id: { resolve: ({ id }: Media) => id },
  load: loadMedia,
});

MediaType.implement({
  description:
    'Something for screens to show, or to be opened beside them. Seen by who sees signage, and by the devices of the venue.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it, at most 100 characters.' }),
    kind: t.expose('kind', { type: MediaKindEnum, description: 'What it is.' }),
    tags: t.exposeStringList('tags', { description: 'Words to find it by, in lower case.' }),
    fileName: t.string({
      description: 'What its file was called where it came from.',
      resolve: ({ file }) => file.fileName,
    }),
    contentType: t.string({
      description: 'The media type of its file, as its content shows: `image/png`.',
      resolve: ({ file }) => file.contentType,
    }),
    byteSize: t.field({
      type: 'BigInt',
      description: 'How many bytes its file has.',
      resolve: ({ file }) => file.byteSize,
    }),
    sha256: t.string({
      description: 'Of its file, 64 hexadecimal digits.',
      resolve: ({ file }) => file.sha256.toString('hex'),
    }),
    width: t.int({
      nullable: true,
      description: 'Of an image, in pixels; null otherwise.',
      resolve: ({ file }) => file.pixels?.width,
    }),
    height: t.int({
      nullable: true,
      description: 'Of an image, in pixels; null otherwise.',
      resolve: ({ file }) => file.pixels?.height,
    }),
    revision: t.exposeInt('revision', {
      description: 'Which file it is: grows with each that takes the place of the one before.',
    }),
    url: t.field({
      type: 'URL',
      description:
        'Where its file is fetched without credentials, for 12 to 24 hours, also in parts (`Range`). What is there never changes. Whoever has the address may fetch it.',
      resolve: (media, _args, { info, mediaAddresses, now }) =>
        `${info.url}${mediaAddresses.pathOf(media, now)}`,
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

async function loadMedia(ids: readonly string[], context: Context): Promise<(Media | NotFoundError)[]> {
  const { db, rights, scopes } = context;
  const maySee =
    (scopes.has('SIGNAGE_READ') || scopes.has('DEVICE')) && canSeeMedia(rights, venueIdOf(context));
  const found = maySee ? await findMediaByIds(db, venueIdOf(context), ids) : [];
  const byId = new Map(found.map((media) => [media.id, media]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('medium'));
}
