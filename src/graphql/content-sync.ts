import type { StreamedEvent } from '../events/source.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { MAX_JSON_DEPTH } from '../lib/json.ts';
import { MAX_DATA_BYTES } from '../notification/notification.ts';
import type { ContentAction, ContentEventType, ContentType } from '../signage/content-events.ts';
import { contentIdOf, syncContent } from '../signage/content-service.ts';
import { sightOfSignage } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { foundOrNull } from './found.ts';
import { decodeIdOf } from './ids.ts';
import { LayoutType } from './layout-type.ts';
import { AFTER } from './machine-event.ts';
import { MediaType } from './media-type.ts';
import { PlayerUpdateInterface } from './player-update.ts';
import { PlaylistType } from './playlist-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const ContentTypeEnum = builder.enumType('ContentType', {
  description: 'What screens are made of. Clients must survive values they do not know.',
  values: {
    MEDIA: { description: 'A medium.' },
    PLAYLIST: { description: 'A playlist.' },
    LAYOUT: { description: 'A layout.' },
  } satisfies Record<ContentType, { description: string }>,
});

const ContentActionEnum = builder.enumType('ContentAction', {
  description: 'What was done to something screens are made of.',
  values: {
    CREATE: { description: 'It is new.' },
    UPDATE: { description: 'It is another than before.' },
    DELETE: { description: 'It is gone.' },
  } satisfies Record<ContentAction, { description: string }>,
});

/** The type of the global ids of each. */
const NODES: Readonly<Record<ContentType, string>> = {
  MEDIA: 'Media',
  PLAYLIST: 'Playlist',
  LAYOUT: 'Layout',
};

const AS_IT_IS =
  'if it is one, as it is now, which may be newer than `version`; null when it is there no more, or not to be seen by whoever is told.';

/** As an event stream and as a device is told of it. */
type Changed = StreamedEvent<ContentEventType>;

export const ContentChangedType = builder.objectRef<Changed>('ContentChanged').implement({
  description: 'Something screens are made of was made, changed or deleted.',
  interfaces: [PlayerUpdateInterface],
  isTypeOf: (update) => 'payload' in (update as object),
  fields: (t) => ({
    contentType: t.field({
      type: ContentTypeEnum,
      description: 'What it is.',
      resolve: ({ payload }) => payload.contentType,
    }),
    contentId: t.globalID({
      description: 'Which one: the id of a `Media`, `Playlist` or `Layout`, for `node`.',
      resolve: ({ payload }) => ({ type: NODES[payload.contentType], id: contentIdOf(payload) }),
    }),
    media: t.field({
      type: MediaType,
      nullable: true,
      description: `The medium, ${AS_IT_IS}`,
      resolve: ({ payload }, _args, context) =>
        payload.contentType === 'MEDIA'
          ? foundOrNull(MediaType.getDataloader(context), contentIdOf(payload))
          : null,
    }),
    playlist: t.field({
      type: PlaylistType,
      nullable: true,
      description: `The playlist, ${AS_IT_IS}`,
      resolve: ({ payload }, _args, context) =>
        payload.contentType === 'PLAYLIST'
          ? foundOrNull(PlaylistType.getDataloader(context), contentIdOf(payload))
          : null,
    }),
    layout: t.field({
      type: LayoutType,
      nullable: true,
      description: `The layout, ${AS_IT_IS}`,
      resolve: ({ payload }, _args, context) =>
        payload.contentType === 'LAYOUT'
          ? foundOrNull(LayoutType.getDataloader(context), contentIdOf(payload))
          : null,
    }),
    action: t.field({
      type: ContentActionEnum,
      description: 'What was done to it.',
      resolve: ({ payload }) => payload.action,
    }),
    version: t.int({
      nullable: true,
      description: 'Its version from then on; null when it was announced by `syncContent`.',
      resolve: ({ payload }) => payload.version,
    }),
    data: t.field({
      type: 'JSON',
      nullable: true,
      description: 'What whoever announced it added, the keys of an object in any order; null otherwise.',
      resolve: ({ payload }) => payload.sentData,
    }),
    timestamp: t.field({ type: 'DateTime', description: 'When.', resolve: ({ at }) => at }),
    cursor: t.field({
      type: 'Cursor',
      description: 'Resume behind it with `after`.',
      resolve: ({ cursor }) => cursor,
    }),
  }),
});

builder.subscriptionField('contentSync', (t) =>
  t.field({
    type: ContentChangedType,
    authScopes: { scope: 'SIGNAGE_READ' },
    description:
      'Each change of what screens are made of, once and in order. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Devices are told by `player`. Needs SIGNAGE_READ (AUTH_004).',
    args: {
      contentTypes: t.arg({
        type: [ContentTypeEnum],
        description: 'Only of these types, at least one (API_001).',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, { contentTypes, after }, context) =>
      context.streams.events<ContentEventType>({
        types: ['signage.content-changed'],
        venueId: venueIdOf(context),
        after,
        ...(contentTypes && { matches: ({ payload }) => contentTypes.includes(payload.contentType) }),
        sightOf: sightOfSignage,
      }),
    resolve: (event: Changed) => event,
  }),
);

interface Announced {
  readonly contentType: ContentType;
  readonly contentId: string;
  readonly action: ContentAction;
}

const SyncContentSuccess = builder.objectRef<Announced>('SyncContentSuccess').implement({
  description: 'Whoever follows is told.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'It was announced.' }),
    contentType: t.expose('contentType', { type: ContentTypeEnum, description: 'What it is.' }),
    contentId: t.globalID({
      description: 'Which one.',
      resolve: ({ contentType, contentId }) => ({ type: NODES[contentType], id: contentId }),
    }),
    action: t.expose('action', { type: ContentActionEnum, description: 'What was done to it.' }),
  }),
});

const SyncContentInput = builder.inputType('SyncContentInput', {
  description: 'What is announced.',
  fields: (t) => ({
    contentType: t.field({ type: ContentTypeEnum, required: true, description: 'What it is.' }),
    contentId: t.id({
      required: true,
      description: 'Which one: of that type (API_001), and of the venue (NotFoundError).',
    }),
    action: t.field({
      type: ContentActionEnum,
      required: true,
      description: 'What was done to it. With DELETE it may be gone already.',
    }),
    data: t.field({
      type: 'JSON',
      description: `Any JSON for whoever follows, at most ${MAX_DATA_BYTES} bytes and ${MAX_JSON_DEPTH} levels. Whole numbers beyond 2^53 − 1 are sent as texts (ValidationError).`,
    }),
  }),
});

builder.mutationField('syncContent', (t) =>
  t.field({
    type: SyncContentSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Announces by hand that something screens are made of was changed, so that whoever follows reads it again. What changes here is announced by itself. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: SyncContentInput, required: true, description: 'What.' }) },
    errors: { types: [ValidationError, NotFoundError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const { contentType, action } = input;
      const contentId = decodeIdOf(NODES[contentType], input.contentId);
      const announced = { venueId: venueIdOf(context), contentType, contentId, action };
      await context.runWork(context.actor, (work) => syncContent(work, { ...announced, data: input.data }));
      return announced;
    },
  }),
);
