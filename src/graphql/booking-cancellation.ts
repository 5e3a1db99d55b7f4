import { cancelBooking } from '../booking/booking-service.ts';
import { BookingEndedError } from '../booking/errors.ts';
import { findOwnBooking } from '../booking/slot-service.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { answerOf } from './booking-answer.ts';
import './booking-errors.ts';
import { BookingRefundEnum } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf, slotOfKey } from './ids.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

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
