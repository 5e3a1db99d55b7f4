import { NotFoundError } from '../lib/errors.ts';
import { type Layout, type LayoutRevision, type LayoutStatus, statusOf } from '../signage/layout.ts';
import { findLayoutsByIds } from '../signage/layout-store.ts';
import { canSeeSignage } from '../signage/policy.ts';
import { listRevisions } from '../signage/revision-store.ts';
import { findLayoutsShown } from '../signage/shown-layouts.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { foundOrNull } from './found.ts';
import { LayoutRevisionType, revisionKey } from './layout-revision-type.ts';
import { EventActorType } from './log-event.ts';
import { NUMBER_KEYS, resolvePageBy } from './page.ts';
import { RegionType } from './region-type.ts';

export const LayoutStatusEnum = builder.enumType('LayoutStatus', {
  description: 'Whether screens can be shown a layout. Clients must survive values they do not know.',
  values: {
    DRAFT: { description: 'It was never published.' },
    PUBLISHED: { description: 'It has a revision that can be shown; the draft may be further.' },
  } satisfies Record<LayoutStatus, { description: string }>,
});

export const LayoutType = builder.loadableNodeRef<Layout, never, string, string>('Layout', {
  id: { resolve: ({ id }: Layout) => id },
  load: loadLayouts,
});

const LayoutRevisionConnection = builder.connectionObject(
  {
    type: LayoutRevisionType,
    name: 'LayoutRevisionConnection',
    description: 'One page of what was published of a layout, the newest first.',
  },
  { name: 'LayoutRevisionEdge' },
);

LayoutType.implement({
  description:
    'What screens show: a draft that is worked on, and what of it was published. Seen by who may see the signage of the venue (SIGNAGE_READ); and by a device that shall show it, as the revision that it shall show: without the draft, who works on it, and other screens.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called; unique at the venue.' }),
    width: t.exposeInt('width', { description: 'Of the canvas of the draft, in pixels.' }),
    height: t.exposeInt('height', { description: 'Of the canvas of the draft, in pixels.' }),
    regions: t.field({
      type: [RegionType],
      description: 'The draft, at most 64.',
      resolve: ({ regions }) => [...regions],
    }),
    status: t.field({
      type: LayoutStatusEnum,
      description: 'Whether screens can be shown it.',
      resolve: statusOf,
    }),
    version: t.exposeInt('version', {
      description: 'Of the draft: grows with every change. Publishing is none.',
    }),
    changedSincePublished: t.boolean({
      description: 'Whether the draft is another than what was published last, or nothing was.',
      resolve: ({ version, publishedVersion }) => version !== publishedVersion,
    }),
    publishedRevision: t.field({
      type: LayoutRevisionType,
      nullable: true,
      description: 'The newest revision, which is what screens can be shown; null: none.',
      resolve: ({ id, publishedRevision }) =>
        publishedRevision === null ? null : revisionKey({ layoutId: id, revision: publishedRevision }),
    }),
    revisions: t.connection(
      {
        type: LayoutRevisionType,
        description: 'What was published of it, the newest first; to a device only what it shall show.',
        resolve: ({ id, venueId, publishedRevision }, args, context) => {
          const only = seesWork(context) ? null : publishedRevision;
          return resolvePageBy<LayoutRevision, bigint>(NUMBER_KEYS, args, {
            keyOf: ({ revision }) => BigInt(revision),
            load: (range) => listRevisions(context.db, { venueId, layoutId: id, only }, range),
            // They are numbered without a gap.
            count: async () => (only === null ? (publishedRevision ?? 0) : 1),
          });
        },
      },
      LayoutRevisionConnection,
    ),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When the draft was last changed.' }),
    updatedBy: t.expose('updatedBy', { type: EventActorType, description: 'Who changed it then.' }),
  }),
});

builder.objectField(LayoutRevisionType, 'layout', (t) =>
  t.field({
    type: LayoutType,
    nullable: true,
    description: 'The layout as it is now; null when it was deleted since.',
    resolve: ({ layoutId }, _args, context) => foundOrNull(LayoutType.getDataloader(context), layoutId),
  }),
);

/** Whether somebody sees more of a layout than what a device is to show. */
export const seesWork = ({ viewer }: Pick<Context, 'viewer'>): boolean => viewer.kind !== 'device';

async function loadLayouts(ids: readonly string[], context: Context): Promise<(Layout | NotFoundError)[]> {
  const found = await findSeen(ids, context);
  const byId = new Map(found.map((layout) => [layout.id, layout]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('layout'));
}

async function findSeen(ids: readonly string[], context: Context): Promise<readonly Layout[]> {
  const { db, viewer, scopes } = context;
  const venueId = venueIdOf(context);
  if (scopes.has('SIGNAGE_READ') && canSeeSignage(viewer, venueId))
    return await findLayoutsByIds(db, venueId, ids);
  // A shared execution knows no device: what names layouts on a device's own stream is executed for it alone.
  if (!scopes.has('DEVICE') || viewer.kind !== 'device' || context.actor.kind !== 'device') return [];
  return await findLayoutsShown(db, { venueId, deviceId: context.actor.deviceId }, ids);
}
