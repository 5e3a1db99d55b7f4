import { NotFoundError } from '../lib/errors.ts';
import type { ParkingSpace, SpaceKind, SpaceStatus } from '../parking/space.ts';
import { countSpaces, findSpacesByIds, listSpaces } from '../parking/space-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { resolvePage } from './page.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { isShownLots } from './parking-scope.ts';

export const SpaceKindEnum = builder.enumType('ParkingSpaceKind', {
  description: 'What a space is for. Clients must survive values they do not know.',
  values: {
    STANDARD: { description: 'Any car.' },
    ACCESSIBLE: { description: 'Somebody with a disability.' },
    ELECTRIC: { description: 'A car that is charged there.' },
    MOTORCYCLE: { description: 'A motorcycle.' },
    LARGE: { description: 'A van, a camper, a bus.' },
  } satisfies Record<SpaceKind, { description: string }>,
});

export const SpaceStatusEnum = builder.enumType('ParkingSpaceStatus', {
  description: 'Whether a space can be had.',
  values: {
    ACTIVE: { description: 'It can be reserved.' },
    CLOSED: { description: 'It cannot; who has it keeps it.' },
  } satisfies Record<SpaceStatus, { description: string }>,
});

export const ParkingSpaceType = builder.loadableNodeRef<ParkingSpace, never, string, string>('ParkingSpace', {
  id: { resolve: ({ id }: ParkingSpace) => id },
  load: loadSpaces,
});

ParkingSpaceType.implement({
  description: 'A painted place of a lot; a `Space` of APDS. A lot may take more cars than it has of them.',
  fields: (t) => ({
    lot: t.field({ type: ParkingLotType, description: 'Of which lot.', resolve: ({ lotId }) => lotId }),
    label: t.exposeString('label', { description: 'What is painted on it: `A-17`; unique on the lot.' }),
    kind: t.expose('kind', { type: SpaceKindEnum, description: 'What it is for.' }),
    status: t.expose('status', { type: SpaceStatusEnum, description: 'Whether it can be had.' }),
    occupied: t.boolean({
      nullable: true,
      description:
        'Whether a car stands there: as its sensor said last where sensors count the lot, else as the stays say. Null: its sensor has never spoken.',
      resolve: ({ isOccupied }) => isOccupied,
    }),
    reserved: t.exposeBoolean('isReserved', {
      description: 'Whether it is reserved for this instant by who has not come yet.',
    }),
    observedAt: t.expose('observedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When its sensor spoke last; null: never, or no sensors count the lot.',
    }),
    stale: t.exposeBoolean('isStale', {
      description:
        'Whether its sensor has been silent for longer than `ParkingLot.staleAfter`, or has never spoken.',
    }),
  }),
});

builder.objectField(ParkingLotType, 'spaces', (t) =>
  t.connection(
    {
      type: ParkingSpaceType,
      description: 'Its painted places, in the order of their numbers.',
      args: {
        kind: t.arg({ type: SpaceKindEnum, description: 'Only of this kind.' }),
        status: t.arg({ type: SpaceStatusEnum, description: 'Only what stands like this.' }),
        occupied: t.arg.boolean({ description: 'Only where a car stands, or only where none does.' }),
      },
      resolve: ({ id: lotId, venueId }, { kind, status, occupied, ...args }, { db, now }) => {
        const filter = { kind: kind ?? null, status: status ?? null, isOccupied: occupied ?? null };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: ParkingSpace) => ({ at: createdAt, id }),
          load: (range) => listSpaces(db, { venueId, lotId }, { filter, range, now }),
          count: () => countSpaces(db, { venueId, lotId }, { filter, now }),
        });
      },
    },
    { name: 'ParkingSpaceConnection', description: 'One page of the spaces of a lot.' },
    { name: 'ParkingSpaceEdge' },
  ),
);

async function loadSpaces(
  ids: readonly string[],
  context: Context,
): Promise<(ParkingSpace | NotFoundError)[]> {
  const { db, now } = context;
  const found = isShownLots(context) ? await findSpacesByIds(db, venueIdOf(context), { ids, now }) : [];
  const byId = new Map(found.map((space) => [space.id, space]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('parking space'));
}
