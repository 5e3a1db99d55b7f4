import type { Play, PlayGrouping, PlayTotal } from '../signage/play.ts';
import { listPlays, type PlayFilter, sumPlays, totalPlays } from '../signage/play-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { DeviceType } from './device-type.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import { resolvePage } from './page.ts';

const MAX_TOTALS = 100;

const PlayType = builder.objectRef<Play>('Play').implement({
  description: 'A layout, or a region of it, that a screen showed. It is kept when what it is about is not.',
  fields: (t) => ({
    id: t.globalID({ description: 'Its id.', resolve: ({ id }) => ({ type: 'Play', id }) }),
    playId: t.exposeString('playId', { description: 'The screen’s own number of it.' }),
    batchId: t.exposeString('batchId', { description: 'With which report of the screen it was told.' }),
    device: t.field({ type: DeviceType, description: 'Which screen.', resolve: ({ deviceId }) => deviceId }),
    layoutId: t.id({
      description: 'What it showed; there may be no such layout any more.',
      resolve: ({ layoutId }) => encodeGlobalId('Layout', layoutId),
    }),
    layoutName: t.exposeString('layoutName', { description: 'What that was called.' }),
    revision: t.exposeInt('revision', { description: 'Its revision.' }),
    regionId: t.exposeString('regionId', {
      nullable: true,
      description: 'Which region of it; null: the layout as a whole.',
    }),
    regionName: t.exposeString('regionName', { nullable: true, description: 'What that was called.' }),
    mediaId: t.id({
      nullable: true,
      description: 'What of the media library it showed there, if anything; it may have been deleted since.',
      resolve: ({ mediaId }) => mediaId && encodeGlobalId('Media', mediaId),
    }),
    mediaName: t.exposeString('mediaName', { nullable: true, description: 'What that was called.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      description: 'When it began, by the screen’s clock.',
    }),
    durationMs: t.exposeInt('durationMs', { description: 'For how long, in milliseconds.' }),
    reportedAt: t.expose('reportedAt', { type: 'DateTime', description: 'When the screen told.' }),
  }),
});

const PlayGroupingEnum = builder.enumType('PlayGrouping', {
  description: 'What plays are counted by.',
  values: {
    DEVICE: { description: 'By screen.' },
    LAYOUT: { description: 'By layout, whatever the revision.' },
    MEDIA: { description: 'By medium; plays of none are left out.' },
  } satisfies Record<PlayGrouping, { description: string }>,
});

const PlayTotalType = builder.objectRef<PlayTotal>('PlayTotal').implement({
  description: 'Plays on one screen, of one layout or of one medium together.',
  fields: (t) => ({
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'By screen: which.',
      resolve: ({ deviceId }) => deviceId,
    }),
    layoutId: t.id({
      nullable: true,
      description: 'By layout: which; there may be no such layout any more.',
      resolve: ({ layoutId }) => layoutId && encodeGlobalId('Layout', layoutId),
    }),
    mediaId: t.id({
      nullable: true,
      description: 'By medium: which; there may be no such medium any more.',
      resolve: ({ mediaId }) => mediaId && encodeGlobalId('Media', mediaId),
    }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'By layout or medium: what it was called when it was last shown.',
    }),
    plays: t.exposeInt('plays', { description: 'How many.' }),
    durationMs: t.expose('durationMs', {
      type: 'BigInt',
      description: 'For how long together, in milliseconds.',
    }),
  }),
});

/** What the connection is asked for besides. */
interface Totals {
  readonly durationMs: () => Promise<bigint>;
  readonly totals: (by: PlayGrouping) => Promise<readonly PlayTotal[]>;
}

const ProofOfPlayConnection = builder.connectionObject(
  {
    type: PlayType,
    name: 'ProofOfPlayConnection',
    description: 'One page of plays, the latest first, and what all pages come to.',
    fields: (t) => ({
      durationMs: t.field({
        type: 'BigInt',
        complexity: 10,
        description: 'For how long all of them together, on whatever page, in milliseconds.',
        resolve: (connection) => (connection as unknown as Totals).durationMs(),
      }),
      totals: t.field({
        type: [PlayTotalType],
        complexity: 10,
        description: `All of them, on whatever page, by screen, layout or medium: the ${MAX_TOTALS} longest shown, the longest first.`,
        args: {
          by: t.arg({ type: PlayGroupingEnum, required: true, description: 'What they are counted by.' }),
        },
        resolve: async (connection, { by }) => [...(await (connection as unknown as Totals).totals(by))],
      }),
    }),
  },
  { name: 'ProofOfPlayEdge' },
);

builder.queryField('proofOfPlay', (t) =>
  t.connection(
    {
      type: PlayType,
      nullable: true,
      authScopes: { scope: 'SIGNAGE_READ' },
      description:
        'What screens say they have shown, the latest first: as far back as PLAY_RETENTION. Needs SIGNAGE_READ (AUTH_004).',
      args: {
        deviceId: t.arg.id({ description: 'Only on this screen.' }),
        layoutId: t.arg.id({ description: 'Only of this layout.' }),
        mediaId: t.arg.id({ description: 'Only of this medium.' }),
        from: t.arg({ type: 'DateTime', description: 'Only what began then or later.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what began earlier.' }),
      },
      resolve: async (_root, { deviceId, layoutId, mediaId, from, to, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter: PlayFilter = {
          deviceId: deviceId == null ? null : decodeIdOf('Device', deviceId),
          layoutId: layoutId == null ? null : decodeIdOf('Layout', layoutId),
          mediaId: mediaId == null ? null : decodeIdOf('Media', mediaId),
          from: from ?? null,
          to: to ?? null,
        };
        const page = await resolvePage(args, {
          keyOf: ({ startedAt, id }: Play) => ({ at: startedAt, id }),
          load: (range) => listPlays(db, venueId, { filter, range }),
          count: async () => (await sumPlays(db, venueId, filter)).plays,
        });
        const totals: Totals = {
          durationMs: async () => (await sumPlays(db, venueId, filter)).durationMs,
          totals: (by) => totalPlays(db, venueId, { filter, by, limit: MAX_TOTALS }),
        };
        return { ...page, ...totals };
      },
    },
    ProofOfPlayConnection,
  ),
);
