import { readWithCursor } from '../events/cursor.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { LotClaimedError, LotNameTakenError, SpaceLabelTakenError } from '../parking/errors.ts';
import type { ParkingLot } from '../parking/lot.ts';
import { type ChangeSpaces, createParkingLot, updateParkingLot } from '../parking/lot-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { wholeMinutes } from './duration.ts';
import { decodeIdOf } from './ids.ts';
import './parking-lot-errors.ts';
import { lotPage } from './parking-lot-page.ts';
import { CountedByEnum, LotStatusEnum, ParkingLotType } from './parking-lot-type.ts';
import { SpaceKindEnum, SpaceStatusEnum } from './parking-space.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const GeoLocationInput = builder.inputType('GeoLocationInput', {
  description: 'A place on the earth, in degrees of WGS 84.',
  fields: (t) => ({
    latitude: t.float({
      required: true,
      description: 'North of the equator, -90 to 90 (ValidationError, API_001).',
    }),
    longitude: t.float({
      required: true,
      description: 'East of Greenwich, -180 to 180 (ValidationError, API_001).',
    }),
  }),
});

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
        resolve: (connection) => (connection as unknown as { readonly cursor: string }).cursor,
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
        if (!near && radiusMeters != null) throw new ValidationError('radiusMeters goes with near.');
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

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** What can be said of a lot when it is made and later. */
const rulesFields = (t: InputFields) => ({
  description: t.string({
    description: 'What else there is to say, at most 1000 characters (ValidationError).',
  }),
  address: t.string({
    description: 'Where it is, for a person, at most 500 characters (ValidationError).',
  }),
  location: t.field({ type: GeoLocationInput, description: 'Where it is.' }),
  countedBy: t.field({
    type: CountedByEnum,
    description: 'What tells how many cars stand there; when it is changed, what was observed is forgotten.',
  }),
  staleAfter: t.field({
    type: 'Duration',
    description:
      'After so long without a report what was observed is stale, PT1S to PT24H (ValidationError).',
  }),
  reservableDays: t.int({
    description: 'How many days ahead a place can be reserved, 1 to 1096 (ValidationError).',
  }),
  noShowMinutes: t.int({
    description:
      'Who has reserved and has not come so many minutes after the beginning is a no-show, 1 to 1440 (ValidationError); null: the place is kept to the end.',
  }),
  usualStay: t.field({
    type: 'Duration',
    description:
      'A car that does not say how long it stays is taken to stay so long, whole minutes from PT1M to P7D (ValidationError).',
  }),
});

const rangeFields = (t: InputFields) => ({
  prefix: t.string({
    required: true,
    defaultValue: '',
    description: 'What stands before the number: `A-`. Labels have at most 20 characters (ValidationError).',
  }),
  first: t.int({ required: true, description: 'The first number, 0 to 999999 (ValidationError).' }),
  last: t.int({
    required: true,
    description: 'The last number, not below `first`; 20000 spaces at most in one input (ValidationError).',
  }),
  digits: t.int({
    required: true,
    defaultValue: 1,
    description:
      'How many digits a number has at least, 1 to 6 (ValidationError): with 3 the first is `A-001`.',
  }),
});

const ParkingSpaceRangeInput = builder.inputType('ParkingSpaceRangeInput', {
  description: 'Spaces by their numbers: `A-`, 1 to 120 are `A-1` to `A-120`.',
  fields: rangeFields,
});

const AddParkingSpacesInput = builder.inputType('AddParkingSpacesInput', {
  description: 'Numbered spaces, one or thousands: `A-`, 1 to 120 are `A-1` to `A-120`.',
  fields: (t) => ({
    ...rangeFields(t),
    kind: t.field({
      type: SpaceKindEnum,
      required: true,
      defaultValue: 'STANDARD',
      description: 'What they are for.',
    }),
  }),
});

const ChangeParkingSpacesInput = builder.inputType('ChangeParkingSpacesInput', {
  description: 'What is to be another with some spaces, named by `spaceIds` or by `range` (ValidationError).',
  fields: (t) => ({
    spaceIds: t.idList({
      description: 'Which. One that the lot does not have gives NotFoundError, and nothing is changed.',
    }),
    range: t.field({
      type: ParkingSpaceRangeInput,
      description: 'Which. One that the lot does not have gives NotFoundError, and nothing is changed.',
    }),
    kind: t.field({ type: SpaceKindEnum, description: 'What they are for from now on.' }),
    status: t.field({ type: SpaceStatusEnum, description: 'Whether they can be had from now on.' }),
  }),
});

const nameDescription =
  '1 to 100 characters (ValidationError); no two lots of a venue have the same (LotNameTakenError).';

const CreateParkingLotInput = builder.inputType('CreateParkingLotInput', {
  description:
    'A parking lot. Left out it is counted by stays, can be reserved 90 days ahead, keeps a place to the end, takes a car to stay two hours, and costs nothing.',
  fields: (t) => ({
    name: t.string({ required: true, description: nameDescription }),
    capacity: t.int({
      required: true,
      description: 'How many cars it takes, 1 to 100000 (ValidationError).',
    }),
    ...rulesFields(t),
    spaces: t.field({
      type: [AddParkingSpacesInput],
      description: 'Its painted places, not more than it takes cars (ValidationError); it may have none.',
    }),
  }),
});

const UpdateParkingLotInput = builder.inputType('UpdateParkingLotInput', {
  description: 'What is to change; what is left out stays.',
  fields: (t) => ({
    lotId: t.id({ required: true, description: 'The lot.' }),
    expectedVersion: t.int({
      required: true,
      description: '`ParkingLot.version` as the caller read it (VersionConflictError).',
    }),
    name: t.string({ description: nameDescription }),
    capacity: t.int({
      description:
        'How many cars it takes, 1 to 100000 (ValidationError), and not fewer than are claimed at any instant (LotClaimedError).',
    }),
    ...rulesFields(t),
    status: t.field({ type: LotStatusEnum, description: 'Whether a place on it can be had.' }),
    addSpaces: t.field({
      type: [AddParkingSpacesInput],
      description:
        'More painted places (SpaceLabelTakenError); open ones are not more than it takes cars (ValidationError).',
    }),
    changeSpaces: t.field({ type: [ChangeParkingSpacesInput], description: 'Other kinds, closed or open.' }),
  }),
});

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
      'Changes a parking lot and its spaces. What is reserved stays reserved, and who stands there stays. Needs PARKING_MANAGE (AUTH_004).',
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
      const changes = changeSpaces?.map(({ spaceIds, range, ...change }) => ({
        ...change,
        named: namedBy(spaceIds, range),
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
