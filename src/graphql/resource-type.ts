import type { OpeningHours, Resource, ResourceKind, ResourceStatus } from '../booking/resource.ts';
import { findResourcesByIds } from '../booking/resource-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { isShownBookings } from './booking-scope.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { MachineType } from './machine-type.ts';
import { MoneyType } from './money.ts';

export const ResourceKindEnum = builder.enumType('ResourceKind', {
  description: 'What can be booked. Clients must survive values they do not know.',
  values: {
    MACHINE: { description: 'A gaming machine.' },
    TABLE: { description: 'A table.' },
    ROOM: { description: 'A room.' },
    BENCH: { description: 'A place to work at, such as a lab bench.' },
    OTHER: { description: 'Something else.' },
  } satisfies Record<ResourceKind, { description: string }>,
});

export const ResourceStatusEnum = builder.enumType('ResourceStatus', {
  description: 'Whether a resource can be booked.',
  values: {
    ACTIVE: { description: 'It can be booked.' },
    CLOSED: { description: 'Nothing more of it can be booked; what is booked stays.' },
  } satisfies Record<ResourceStatus, { description: string }>,
});

const WEEKDAYS = {
  MONDAY: 1,
  TUESDAY: 2,
  WEDNESDAY: 3,
  THURSDAY: 4,
  FRIDAY: 5,
  SATURDAY: 6,
  SUNDAY: 7,
} as const;

export const WeekdayEnum = builder.enumType('Weekday', {
  description: 'A day of the week.',
  values: Object.fromEntries(
    Object.entries(WEEKDAYS).map(([name, value]) => [
      name,
      { value, description: `${name.charAt(0)}${name.slice(1).toLowerCase()}.` },
    ]),
  ) as { readonly [Name in keyof typeof WEEKDAYS]: { value: number; description: string } },
});

const OpeningHoursType = builder.objectRef<OpeningHours>('OpeningHours').implement({
  description: 'When a resource is open on a day of the week, by the venue’s clock.',
  fields: (t) => ({
    weekday: t.expose('weekday', { type: WeekdayEnum, description: 'The day.' }),
    opensAt: t.expose('opensAt', { type: 'LocalTime', description: 'When its first slot begins.' }),
    closesAt: t.expose('closesAt', {
      type: 'LocalTime',
      description: 'When its last slot has ended; `24:00` at midnight.',
    }),
  }),
});

export const ResourceType = builder.loadableNodeRef<Resource, never, string, string>('Resource', {
  id: { resolve: ({ id }: Resource) => id },
  load: loadResources,
});

ResourceType.implement({
  description:
    'Something of the venue that can be booked by time. Seen by everybody of the venue who may book.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ResourceKindEnum, description: 'What it is.' }),
    name: t.exposeString('name', { description: 'What it is called; unique at the venue.' }),
    description: t.exposeString('description', { nullable: true, description: 'What else there is to say.' }),
    machine: t.field({
      type: MachineType,
      nullable: true,
      description: 'The machine it is; null for what is none, and to who may not see machines.',
      resolve: ({ machineId, venueId }, _args, { rights }) =>
        canSeeMachines(rights, venueId) ? machineId : null,
    }),
    slotDuration: t.field({
      type: 'Duration',
      description:
        'How long one slot is: `PT1H`; shorter or longer where clocks are changed in it (`Slot.index`).',
      resolve: ({ slotMinutes }) => slotMinutes * 60,
    }),
    capacity: t.exposeInt('capacity', { description: 'How many can have one slot.' }),
    price: t.field({
      type: MoneyType,
      description: 'What one slot costs.',
      resolve: ({ priceMinor, currency }) => ({ amountMinor: priceMinor, currency }),
    }),
    openingHours: t.field({
      type: [OpeningHoursType],
      description: 'When it is open, by day and time.',
      resolve: ({ openingHours }) => [...openingHours],
    }),
    timeZone: t.expose('timeZone', { type: 'TimeZone', description: 'Where the venue’s clock hangs.' }),
    bookableDays: t.exposeInt('bookableDays', { description: 'How many days ahead it can be booked.' }),
    freeCancellationMinutes: t.exposeInt('freeCancellationMinutes', {
      description: 'Until so many minutes before its beginning a cancelled booking is refunded whole.',
    }),
    lateRefundPercent: t.exposeInt('lateRefundPercent', {
      description: 'How much of the price is refunded afterwards, 0 to 100.',
    }),
    noShowMinutes: t.exposeInt('noShowMinutes', {
      nullable: true,
      description:
        'Who has not checked in so many minutes after the beginning is a no-show; null: nobody looks.',
    }),
    status: t.expose('status', { type: ResourceStatusEnum, description: 'Whether it can be booked.' }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

async function loadResources(
  ids: readonly string[],
  context: Context,
): Promise<(Resource | NotFoundError)[]> {
  const found = isShownBookings(context) ? await findResourcesByIds(context.db, venueIdOf(context), ids) : [];
  const byId = new Map(found.map((resource) => [resource.id, resource]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('resource'));
}
