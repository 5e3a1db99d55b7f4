import { readWithCursor } from '../events/cursor.ts';
import type { EventType, LoggedEvent } from '../events/events.ts';
import { hasPassed } from '../events/passed.ts';
import { NOT_ITERABLE, type StateFrame, type StateItem, type StateSource } from '../events/source.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { LOT_EVENTS, type LotEventType, type OccupancySnapshot } from '../parking/events.ts';
import { listEveryLot } from '../parking/lot-store.ts';
import { snapshotOfOccupancy } from '../parking/occupancy-service.ts';
import { canSeeLots } from '../parking/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { AFTER } from './machine-event.ts';
import { parseMinInterval } from './min-interval.ts';
import { ParkingLotType } from './parking-lot-type.ts';

/** How full a lot is, with where that lies in the log. */
interface ShownOccupancy extends OccupancySnapshot {
  readonly cursor: string | null;
}

const OccupancyChangedType = builder
  .objectRef<ShownOccupancy & { readonly skipped: number }>('OccupancyChanged')
  .implement({
    description:
      'How full a parking lot is, all of one instant: `free` is `capacity` − `occupied` − `reserved` always.',
    fields: (t) => ({
      cursor: t.expose('cursor', {
        type: 'Cursor',
        nullable: true,
        description:
          'Go on behind it with `after`. Of lots that are shown as they stand, null but for the last: before that one has not seen them all.',
      }),
      lotId: t.globalID({
        description: 'Which lot.',
        resolve: ({ lotId }) => ({ type: 'ParkingLot', id: lotId }),
      }),
      lot: t.field({
        type: ParkingLotType,
        description: 'The lot itself, read when the frame is made: it may be newer than the frame.',
        resolve: ({ lotId }) => lotId,
      }),
      capacity: t.exposeInt('capacity', { description: 'How many cars it takes.' }),
      occupied: t.exposeInt('occupied', { description: 'How many cars stand there.' }),
      reserved: t.exposeInt('reserved', {
        description: 'How many places are reserved for this instant by who has not come yet.',
      }),
      free: t.exposeInt('free', {
        description: 'How many more cars it takes: below 0 where more stand than there is room for.',
      }),
      observedAt: t.field({
        type: 'DateTime',
        nullable: true,
        description:
          'When gates or sensors counted last; null when stays count, and before the first report.',
        resolve: ({ observedAt }) => observedAt,
      }),
      stale: t.exposeBoolean('isStale', {
        description: 'Whether gates or sensors have been silent for too long, or have never spoken.',
      }),
      revision: t.field({
        type: 'BigInt',
        description: '`ParkingLot.revision` then: of two the one with the greater is the newer.',
        resolve: ({ revision }) => BigInt(revision),
      }),
      skipped: t.exposeInt('skipped', {
        description: 'How many changes of this lot were left out since its frame before.',
      }),
    }),
  });

const lotIdsDescription =
  'Only these lots, 1 to 100 (API_001); all of the venue without it. One that does not exist gives API_002.';

builder.queryField('parking', (t) =>
  t.field({
    type: [OccupancyChangedType],
    nullable: true,
    authScopes: { scope: 'PARKING_READ' },
    description:
      'How full the parking lots of the venue are, all of one instant, the oldest lot first. The subscription of the same name keeps it current, behind the `cursor` of the last. Needs PARKING_READ (AUTH_004).',
    complexity: { field: 10, multiplier: 10 },
    args: { lotIds: t.arg.idList({ description: lotIdsDescription }) },
    resolve: async (_root, { lotIds }, context) => {
      const ids = lotIds ? await parseLotIds(lotIds, context) : null;
      const shown = await readOccupancies(context, { venueId: venueIdOf(context), lotIds: ids });
      return shown.map((occupancy) => ({ ...occupancy, skipped: 0 }));
    },
  }),
);

builder.subscriptionField('parking', (t) =>
  t.field({
    type: OccupancyChangedType,
    authScopes: { scope: 'PARKING_READ' },
    description:
      'First one frame for each lot as it stands, then one whenever it is fuller or emptier, or is changed; from `after`, all of them again only when any is another than it was there. A reader that is too slow gets the newest of each lot; `skipped` tells. Needs PARKING_READ (AUTH_004).',
    args: {
      lotIds: t.arg.idList({ description: lotIdsDescription }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      minIntervalMs: t.arg.int({
        description:
          'At least so many milliseconds, up to 60000 (API_001), between two frames of one lot: the newest is shown. 0 without it.',
      }),
    },
    subscribe: async (_root, { lotIds, after, minIntervalMs }, context) =>
      lotSource(context, {
        venueId: venueIdOf(context),
        lotIds: lotIds ? await parseLotIds(lotIds, context) : null,
        after: after ?? null,
        minIntervalMs: parseMinInterval(minIntervalMs),
      }),
    resolve: ({ value, skipped }: StateFrame<ShownOccupancy>) => ({ skipped, ...value }),
  }),
);

const MAX_LOTS = 100;

/** @throws ValidationError; NotFoundError when one is not the caller's to see */
async function parseLotIds(ids: readonly string[], context: Context): Promise<readonly string[]> {
  if (ids.length > MAX_LOTS)
    throw new ValidationError(`lotIds takes at most ${MAX_LOTS} entries.`, { field: 'lotIds' });
  const decoded = [...new Set(ids.map((id) => decodeIdOf('ParkingLot', id)))].sort();
  const found = await ParkingLotType.getDataloader(context).loadMany(decoded);
  if (found.some((lot) => lot instanceof Error)) throw new NotFoundError('parking lot');
  return decoded;
}

interface Followed {
  readonly venueId: string;
  /** Null: all. */
  readonly lotIds: readonly string[] | null;
  readonly after: string | null;
  readonly minIntervalMs: number;
}

/** What an event says of a lot is all that a frame shows: nobody reads anything for it. */
function lotSource(
  { streams }: Pick<Context, 'streams'>,
  { venueId, lotIds, after, minIntervalMs }: Followed,
): StateSource<Context> {
  const changes = streams.events<LotEventType>({
    types: LOT_EVENTS,
    venueId,
    ...(lotIds && { subjects: { of: ({ payload }) => payload.lotId, among: lotIds } }),
    sightOf: () => 'SHARED',
  });
  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: `${venueId} ${lotIds?.join() ?? ''}`,
    minIntervalMs,
    resumption: { after, hasChangedSince: (cursor) => hasPassed(changes, cursor) },
    sightOf: (actor) => (canSeeLots(actor, venueId) ? 'SHARED' : null),
    read: async (context) => (await readOccupancies(context, { venueId, lotIds })).map(itemOf),
    listen: (hear) =>
      changes.listen((event) => {
        if (isOfLot(event)) hear(itemOf({ cursor: event.cursor, ...event.payload }));
      }),
  };
}

const isOfLot = <E extends LoggedEvent>(event: E): event is E & LoggedEvent<LotEventType> =>
  (LOT_EVENTS as readonly EventType[]).includes(event.type);

const itemOf = (shown: ShownOccupancy): StateItem => ({
  subject: shown.lotId,
  version: BigInt(shown.revision),
  value: shown,
  cursor: shown.cursor,
});

/** How full lots are, all of one instant. Only behind the last of them one has seen them all. */
async function readOccupancies(
  { db, now }: Pick<Context, 'db' | 'now'>,
  { venueId, lotIds }: Pick<Followed, 'venueId' | 'lotIds'>,
): Promise<readonly ShownOccupancy[]> {
  const { state, cursor } = await readWithCursor(db, (tx) => listEveryLot(tx, venueId, { ids: lotIds, now }));
  return state.map(({ id, occupancy }, at) => ({
    ...snapshotOfOccupancy(id, occupancy),
    cursor: at === state.length - 1 ? cursor : null,
  }));
}
