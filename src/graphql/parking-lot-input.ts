import { builder } from './builder.ts';
import { CountedByEnum, LotStatusEnum } from './parking-lot-type.ts';
import { SpaceKindEnum, SpaceStatusEnum } from './parking-space.ts';

/** A place on the earth. */
export const GeoLocationInput = builder.inputType('GeoLocationInput', {
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
      description:
        'Which; with none of them nothing is changed. One that the lot does not have gives NotFoundError, and nothing is changed.',
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

/** What `createParkingLot` takes. */
export const CreateParkingLotInput = builder.inputType('CreateParkingLotInput', {
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

/** What `updateParkingLot` takes. */
export const UpdateParkingLotInput = builder.inputType('UpdateParkingLotInput', {
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
