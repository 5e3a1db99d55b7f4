import { checkInBooking } from '../booking/attendance-service.ts';
import { bookHeldSlot } from '../booking/booking-service.ts';
import { BookingEndedError, BookingLimitError, SlotUnavailableError } from '../booking/errors.ts';
import { keyed } from '../booking/keyed.ts';
import { rescheduleBooking } from '../booking/reschedule-service.ts';
import { bookSlot } from '../booking/slot-booking-service.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { HoldEndedError } from '../wallet/errors.ts';
import { doneOf } from '../wallet/keyed.ts';
import { answerOf } from './booking-answer.ts';
import './booking-errors.ts';
import { forWhom, forWhomDescription, keyDescription } from './booking-input.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { CHOICE, choiceOf, requiredChoice } from './slot-choice.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

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
      'Books a slot and takes its price from the wallet; both happen or neither. A slot that is held for the person is booked as by its `holdId`, and one that a line offers him is accepted. Needs BOOKINGS_WRITE (AUTH_004).',
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
      'Moves a booking to another slot, of whichever resource: it has the new one, or still the old one. The difference of the prices is charged or given back. A slot that is held for the person is had at the price it was held at, and one that a line offers him is accepted. One’s own until it begins; who moves his own when only a part of its price would be refunded is given back only that part of a difference, and of the price when he cancels it later, wherever he moves it meanwhile. Needs BOOKINGS_WRITE (AUTH_004).',
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
