import { NotFoundError } from '../lib/errors.ts';
import type { CountedBy, Location, LotStatus, ParkingLot } from '../parking/lot.ts';
import { freeOf } from '../parking/lot.ts';
import { findLotsByIds } from '../parking/lot-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { isShownLots } from './parking-scope.ts';

export const CountedByEnum = builder.enumType('ParkingLotCounter', {
  description: 'What tells how many cars stand on a lot. Clients must survive values they do not know.',
  values: {
    STAYS: { description: 'The stays that are begun and ended here.' },
    GATES: { description: 'Gates that count.' },
    SENSORS: { description: 'A sensor on each space.' },
  } satisfies Record<CountedBy, { description: string }>,
});

export const LotStatusEnum = builder.enumType('ParkingLotStatus', {
  description: 'Whether a place on a lot can be had.',
  values: {
    ACTIVE: { description: 'It can be reserved, and cars come and go.' },
    CLOSED: {
      description: 'Nothing more of it can be had; what is reserved stays, and who stands there too.',
    },
  } satisfies Record<LotStatus, { description: string }>,
});

const LocationType = builder.objectRef<Location>('GeoLocation').implement({
  description: 'A place on the earth, in degrees of WGS 84.',
  fields: (t) => ({
    latitude: t.exposeFloat('latitude', { description: 'North of the equator, -90 to 90.' }),
    longitude: t.exposeFloat('longitude', { description: 'East of Greenwich, -180 to 180.' }),
  }),
});

/** A lot; where it was looked for around a place, with how far away it is. */
export type ShownLot = ParkingLot & { readonly distanceMeters?: number };

export const ParkingLotType = builder.loadableNodeRef<ShownLot, never, string, string>('ParkingLot', {
  id: { resolve: ({ id }: ShownLot) => id },
  load: loadLots,
});

ParkingLotType.implement({
  description:
    'A place for cars, with what it has left of it now; a `Place` of APDS. `free` is `capacity` − `occupied` − `reserved` always, all of one instant. Seen by everybody of the venue who may park.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called; unique at the venue.' }),
    description: t.exposeString('description', { nullable: true, description: 'What else there is to say.' }),
    address: t.exposeString('address', { nullable: true, description: 'Where it is, for a person.' }),
    location: t.expose('location', { type: LocationType, nullable: true, description: 'Where it is.' }),
    distanceMeters: t.float({
      nullable: true,
      description: 'How far it is along a great circle, in `parkingLots(near: …)`; null elsewhere.',
      resolve: ({ distanceMeters }) => distanceMeters,
    }),
    capacity: t.exposeInt('capacity', { description: 'How many cars it takes; the `supply` of APDS.' }),
    occupied: t.int({
      description: 'How many cars stand there, as `countedBy` knows it; the `occupancy` of APDS.',
      resolve: ({ occupancy }) => occupancy.occupied,
    }),
    reserved: t.int({
      description: 'How many places are reserved for this instant by who has not come yet.',
      resolve: ({ occupancy }) => occupancy.reserved,
    }),
    free: t.int({
      description:
        'How many more cars it takes now: `capacity` − `occupied` − `reserved`. Below 0 where more cars stand than there is room for beside those who have reserved.',
      resolve: ({ occupancy }) => freeOf(occupancy),
    }),
    countedBy: t.expose('countedBy', {
      type: CountedByEnum,
      description: 'What tells how many cars stand there: the source of the observation.',
    }),
    observedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When gates or sensors counted last; null when stays count, and before the first report.',
      resolve: ({ occupancy }) => occupancy.observedAt,
    }),
    stale: t.boolean({
      description:
        'Whether gates or sensors have been silent for longer than `staleAfter`, or have never spoken.',
      resolve: ({ occupancy }) => occupancy.isStale,
    }),
    revision: t.field({
      type: 'BigInt',
      description: 'Grows with whatever is known of it: of two the one with the greater is the newer.',
      resolve: ({ occupancy }) => occupancy.revision,
    }),
    staleAfter: t.field({
      type: 'Duration',
      description: 'After so long without a report what was observed is stale.',
      resolve: ({ staleAfterSeconds }) => staleAfterSeconds,
    }),
    reservableDays: t.exposeInt('reservableDays', {
      description: 'How many days ahead a place can be reserved.',
    }),
    noShowMinutes: t.exposeInt('noShowMinutes', {
      nullable: true,
      description:
        'Who has reserved and has not come so many minutes after the beginning is a no-show; null: the place is kept to the end.',
    }),
    usualStay: t.field({
      type: 'Duration',
      description: 'A car that does not say how long it stays is taken to stay so long.',
      resolve: ({ usualStayMinutes }) => usualStayMinutes * 60,
    }),
    status: t.expose('status', { type: LotStatusEnum, description: 'Whether a place on it can be had.' }),
    version: t.exposeInt('version', { description: 'Grows with every change of what it is.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

async function loadLots(ids: readonly string[], context: Context): Promise<(ShownLot | NotFoundError)[]> {
  const { db, now } = context;
  const found = isShownLots(context) ? await findLotsByIds(db, venueIdOf(context), { ids, now }) : [];
  const byId = new Map(found.map((lot) => [lot.id, lot]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('parking lot'));
}
