import { canSeeBooking, canSeeBookings } from '../booking/policy.ts';
import type { Claim, Slot, SlotState } from '../booking/slot.ts';
import { type DayClaim, type SlotDay, slotsOfDay } from '../booking/slot-day.ts';
import { findSlots } from '../booking/slot-service.ts';
import { minutesOf } from '../lib/calendar.ts';
import { NotFoundError } from '../lib/errors.ts';
import { isShownBookings } from './booking-scope.ts';
import { BookingType, type ShownBooking } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { foundOrNull } from './found.ts';
import { slotKeyOf, slotOfKey } from './ids.ts';
import { MoneyType } from './money.ts';
import { ResourceType } from './resource-type.ts';

/** A slot whose claims may say which bookings they are of. */
export type ShownSlot = Slot<Claim & Partial<Pick<DayClaim, 'booking'>>>;

export const SlotStateEnum = builder.enumType('SlotState', {
  description: 'Whether somebody can have a slot. Clients must survive values they do not know.',
  values: {
    AVAILABLE: { description: 'Nobody has it, or not as many as can.' },
    HELD: { description: 'It is held for, or offered to, somebody who makes up his mind.' },
    BOOKED: { description: 'It is booked.' },
    BLOCKED: { description: 'The venue has taken it out.' },
  } satisfies Record<SlotState, { description: string }>,
});

export const SlotType = builder.loadableNodeRef<ShownSlot, never, string, string>('Slot', {
  id: { resolve: (slot: ShownSlot) => keyOf(slot) },
  load: loadSlots,
});

SlotType.implement({
  description:
    'One interval of a resource. Everybody who may book sees it; who has it, only he and who oversees the bookings of the venue.',
  fields: (t) => ({
    resource: t.field({ type: ResourceType, description: 'Of what.', resolve: ({ resource }) => resource }),
    date: t.expose('day', { type: 'LocalDate', description: 'Of which day, by the venue’s calendar.' }),
    index: t.exposeInt('index', {
      description:
        'Which of its day: on an hourly resource the hour on the venue’s clock, 0 to 23, on a half-hourly one twice that. It means the same time of that clock on the days it is changed: a slot that is skipped is left out, and one of which a part is skipped has the rest of it. Of a time that comes again, as many slots more as fit into it are counted on behind the last, from 24 on an hourly resource; what is left of it makes the last of them longer, or, where none fits, the slot it comes in. Each costs the same, however long it is.',
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When it begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends.' }),
    startTime: t.field({
      type: 'LocalTime',
      description: 'When it begins, on the venue’s clock.',
      resolve: ({ startsAt, resource }) => minutesOf(startsAt, resource.timeZone),
    }),
    endTime: t.field({
      type: 'LocalTime',
      description: 'When it ends, on the venue’s clock: the last of a day at `00:00`.',
      resolve: ({ endsAt, resource }) => minutesOf(endsAt, resource.timeZone),
    }),
    state: t.expose('state', {
      type: SlotStateEnum,
      description:
        'Whether somebody can have it. It does not depend on what time it is now: one that is over cannot be booked, whatever this says.',
    }),
    free: t.exposeInt('free', { description: 'How many more can have it.' }),
    price: t.field({
      type: MoneyType,
      description: 'What it costs.',
      resolve: ({ resource: { priceMinor, currency } }) => ({ amountMinor: priceMinor, currency }),
    }),
    booking: t.field({
      type: BookingType,
      nullable: true,
      description:
        'The caller’s own booking of it, or, to who oversees the bookings of the venue, the first of those who have it.',
      resolve: (slot, _args, context) => bookingsOf(slot, context)[0],
    }),
    bookings: t.field({
      type: [BookingType],
      description: 'All bookings of it that the caller may see, where several can have it.',
      resolve: (slot, _args, context) => [...bookingsOf(slot, context)],
    }),
    blockReason: t.string({
      nullable: true,
      description:
        'Why the venue has taken it out; null when it has not, and to who does not oversee its bookings.',
      resolve: ({ claims, resource }, _args, { viewer }) =>
        canSeeBookings(viewer, resource.venueId)
          ? (claims.find(({ kind }) => kind === 'BLOCK')?.reason ?? null)
          : null,
    }),
    blockId: t.globalID({
      nullable: true,
      description: 'What `unblockSlots` takes; null as `blockReason`.',
      resolve: ({ claims, resource }, _args, { viewer }) => {
        const block = claims.find(({ kind }) => kind === 'BLOCK');
        return block && canSeeBookings(viewer, resource.venueId) ? { type: 'SlotBlock', id: block.id } : null;
      },
    }),
  }),
});

/** Those of a slot that are for the viewer; read with it, or by their ids. */
function bookingsOf(
  { claims, resource }: ShownSlot,
  { viewer }: Context,
): readonly (ShownBooking | string)[] {
  return claims.flatMap(({ userId, bookingId, booking }) =>
    userId !== null && bookingId !== null && canSeeBooking(viewer, { venueId: resource.venueId, userId })
      ? [booking ?? bookingId]
      : [],
  );
}

/** A day, and what was left out before it on a stream. */
export type ShownDay = SlotDay & { readonly skipped?: number };

const HOURS_OF_DAY = 24;

export const SlotDayType = builder.objectRef<ShownDay>('SlotDay').implement({
  description: 'The slots of one day of a resource. Each is either available or booked.',
  fields: (t) => ({
    resource: t.field({ type: ResourceType, description: 'Of what.', resolve: ({ resource }) => resource }),
    date: t.expose('day', { type: 'LocalDate', description: 'Of which day, by the venue’s calendar.' }),
    slots: t.field({
      type: [SlotType],
      description:
        'All of them, in order: 24 on an ordinary day of an hourly resource, 23 or 25 where clocks are changed by an hour.',
      complexity: { field: 1, multiplier: HOURS_OF_DAY },
      resolve: (day) => [...slotsOfDay(day)],
    }),
    availableSlots: t.intList({
      description: 'The indices of those that can be had, those that are over by now among them.',
      resolve: (day) => indicesOf(day, true),
    }),
    bookedSlots: t.intList({
      description: 'The indices of all others: booked, held, offered or blocked.',
      resolve: (day) => indicesOf(day, false),
    }),
    total: t.int({ description: 'How many there are.', resolve: (day) => slotsOfDay(day).length }),
    available: t.int({
      description: 'How many can be had.',
      resolve: (day) => indicesOf(day, true).length,
    }),
    booked: t.int({
      description: 'How many cannot.',
      resolve: (day) => indicesOf(day, false).length,
    }),
    timestamp: t.expose('readAt', { type: 'DateTime', description: 'When it was like this.' }),
    cursor: t.expose('cursor', {
      type: 'Cursor',
      description: 'Follow `slots` behind it: nothing this shows comes again, and nothing is missed.',
    }),
    skipped: t.int({
      description:
        'On a frame of the subscription: how many times the day was read to be another since the frame before, and not shown. Changes of one moment are read together. 0 in a query.',
      resolve: ({ skipped }) => skipped ?? 0,
    }),
  }),
});

const indicesOf = (day: SlotDay, isAvailable: boolean): number[] =>
  slotsOfDay(day)
    .filter(({ state }) => (state === 'AVAILABLE') === isAvailable)
    .map(({ index }) => index);

const keyOf = ({ resource, startsAt }: ShownSlot) => slotKeyOf(resource.id, startsAt);

/** The slot of a resource that begins then, as it is now; null when it has none then any more. */
export const slotThen = (
  { resourceId, startsAt }: { readonly resourceId: string; readonly startsAt: Date },
  context: Context,
): Promise<ShownSlot | null> => foundOrNull(SlotType.getDataloader(context), slotKeyOf(resourceId, startsAt));

builder.objectField(BookingType, 'slot', (t) =>
  t.field({
    type: SlotType,
    nullable: true,
    description: 'Its slot as it is now; null when the resource has no such slot any more.',
    resolve: (booking, _args, context) => slotThen(booking, context),
  }),
);

async function loadSlots(keys: readonly string[], context: Context): Promise<(ShownSlot | NotFoundError)[]> {
  const found = isShownBookings(context)
    ? await findSlots(context.db, venueIdOf(context), { wanted: keys.map(slotOfKey), now: context.now })
    : [];
  const byKey = new Map(found.map((slot) => [keyOf(slot), slot]));
  return keys.map((key) => byKey.get(key) ?? new NotFoundError('slot'));
}
