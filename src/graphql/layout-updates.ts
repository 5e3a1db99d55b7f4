import { readWithCursor } from '../events/cursor.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import { hasPassed } from '../events/passed.ts';
import { NOT_ITERABLE, type StateFrame, type StateItem, type StateSource } from '../events/source.ts';
import { NotFoundError } from '../lib/errors.ts';
import { listEditors, readEditingRevision } from '../signage/editing-store.ts';
import { LAYOUT_EVENTS, type LayoutEventType } from '../signage/layout-events.ts';
import { snapshotOfEditor } from '../signage/layout-snapshots.ts';
import { findLayoutsByIds } from '../signage/layout-store.ts';
import { canSeeSignage } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { LayoutType } from './layout-type.ts';
import {
  type Edited,
  joinedEdits,
  LayoutUpdateType,
  type ShownUpdate,
  updateOf,
} from './layout-update-type.ts';
import { AFTER } from './machine-event.ts';

builder.subscriptionField('layoutUpdates', (t) =>
  t.field({
    type: LayoutUpdateType,
    authScopes: { scope: 'SIGNAGE_READ' },
    description:
      'What becomes of a layout: first the draft and who works on it as they are, then each save with the regions that changed, each time others work on it, that it was published, that it was deleted. From `after`, the draft and the editors again only when anything has happened since. A reader that is too slow gets the newest of each kind, and of several saves in one what they changed together; `skipped` tells. Needs SIGNAGE_READ (AUTH_004).',
    args: {
      layoutId: t.arg.id({
        required: true,
        description: 'Of which layout. One that does not exist gives API_002.',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: async (_root, { layoutId, after }, context) => {
      const { id } = await LayoutType.getDataloader(context).load(decodeIdOf('Layout', layoutId));
      return updateSource(context, { venueId: venueIdOf(context), layoutId: id, after: after ?? null });
    },
    resolve: ({ value, skipped }: StateFrame<ShownUpdate>) => ({ skipped, ...value }),
  }),
);

interface Followed {
  readonly venueId: string;
  readonly layoutId: string;
  readonly after: string | null;
}

/** What an event says of a layout is all that a frame shows: nobody reads anything for it. */
function updateSource(
  { streams }: Pick<Context, 'streams'>,
  { venueId, layoutId, after }: Followed,
): StateSource<Context> {
  const changes = streams.events<LayoutEventType>({
    types: LAYOUT_EVENTS,
    venueId,
    subjects: { of: ({ payload }) => payload.layoutId, among: [layoutId] },
    sightOf: () => 'SHARED',
  });
  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: `${venueId} ${layoutId}`,
    minIntervalMs: 0,
    resumption: { after, hasChangedSince: (cursor) => hasPassed(changes, cursor) },
    sightOf: (actor) => (canSeeSignage(actor, venueId) ? 'SHARED' : null),
    read: (context) => readUpdates(context, { venueId, layoutId }),
    listen: (hear) =>
      changes.listen((event) => {
        if (isOfLayout(event)) hear(itemOf(updateOf(event, event.cursor)));
      }),
  };
}

const isOfLayout = <E extends LoggedEvent>(event: E): event is E & LoggedEvent<LayoutEventType> =>
  (LAYOUT_EVENTS as readonly EventType[]).includes(event.type);

/** Of each kind of news the newest stands for those before it. */
const itemOf = (update: ShownUpdate): StateItem => ({
  subject: update.kind,
  version: update.version,
  value: update,
  cursor: update.cursor,
  // A save says what it changed, so that the newest alone would not bring the draft to where it stands.
  ...(update.kind === 'edited' && { joinedTo: (earlier) => joinedEdits(earlier as Edited, update) }),
});

/** The draft and who works on it, of one instant. Only behind the last has one seen both. */
async function readUpdates(
  { db, now }: Pick<Context, 'db' | 'now'>,
  of: Omit<Followed, 'after'>,
): Promise<readonly StateItem[]> {
  const { state, cursor } = await readWithCursor(db, async (tx) => {
    const [layout] = await findLayoutsByIds(tx, of.venueId, [of.layoutId]);
    if (!layout) throw new NotFoundError('layout');
    return {
      layout,
      editors: await listEditors(tx, of.venueId, { layoutIds: [of.layoutId], now }),
      editingRevision: await readEditingRevision(tx, of),
    };
  });
  const { layout, editors, editingRevision } = state;
  return [
    itemOf({
      kind: 'edited',
      cursor: null,
      layoutId: layout.id,
      version: BigInt(layout.version),
      changedRegions: layout.regions,
      removedRegionIds: [],
      isWhole: true,
      by: layout.updatedBy,
      at: layout.updatedAt,
    }),
    itemOf({
      kind: 'editors',
      cursor,
      layoutId: layout.id,
      version: editingRevision,
      editors: editors.map(snapshotOfEditor),
    }),
  ];
}
