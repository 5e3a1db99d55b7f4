import { readWithCursor } from '../events/cursor.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { LotClaimedError, LotNameTakenError, SpaceLabelTakenError } from '../parking/errors.ts';
import type { ParkingLot } from '../parking/lot.ts';
import { type ChangeSpaces, createParkingLot, updateParkingLot } from '../parking/lot-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { wholeMinutes } from './duration.ts';
import { decodeIdOf } from './ids.ts';
import { cursorOf } from './live-page.ts';
import './parking-lot-errors.ts';
import { CreateParkingLotInput, GeoLocationInput, UpdateParkingLotInput } from './parking-lot-input.ts';
import { lotPage } from './parking-lot-page.ts';
import { LotStatusEnum, ParkingLotType } from './parking-lot-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const ParkingLotConnection = builder.connectionObject(
  {
    type: ParkingLotType,
    name: 'ParkingLotConnection',
    description: 'One page of parking lots.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `parking`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'ParkingLotEdge' },
);

builder.queryField('parkingLots', (t) =>
  t.connection(
    {
      type: ParkingLotType,
      nullable: true,
      authScopes: { scope: 'PARKING_READ' },
      description:
        'The parking lots of the venue, the newest first; with `near` those that say where they are, the nearest first. The subscription `parking` keeps them current. Needs PARKING_READ (AUTH_004).',
      args: {
        near: t.arg({ type: GeoLocationInput, description: 'Around this place.' }),
        radiusMeters: t.arg.float({
          description:
            'With `near` (API_001): not farther than this along a great circle, more than 0 to 20100000 (API_001).',
        }),
        status: t.arg({ type: LotStatusEnum, description: 'Only what stands like this.' }),
        minFree: t.arg.int({ description: 'Only where so many places are free now, at least.' }),
      },
      resolve: async (_root, { near, radiusMeters, status, minFree, ...args }, context) => {
        if (!near && radiusMeters != null)
          throw new ValidationError('radiusMeters goes with near.', { field: 'radiusMeters' });
        const search = {
          near: near ? { center: near, radiusMeters: radiusMeters ?? null } : null,
          filter: { status: status ?? null, minFree: minFree ?? null },
          now: context.now,
        };
        const { state, cursor } = await readWithCursor(context.db, (tx) =>
          lotPage(tx, venueIdOf(context), { args, search, counting: context.db }),
        );
        return { ...state, cursor };
      },
    },
    ParkingLotConnection,
  ),
);

builder.queryField('parkingLot', (t) =>
  t.field({
    type: ParkingLotType,
    nullable: true,
    authScopes: { scope: 'PARKING_READ' },
    description: 'One parking lot. Needs PARKING_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: (_root, { id }) => decodeIdOf('ParkingLot', id),
  }),
);

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<ParkingLot>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      lot: t.field({ type: ParkingLotType, description: 'The lot.', resolve: (lot) => lot }),
    }),
  });

builder.mutationField('createParkingLot', (t) =>
  t.field({
    type: answerOf('CreateParkingLotSuccess', {
      description: 'The new parking lot.',
      message: 'The parking lot is open.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_MANAGE' },
    description: 'Makes a parking lot, and its spaces. Needs PARKING_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: CreateParkingLotInput, required: true, description: 'What it is.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, LotNameTakenError, SpaceLabelTakenError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { staleAfter, usualStay, ...given } = input;
      return context.runWork(context.actor, (work) =>
        createParkingLot(work, {
          ...given,
          ...durationsOf({ staleAfter, usualStay }),
          venueId: venueIdOf(context),
        }),
      );
    },
  }),
);

builder.mutationField('updateParkingLot', (t) =>
  t.field({
    type: answerOf('UpdateParkingLotSuccess', {
      description: 'The parking lot as it is now.',
      message: 'The parking lot was changed.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_MANAGE' },
    description:
      'Changes a parking lot and its spaces. What is reserved stays reserved, and who stands there stays. What changes nothing leaves the version as it is. Needs PARKING_MANAGE (AUTH_004).',
    args: {
      input: t.arg({ type: UpdateParkingLotInput, required: true, description: 'What is to change.' }),
    },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        VersionConflictError,
        LotNameTakenError,
        LotClaimedError,
        SpaceLabelTakenError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { staleAfter, usualStay, lotId, changeSpaces, ...given } = input;
      const id = decodeIdOf('ParkingLot', lotId);
      const changes = changeSpaces?.map(({ spaceIds, range, ...change }, at) => ({
        ...change,
        named: inField(['changeSpaces', at], () => namedBy(spaceIds, range)),
      }));
      return context.runWork(context.actor, (work) =>
        updateParkingLot(work, {
          ...given,
          ...durationsOf({ staleAfter, usualStay }),
          venueId: venueIdOf(context),
          lotId: id,
          changeSpaces: changes,
        }),
      );
    },
  }),
);

interface Durations {
  readonly staleAfter?: number | null | undefined;
  readonly usualStay?: number | null | undefined;
}

const durationsOf = ({ staleAfter, usualStay }: Durations) => ({
  staleAfterSeconds: staleAfter,
  usualStayMinutes: usualStay == null ? usualStay : wholeMinutes('usualStay', usualStay),
});

function namedBy(
  spaceIds: readonly string[] | null | undefined,
  range: Exclude<ChangeSpaces['named'], { readonly ids: readonly string[] }> | null | undefined,
): ChangeSpaces['named'] {
  if (spaceIds && !range) return { ids: spaceIds.map((id) => decodeIdOf('ParkingSpace', id)) };
  if (range && !spaceIds) return range;
  throw new ValidationError('Spaces are named by spaceIds or by range.');
}
