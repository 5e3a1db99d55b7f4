import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInputType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isUnionType,
} from 'graphql';

/** A call of one root field, to be written for whoever makes it. */
export interface Call {
  /** `Query.machine` */
  readonly name: string;
  readonly kind: 'Query' | 'Mutation' | 'Subscription';
  readonly takesIds: boolean;
  write(values: CallValues): string;
}

/** What stands in a call beside what its types say. */
export interface CallValues {
  /** The global id that is meant by an argument, named `field.argument`: `machine.id`, `lockMachine.machineId`. */
  idOf(place: string): string;
  /** A text for an argument of this name, of this root field. */
  textOf(name: string, field: string): string;
  readonly cursor: string;
}

/** Without it as much would be asked for as to this depth costs too much. */
const GIVEN = ['freeSlots.first'];

const KINDS = ['Query', 'Mutation', 'Subscription'] as const;
/** How far below a root field its answer is asked for. */
const DEPTH = 3;

/**
 * One call of each root field: every id and cursor it takes, or only those it requires, whatever else
 * it requires, and input objects whole.
 */
export function callsOf(
  schema: GraphQLSchema,
  { optionalIds = true }: { readonly optionalIds?: boolean } = {},
): Call[] {
  return KINDS.flatMap((kind) => {
    const root = schema.getType(kind) as GraphQLObjectType | undefined;
    return Object.values(root?.getFields() ?? {}).map(({ name, type, args }) => {
      const given = args.filter(
        (argument) =>
          isRequiredArgument(argument) ||
          GIVEN.includes(`${name}.${argument.name}`) ||
          (optionalIds && isIdOrCursor(argument)),
      );
      return {
        name: `${kind}.${name}`,
        kind,
        takesIds: given.some(({ type }) => namesId(type)),
        write(values: CallValues) {
          const list = given.map((argument) => `${argument.name}: ${literal(argument, name, values)}`);
          const argumentList = list.length > 0 ? `(${list.join(', ')})` : '';
          return `${kind.toLowerCase()} { ${name}${argumentList} ${selectionOf(getNamedType(type), DEPTH)} }`;
        },
      };
    });
  });
}

/** One call for each list that a query or subscription takes, with nothing in that list, and whatever it requires. */
export function callsWithEmptyLists(schema: GraphQLSchema): Call[] {
  return KINDS.filter((kind) => kind !== 'Mutation').flatMap((kind) => {
    const root = schema.getType(kind) as GraphQLObjectType;
    return Object.values(root.getFields()).flatMap(({ name, type, args }) =>
      args
        .filter((list) => isListType(getNullableType(list.type)))
        .map((list) => ({
          name: `${kind}.${name}(${list.name}:)`,
          kind,
          takesIds: namesId(list.type),
          write(values: CallValues) {
            const required = args.filter((argument) => argument !== list && isRequiredArgument(argument));
            const given = required.map(
              (argument) => `, ${argument.name}: ${literal(argument, name, values)}`,
            );
            const selection = selectionOf(getNamedType(type), DEPTH);
            return `${kind.toLowerCase()} { ${name}(${list.name}: []${given.join('')}) ${selection} }`;
          },
        })),
    );
  });
}

/** Not `before`: nothing lies between two ends at one place. */
const isIdOrCursor = ({ name, type }: GraphQLArgument) =>
  ['ID', 'Cursor'].includes(getNamedType(type).name) && name !== 'before';

function namesId(type: GraphQLInputType): boolean {
  const named = getNamedType(type);
  return isInputObjectType(named)
    ? Object.values(named.getFields()).some((field) => namesId(field.type))
    : named.name === 'ID';
}

function literal(
  { name, type }: Pick<GraphQLArgument | GraphQLInputField, 'name' | 'type'>,
  field: string,
  values: CallValues,
): string {
  if (isNonNullType(type)) return literal({ name, type: type.ofType }, field, values);
  if (isListType(type)) return `[${literal({ name, type: type.ofType }, field, values)}]`;
  if (isEnumType(type))
    return ENUM_VALUES[`${field}.${name}`] ?? ENUM_VALUES[type.name] ?? type.getValues()[0]?.name ?? 'null';
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).filter(
      ({ name: inner }) => !LEFT_OUT.includes(`${field}.${inner}`),
    );
    return `{ ${fields.map((inner) => `${inner.name}: ${literal(inner, field, values)}`).join(', ')} }`;
  }
  if (type.name === 'ID') return JSON.stringify(values.idOf(`${field}.${name}`));
  if (type.name === 'Cursor') return JSON.stringify(values.cursor);
  if (type.name === 'String' || type.name === 'EmailAddress')
    return JSON.stringify(values.textOf(name, field));
  const known = VALUES[name] ?? VALUES[`${field}.${name}`];
  if (known !== undefined) return known;
  const usual = PAST.includes(`${field}.${name}`) ? hoursFromNow(-1) : LITERALS[type.name];
  if (usual === undefined) throw new Error(`Say in test/authz/calls.ts what a ${type.name} looks like.`);
  return usual;
}

/** Where not any value will do. */
const ENUM_VALUES: Readonly<Record<string, string>> = {
  Scope: 'MACHINES_READ',
  'beginOAuth.provider': 'GITHUB',
  'beginIdentityLink.provider': 'GITHUB',
  'createResource.kind': 'MACHINE',
  'sendDeviceCommand.kind': 'REBOOT',
  'setUserRoles.roles': 'OPERATOR',
  'setUserRoles.grants': 'WALLETS_POST',
  'stageUpload.purpose': 'MEDIA',
  'uploadFirmware.deviceKind': 'SCREEN',
  'syncContent.contentType': 'MEDIA',
  'saveAlertRule.metric': 'PARKING_OCCUPANCY_PERCENT',
  'startBulkExport.kind': 'BOOKINGS',
  'bulkExports.kinds': 'MACHINE_EVENTS',
};

/** What must not lie in the future. */
const PAST = [
  'postWalletTransaction.effectiveAt',
  'meterReport.from',
  'freeSlots.from',
  'bookingStats.from',
  'reportOccupancy.observedAt',
  'startBulkExport.from',
];

/** What says the same as another field of its input. */
const LEFT_OUT = [
  ...['bookSlot', 'holdSlot', 'rescheduleBooking', 'bookSeries', 'joinWaitlist'].flatMap((field) =>
    ['resourceId', 'date', 'index'].map((name) => `${field}.${name}`),
  ),
  'bookSlot.holdId',
  'cancelBooking.slotId',
  'broadcast.channel',
  'broadcast.deviceId',
  ...['markNotificationsRead', 'deleteNotifications'].flatMap((field) =>
    ['all', 'types', 'until', 'readOnly'].map((name) => `${field}.${name}`),
  ),
  ...['saveSchedule', 'startTakeover'].map((field) => `${field}.everywhere`),
  ...['remove', 'occupancy', 'below'].map((name) => `saveSchedule.${name}`),
  'sendNotification.roles',
  'sendNotification.everybody',
  'updateParkingLot.range',
  ...['reserveParking', 'startParkingSession'].flatMap((field) => [`${field}.spaceId`, `${field}.kind`]),
  'startParkingSession.reservationId',
  'sendDeviceCommand.groupId',
  'deployFirmware.groupId',
  'reportFirmwareProgress.failure',
  'reportFirmwareProgress.sha256',
  'sendDeviceCommand.parameters',
  'sendDeviceCommand.requireOnline',
  ...['createLayout', 'updateLayout'].flatMap((field) =>
    ['text', 'mediaId', 'playlistId', 'machineId', 'meter', 'lotId', 'resourceId', 'channel'].map(
      (name) => `${field}.${name}`,
    ),
  ),
  'updateLayout.regions',
  'deleteLayout.replaceWithLayoutId',
  'pushLayout.at',
  'saveAlertRule.window',
  ...['machineIds', 'lotIds'].map((name) => `startBulkExport.${name}`),
  'reportOccupancy.spaceId',
  'reportOccupancy.occupied',
];

const hoursFromNow = (hours: number) =>
  JSON.stringify(new Date(Date.now() + hours * 3_600_000).toISOString());

/** Of arguments where another value than usual is needed. */
const VALUES: Readonly<Record<string, string>> = {
  'createParkingLot.capacity': '5',
  'reserveParking.startsAt': hoursFromNow(1),
  'parkingReservations.from': hoursFromNow(-1),
  'parkingSessions.from': hoursFromNow(-1),
  // It has begun and ended.
  'settleParkingDue.expectedVersion': '2',
  'updateParkingLot.capacity': '5',
  closesAt: '"24:00"',
  // A region of one pixel fills a canvas of one.
  x: '0',
  y: '0',
  'holdSlot.expiresInSeconds': '60',
  // More than anybody books here.
  'setBookingLimit.maximum': '10000',
  'blockSlots.startsAt': hoursFromNow(240),
  'blockSlots.endsAt': hoursFromNow(241),
};

const LITERALS: Readonly<Record<string, string>> = {
  Int: '1',
  Float: '1',
  Boolean: 'true',
  DateTime: hoursFromNow(24),
  Decimal: '"1"',
  BigInt: '"1"',
  CurrencyCode: '"USD"',
  Duration: '"PT1H"',
  LocalDate: JSON.stringify(new Date(Date.now() + 86_400_000).toISOString().slice(0, 10)),
  LocalTime: '"09:00"',
  TimeZone: '"UTC"',
  URL: '"https://example.com"',
  JSON: '{}',
};

/** Every id and error code down to a depth, so that an answer shows whose things it tells of. */
function selectionOf(type: GraphQLNamedType, depth: number): string {
  if (isUnionType(type)) {
    const members = type.getTypes().map((member) => `... on ${member.name} ${selectionOf(member, depth)}`);
    return `{ __typename ${members.join(' ')} }`;
  }
  if (isInterfaceType(type)) return 'id' in type.getFields() ? '{ __typename id }' : '{ __typename }';
  if (!isObjectType(type)) return '';
  const parts = Object.values(type.getFields()).flatMap(({ name, type: fieldType, args }) => {
    const named = getNamedType(fieldType);
    if (['id', 'code'].includes(name)) return [name];
    const isWorthIt = isObjectType(named) && depth > 1 && name !== 'edges' && !args.some(isRequiredArgument);
    return isWorthIt && !('pageInfo' in named.getFields())
      ? [`${name} ${selectionOf(named, depth - 1)}`]
      : [];
  });
  return `{ __typename ${parts.join(' ')} }`;
}
