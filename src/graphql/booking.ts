import { checkInBooking } from '../booking/attendance-service.ts';
import type { Booking } from '../booking/booking.ts';
import { bookHeldSlot, bookSlot, cancelBooking } from '../booking/booking-service.ts';
import { BookingEndedError, BookingLimitError, SlotUnavailableError } from '../booking/errors.ts';
import { keyed } from '../booking/keyed.ts';
import { rescheduleBooking } from '../booking/reschedule-service.ts';
import { findOwnBooking } from '../booking/slot-service.ts';
import { dayOf, minutesOf } from '../lib/calendar.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { HoldEndedError } from '../wallet/errors.ts';
import { doneOf } from '../wallet/keyed.ts';
import './booking-errors.ts';
import { forWhom, forWhomDescription, keyDescription } from './booking-input.ts';
import { BookingRefundEnum, BookingType } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf, slotOfKey } from './ids.ts';
import { ResourceType } from './resource-type.ts';
import { successDescription } from './result-descriptions.ts';
import { serializeLocalTime } from './scalars.ts';
import { CHOICE, choiceOf, requiredChoice } from './slot-choice.ts';
import { SlotType, slotThen } from './slot-type.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

/** What was done, to which booking; `isReplay` where a key can say so. */
interface Done {
  readonly bookingId: string;
  readonly isReplay?: boolean;
}

const answerOf = (
  name: string,
  { description, verb, isKeyed = false }: { description: string; verb: string; isKeyed?: boolean },
) =>
  builder.objectRef<Done>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description:
          'What happened, in English, for a person; it names the slot by its index and its day, and by its day and time when the resource has no such slot any more.',
        resolve: async ({ bookingId }, _args, context) => {
          const booking = await bookingOf(bookingId, context);
          const slot = await slotThen(booking, context);
          const name = slot ? `Slot ${slot.index} of ${slot.day}` : await timeNameOf(booking, context);
          return `${name} ${verb}.`;
        },
      }),
      booking: t.field({
        type: BookingType,
        description: 'The booking as it is now.',
        resolve: ({ bookingId }) => bookingId,
      }),
      slot: t.field({
        type: SlotType,
        nullable: true,
        description: 'Its slot as it is now; null when the resource has no such slot any more.',
        resolve: async ({ bookingId }, _args, context) =>
          await slotThen(await bookingOf(bookingId, context), context),
      }),
      ...(isKeyed && {
        replayed: t.boolean({
          description: 'Whether it was done when the key was first used, and nothing was done now.',
          resolve: ({ isReplay }) => isReplay ?? false,
        }),
      }),
    }),
  });

const bookingOf = (id: string, context: Context): Promise<Booking> =>
  BookingType.getDataloader(context).load(id);

/** What people call the time of a booking whose slot is none any more. */
async function timeNameOf({ resourceId, startsAt }: Booking, context: Context): Promise<string> {
  const { timeZone } = await ResourceType.getDataloader(context).load(resourceId);
  return `The slot of ${dayOf(startsAt, timeZone)} at ${serializeLocalTime(minutesOf(startsAt, timeZone))}`;
}

const BookSlotInput = builder.inputType('BookSlotInput', {
  description: 'What is booked: a slot, or what is held.',
  fields: (t) => ({
    slotId: t.id({ description: CHOICE.slotId }),
    resourceId: t.id({ description: CHOICE.resourceId }),
    date: t.field({ type: 'LocalDate', description: CHOICE.date }),
    index: t.int({ description: CHOICE.index }),
    holdId: t.id({ description: 'What `holdSlot` gave, instead of a slot (ValidationError).' }),
    userId: t.id({
      description: `${forWhomDescription} Not with \`holdId\` (ValidationError): it is for whom it is held.`,
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

builder.mutationField('bookSlot', (t) =>
  t.field({
    type: answerOf('BookSlotSuccess', {
      description: 'The slot is booked, and paid.',
      verb: 'is booked',
      isKeyed: true,
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Books a slot and takes its price from the wallet; both happen or neither. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: BookSlotInput, required: true, description: 'What is booked.' }) },
    errors: {
      types: [...MONEY_ERRORS, SlotUnavailableError, BookingLimitError, HoldEndedError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const { holdId, userId, idempotencyKey, ...rest } = input;
      const slot = choiceOf(rest);
      if ((slot === null) === (holdId == null)) throw new ValidationError('Give a slot or holdId.');
      if (holdId != null && userId != null)
        throw new ValidationError('What is held is for whom it is held: give no userId.', {
          field: 'userId',
        });
      const wanted = { venueId, ...(slot ? { slot, userId: forWhom(context, userId) } : {}) };
      const outcome = await context.runWork(context.actor, (work) =>
        keyed(
          work,
          {
            venueId,
            key: idempotencyKey ?? null,
            parameters: { what: 'book', ...wanted, holdId: holdId ?? null },
          },
          async (inner) => {
            const booking =
              'slot' in wanted && wanted.slot && wanted.userId
                ? await bookSlot(inner, { venueId, slot: wanted.slot, userId: wanted.userId })
                : await bookHeldSlot(inner, { venueId, holdId: decodeIdOf('SlotHold', holdId ?? '') });
            return booking.id;
          },
        ),
      );
      const { id, isReplay } = doneOf(outcome);
      return { bookingId: id, isReplay };
    },
  }),
);

const CancelBookingInput = builder.inputType('CancelBookingInput', {
  description: 'Which booking is cancelled.',
  fields: (t) => ({
    bookingId: t.id({ description: 'The booking; or `slotId` (ValidationError).' }),
    slotId: t.id({
      description:
        'The slot of which the caller’s own booking is meant: the first that takes any of its time, as `Slot.booking` shows him. Of what is no slot any more, the one that begins then. Who is no person has none, and gives `bookingId` (ValidationError).',
    }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
    refund: t.field({
      type: BookingRefundEnum,
      required: true,
      defaultValue: 'RULE',
      description:
        'What is given back of its price. Of a deleted account only NONE can be (ValidationError).',
    }),
  }),
});

builder.mutationField('cancelBooking', (t) =>
  t.field({
    type: answerOf('CancelBookingSuccess', {
      description: 'The slot can be had again.',
      verb: 'is cancelled',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Gives a slot back, and of its price what the resource’s rule says. One’s own until it begins; with BOOKINGS_MANAGE any, at any time. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CancelBookingInput, required: true, description: 'Which.' }) },
    errors: { types: [...MONEY_ERRORS, BookingEndedError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const bookingId = await meantBooking(input, context);
      await context.runWork(context.actor, (work) =>
        cancelBooking(work, { venueId, bookingId, reason: input.reason ?? null, refund: input.refund }),
      );
      return { bookingId };
    },
  }),
);

/** @throws ValidationError, NotFoundError */
async function meantBooking(
  {
    bookingId,
    slotId,
  }: { readonly bookingId?: string | null | undefined; readonly slotId?: string | null | undefined },
  context: Context,
): Promise<string> {
  if ((bookingId == null) === (slotId == null)) throw new ValidationError('Give bookingId or slotId.');
  if (bookingId != null) return decodeIdOf('Booking', bookingId);
  const { db, now, actor } = context;
  if (actor.kind !== 'user')
    throw new ValidationError('Say which booking: bookingId.', { field: 'bookingId' });
  const { userId } = actor;
  const at = slotOfKey(decodeIdOf('Slot', slotId ?? ''));
  const found = await findOwnBooking(db, venueIdOf(context), { ...at, userId, now });
  if (found === null) throw new NotFoundError('booking');
  return found;
}

const RescheduleBookingInput = builder.inputType('RescheduleBookingInput', {
  description: 'Which booking is moved, and where to.',
  fields: (t) => ({
    bookingId: t.id({ required: true, description: 'The booking.' }),
    slotId: t.id({ description: CHOICE.slotId }),
    resourceId: t.id({ description: CHOICE.resourceId }),
    date: t.field({ type: 'LocalDate', description: CHOICE.date }),
    index: t.int({ description: CHOICE.index }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

builder.mutationField('rescheduleBooking', (t) =>
  t.field({
    type: answerOf('RescheduleBookingSuccess', {
      description: 'It is of the other slot now.',
      verb: 'is booked instead',
      isKeyed: true,
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Moves a booking to another slot, of whichever resource: it has the new one, or still the old one. The difference of the prices is charged or given back. One’s own until it begins; who moves his own when only a part of its price would be refunded is given back only that part of a difference, and of the price when he cancels it later, wherever he moves it meanwhile. Needs BOOKINGS_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: RescheduleBookingInput, required: true, description: 'Which, and where to.' }),
    },
    errors: {
      types: [...MONEY_ERRORS, SlotUnavailableError, BookingLimitError, BookingEndedError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const move = {
        venueId,
        bookingId: decodeIdOf('Booking', input.bookingId),
        slot: requiredChoice(input),
      };
      const outcome = await context.runWork(context.actor, (work) =>
        keyed(
          work,
          { venueId, key: input.idempotencyKey ?? null, parameters: { what: 'reschedule', ...move } },
          async (inner) => (await rescheduleBooking(inner, move)).id,
        ),
      );
      const { id, isReplay } = doneOf(outcome);
      return { bookingId: id, isReplay };
    },
  }),
);

const CheckInBookingInput = builder.inputType('CheckInBookingInput', {
  description: 'Whose booking has begun.',
  fields: (t) => ({ bookingId: t.id({ required: true, description: 'The booking.' }) }),
});

builder.mutationField('checkInBooking', (t) =>
  t.field({
    type: answerOf('CheckInBookingSuccess', {
      description: 'Who booked has come.',
      verb: 'is checked in',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Notes that who booked has come, from 15 minutes before the beginning to the end; once more changes nothing. One’s own, or with BOOKINGS_MANAGE any. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CheckInBookingInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError, BookingEndedError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const bookingId = decodeIdOf('Booking', input.bookingId);
      await context.runWork(context.actor, (work) => checkInBooking(work, { venueId, bookingId }));
      return { bookingId };
    },
  }),
);
