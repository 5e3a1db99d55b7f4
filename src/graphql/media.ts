import { MAX_SEARCH, parseSearch } from '../lib/search.ts';
import { MAX_TAGS, type Media, parseTags } from '../signage/media.ts';
import { countMedia, listMedia, type MediaFilter } from '../signage/media-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { MediaKindEnum, MediaType } from './media-type.ts';
import { resolvePage } from './page.ts';

const MediaConnection = builder.connectionObject(
  { type: MediaType, name: 'MediaConnection', description: 'One page of media.' },
  { name: 'MediaEdge' },
);

builder.queryField('medium', (t) =>
  t.field({
    type: MediaType,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_READ' },
    description: 'One medium. Needs SIGNAGE_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: (_root, { id }) => decodeIdOf('Media', id),
  }),
);

builder.queryField('media', (t) =>
  t.connection(
    {
      type: MediaType,
      nullable: true,
      authScopes: { scope: 'SIGNAGE_READ' },
      description: 'The media of the venue, the newest first. Needs SIGNAGE_READ (AUTH_004).',
      args: {
        kinds: t.arg({ type: [MediaKindEnum], description: 'Only of these kinds, at least one (API_001).' }),
        tags: t.arg.stringList({
          description: `Only with every one of these tags, 1 to ${MAX_TAGS} (API_001).`,
        }),
        search: t.arg.string({
          description: `Only with this in the name, in any case; 1 to ${MAX_SEARCH} characters (API_001).`,
        }),
      },
      resolve: (_root, { kinds, tags, search, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter: MediaFilter = {
          kinds: kinds ?? null,
          tags: tags ? parseTags(tags) : null,
          search: search == null ? null : parseSearch(search),
        };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: Media) => ({ at: createdAt, id }),
          load: (range) => listMedia(db, venueId, { filter, range }),
          count: () => countMedia(db, venueId, filter),
        });
      },
    },
    MediaConnection,
  ),
);
