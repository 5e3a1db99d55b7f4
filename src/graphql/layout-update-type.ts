import type { LoggedEvent } from '../events/events.ts';
import type { Doer } from '../signage/layout.ts';
import type { EditorSnapshot, LayoutEventType } from '../signage/layout-events.ts';
import type { Region } from '../signage/region.ts';
import { builder } from './builder.ts';
import { foundOrNull } from './found.ts';
import { LayoutEditorType } from './layout-editor-type.ts';
import { LayoutRevisionType, revisionKey } from './layout-revision-type.ts';
import { LayoutType } from './layout-type.ts';
import { EventActorType } from './log-event.ts';
import { RegionType } from './region-type.ts';

interface OfLayout {
  readonly layoutId: string;
  /** Of what it tells of: grows. */
  readonly version: bigint;
  readonly cursor: string | null;
}

export interface Edited extends OfLayout {
  readonly kind: 'edited';
  readonly changedRegions: readonly Region[];
  readonly removedRegionIds: readonly string[];
  /** The changed are all there are. */
  readonly isWhole: boolean;
  readonly by: Doer;
  readonly at: Date;
}

interface EditorsChanged extends OfLayout {
  readonly kind: 'editors';
  readonly editors: readonly EditorSnapshot[];
}

interface Published extends OfLayout {
  readonly kind: 'published';
  readonly by: Doer;
  readonly at: Date;
}

interface Deleted extends OfLayout {
  readonly kind: 'deleted';
  readonly replacedByLayoutId: string | null;
  readonly by: Doer;
  readonly at: Date;
}

/** One piece of news of a layout. */
export type ShownUpdate = Edited | EditorsChanged | Published | Deleted;

/** What an event says of a layout. */
export function updateOf(
  { type, payload, actor: by, at, position }: LoggedEvent<LayoutEventType>,
  cursor: string,
): ShownUpdate {
  const of = { layoutId: payload.layoutId, cursor };
  switch (type) {
    case 'signage.layout-edited': {
      const { version, changedRegions, removedRegionIds } = payload;
      return {
        kind: 'edited',
        ...of,
        version: BigInt(version),
        changedRegions,
        removedRegionIds,
        isWhole: false,
        by,
        at,
      };
    }
    case 'signage.editors-changed':
      return { kind: 'editors', ...of, version: BigInt(payload.editingRevision), editors: payload.editors };
    case 'signage.layout-published':
      return { kind: 'published', ...of, version: BigInt(payload.revision), by, at };
    case 'signage.layout-deleted':
      return {
        kind: 'deleted',
        ...of,
        version: position,
        replacedByLayoutId: payload.replacedByLayoutId,
        by,
        at,
      };
  }
}

/** What two saves changed, one after the other. */
export function joinedEdits(earlier: Edited, later: Edited): Edited {
  const regions = new Map(
    [...earlier.changedRegions, ...later.changedRegions].map((each) => [each.id, each]),
  );
  for (const id of later.removedRegionIds) regions.delete(id);
  const removed = [...earlier.removedRegionIds, ...later.removedRegionIds].filter((id) => !regions.has(id));
  const isWhole = earlier.isWhole || later.isWhole;
  return {
    ...later,
    changedRegions: later.isWhole ? later.changedRegions : [...regions.values()],
    removedRegionIds: isWhole ? [] : [...new Set(removed)],
    isWhole,
  };
}

type Frame<Update> = Update & { readonly skipped: number };

const fields = {
  cursor: {
    type: 'Cursor',
    nullable: true,
    description:
      'Go on behind it with `after`. Of what is shown as it stands, null but for the last: before that one has not seen all of it.',
  },
  layoutId: 'Of which layout.',
  skipped: 'How many of this kind were left out since the frame before.',
} as const;

const LayoutEditedType = builder.objectRef<Frame<Edited>>('LayoutEdited').implement({
  description:
    'The draft was saved; or, first of all, stands like this. Where `skipped` is not 0 it was saved several times, and the frame says what that changed altogether, and who saved it last.',
  fields: (t) => ({
    cursor: t.expose('cursor', fields.cursor),
    layoutId: t.globalID({
      description: fields.layoutId,
      resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
    }),
    version: t.int({ description: '`Layout.version` then.', resolve: ({ version }) => Number(version) }),
    changedRegions: t.field({
      type: [RegionType],
      description: 'Regions that are new or other than before, as they are since.',
      resolve: ({ changedRegions }) => [...changedRegions],
    }),
    isWhole: t.exposeBoolean('isWhole', {
      description: 'Whether these are all regions of the draft: whatever else one knows of is there no more.',
    }),
    removedRegionIds: t.stringList({
      description: 'Regions that are there no more.',
      resolve: ({ removedRegionIds }) => [...removedRegionIds],
    }),
    editedBy: t.expose('by', { type: EventActorType, description: 'Who saved it.' }),
    editedAt: t.expose('at', { type: 'DateTime', description: 'When.' }),
    layout: t.field({
      type: LayoutType,
      nullable: true,
      description:
        'The layout itself, read when the frame is made: it may be newer than the frame. Null when it is deleted by then.',
      resolve: ({ layoutId }, _args, context) => foundOrNull(LayoutType.getDataloader(context), layoutId),
    }),
    skipped: t.exposeInt('skipped', { description: fields.skipped }),
  }),
});

const LayoutEditorsChangedType = builder.objectRef<Frame<EditorsChanged>>('EditorsChanged').implement({
  description: 'Others than before work on the layout; or, first of all, these do.',
  fields: (t) => ({
    cursor: t.expose('cursor', fields.cursor),
    layoutId: t.globalID({
      description: fields.layoutId,
      resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
    }),
    editors: t.field({
      type: [LayoutEditorType],
      description: 'All who work on it, who came first first.',
      resolve: ({ editors }) => [...editors],
    }),
    skipped: t.exposeInt('skipped', { description: fields.skipped }),
  }),
});

const LayoutPublishedType = builder.objectRef<Frame<Published>>('LayoutPublished').implement({
  description: 'The draft was published.',
  fields: (t) => ({
    cursor: t.expose('cursor', fields.cursor),
    layoutId: t.globalID({
      description: fields.layoutId,
      resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
    }),
    revision: t.field({
      type: LayoutRevisionType,
      description: 'What can be shown.',
      resolve: ({ layoutId, version }) => revisionKey({ layoutId, revision: Number(version) }),
    }),
    publishedBy: t.expose('by', { type: EventActorType, description: 'Who published it.' }),
    publishedAt: t.expose('at', { type: 'DateTime', description: 'When.' }),
    skipped: t.exposeInt('skipped', { description: fields.skipped }),
  }),
});

const LayoutDeletedType = builder.objectRef<Frame<Deleted>>('LayoutDeleted').implement({
  description: 'The layout is there no more: nothing more comes of it.',
  fields: (t) => ({
    cursor: t.expose('cursor', fields.cursor),
    layoutId: t.globalID({
      description: fields.layoutId,
      resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
    }),
    replacedById: t.globalID({
      nullable: true,
      description: 'What its screens show instead; null: it was on none.',
      resolve: ({ replacedByLayoutId: id }) => id && { type: 'Layout', id },
    }),
    deletedBy: t.expose('by', { type: EventActorType, description: 'Who deleted it.' }),
    deletedAt: t.expose('at', { type: 'DateTime', description: 'When.' }),
    skipped: t.exposeInt('skipped', { description: fields.skipped }),
  }),
});

const TYPES = {
  edited: LayoutEditedType,
  editors: LayoutEditorsChangedType,
  published: LayoutPublishedType,
  deleted: LayoutDeletedType,
};

export const LayoutUpdateType = builder.unionType('LayoutUpdate', {
  description: 'What becomes of a layout. Clients must survive members they do not know.',
  types: Object.values(TYPES),
  resolveType: (update) => TYPES[update.kind],
});
