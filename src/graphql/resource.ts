import { ResourceTakenError } from '../booking/errors.ts';
import { MAX_PRICE_MINOR, type Resource } from '../booking/resource.ts';
import { createResource, updateResource } from '../booking/resource-service.ts';
import { countResources, listResources, type ResourceFilter } from '../booking/resource-store.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { formatDecimal, parseMinor } from '../lib/money.ts';
import './booking-errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { wholeMinutes } from './duration.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { ResourceKindEnum, ResourceStatusEnum, ResourceType, WeekdayEnum } from './resource-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { ownVenue } from './venue.ts';

const ResourceConnection = builder.connectionObject(
  { type: ResourceType, name: 'ResourceConnection', description: 'One page of resources, the newest first.' },
  { name: 'ResourceEdge' },
);

builder.queryField('resource', (t) =>
  t.field({
    type: ResourceType,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description: 'One resource. Needs BOOKINGS_READ (AUTH_004).',
    args: { id: t.arg.id({ required: true, description: 'Which; one that does not exist gives API_002.' }) },
    resolve: (_root, { id }) => decodeIdOf('Resource', id),
  }),
);

builder.queryField('resources', (t) =>
  t.connection(
    {
      type: ResourceType,
      nullable: true,
      authScopes: { scope: 'BOOKINGS_READ' },
      description: 'What can be booked at the venue, the newest first. Needs BOOKINGS_READ (AUTH_004).',
      args: {
        kind: t.arg({ type: ResourceKindEnum, description: 'Only of this kind.' }),
        status: t.arg({ type: ResourceStatusEnum, description: 'Only what stands like this.' }),
      },
      resolve: (_root, { kind, status, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter: ResourceFilter = { kind: kind ?? null, status: status ?? null };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: Resource) => ({ at: createdAt, id }),
          load: (range) => listResources(db, venueId, { filter, range }),
          count: () => countResources(db, venueId, filter),
        });
      },
    },
    ResourceConnection,
  ),
);

const OpeningHoursInput = builder.inputType('OpeningHoursInput', {
  description: 'When a resource is open on a day of the week, by the venue’s clock.',
  fields: (t) => ({
    weekday: t.field({ type: WeekdayEnum, required: true, description: 'The day.' }),
    opensAt: t.field({ type: 'LocalTime', required: true, description: 'When its first slot begins.' }),
    closesAt: t.field({
      type: 'LocalTime',
      required: true,
      description:
        'When its last slot has ended, later than `opensAt` (ValidationError); `24:00` at midnight.',
    }),
  }),
});

const nameDescription =
  '1 to 100 characters (ValidationError); no two resources of a venue have the same (ResourceTakenError).';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** What can be said of a resource when it is made and later. */
const rulesFields = (t: InputFields) => ({
  description: t.string({
    description: 'What else there is to say, at most 1000 characters (ValidationError).',
  }),
  slotDuration: t.field({
    type: 'Duration',
    description:
      'How long one slot is, whole minutes from PT5M to PT24H; one fits into some entry of `openingHours` (ValidationError).',
  }),
  capacity: t.int({ description: 'How many can have one slot, 1 to 1000 (ValidationError).' }),
  price: t.field({
    type: 'Decimal',
    description: `What one slot costs, in the venue’s currency: at most ${MAX_PRICE_MINOR} of its smallest unit, ${formatDecimal({ amountMinor: MAX_PRICE_MINOR, currency: 'EUR' })} where it has two decimals (ValidationError).`,
  }),
  openingHours: t.field({
    type: [OpeningHoursInput],
    description: '1 to 28 entries that do not overlap (ValidationError).',
  }),
  bookableDays: t.int({
    description: 'How many days ahead it can be booked, 1 to 1096 (ValidationError).',
  }),
  freeCancellationMinutes: t.int({
    description:
      'Until so many minutes before its beginning a cancelled booking is refunded whole, 0 to 527040 (ValidationError).',
  }),
  lateRefundPercent: t.int({
    description: 'How much of the price is refunded afterwards, 0 to 100 (ValidationError).',
  }),
  noShowMinutes: t.int({
    description:
      'Who has not checked in so many minutes after the beginning is a no-show, 1 to 1440 (ValidationError); null: nobody looks.',
  }),
});

const CreateResourceInput = builder.inputType('CreateResourceInput', {
  description:
    'What can be booked. Left out it has 24 hourly slots a day, for one person, for nothing, 366 days ahead.',
  fields: (t) => ({
    kind: t.field({ type: ResourceKindEnum, required: true, description: 'What it is.' }),
    name: t.string({ required: true, description: nameDescription }),
    machineId: t.id({
      description:
        'The machine it is, with kind MACHINE (ValidationError); each machine is one resource at most (ResourceTakenError).',
    }),
    ...rulesFields(t),
  }),
});

const UpdateResourceInput = builder.inputType('UpdateResourceInput', {
  description: 'What is to change from now on; what is left out stays. What is booked stays booked.',
  fields: (t) => ({
    resourceId: t.id({ required: true, description: 'The resource.' }),
    expectedVersion: t.int({
      required: true,
      description: '`Resource.version` as the caller read it (VersionConflictError).',
    }),
    name: t.string({ description: nameDescription }),
    ...rulesFields(t),
    status: t.field({ type: ResourceStatusEnum, description: 'Whether it can be booked.' }),
  }),
});

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Resource>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      resource: t.field({
        type: ResourceType,
        description: 'The resource.',
        resolve: (resource) => resource,
      }),
    }),
  });

builder.mutationField('createResource', (t) =>
  t.field({
    type: answerOf('CreateResourceSuccess', {
      description: 'The new resource.',
      message: 'The resource can be booked.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_MANAGE' },
    description: 'Makes something that can be booked. Needs BOOKINGS_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: CreateResourceInput, required: true, description: 'What it is.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, ResourceTakenError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { slotDuration, price, machineId, ...given } = input;
      const { currency } = await ownVenue(context);
      return await context.runWork(context.actor, (work) =>
        createResource(work, {
          ...given,
          venueId: venueIdOf(context),
          machineId: machineId == null ? null : decodeIdOf('Machine', machineId),
          slotMinutes: slotDuration == null ? null : wholeMinutes('slotDuration', slotDuration),
          priceMinor: price == null ? null : parseMinor(price, currency, 'price'),
        }),
      );
    },
  }),
);

builder.mutationField('updateResource', (t) =>
  t.field({
    type: answerOf('UpdateResourceSuccess', {
      description: 'The resource as it is now.',
      message: 'The resource was changed.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_MANAGE' },
    description:
      'Changes what can be booked of a resource from now on. What changes nothing leaves the version as it is. Needs BOOKINGS_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: UpdateResourceInput, required: true, description: 'What is to change.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, ResourceTakenError, VersionConflictError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { slotDuration, price, resourceId, ...given } = input;
      const id = decodeIdOf('Resource', resourceId);
      const { currency } = await ResourceType.getDataloader(context).load(id);
      return await context.runWork(context.actor, (work) =>
        updateResource(work, {
          ...given,
          venueId: venueIdOf(context),
          resourceId: id,
          slotMinutes: slotDuration == null ? null : wholeMinutes('slotDuration', slotDuration),
          priceMinor: price == null ? null : parseMinor(price, currency, 'price'),
        }),
      );
    },
  }),
);
