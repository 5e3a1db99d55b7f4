import { cancelBooking } from '../booking/booking-service.ts';
import { BookingEndedError } from '../booking/errors.ts';
import { keyed } from '../booking/keyed.ts';
import { findOwnBookings, type WantedStart } from '../booking/slot-service.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { doneOf } from '../wallet/keyed.ts';
import type { Work } from '../work.ts';
import { answerOf } from './booking-answer.ts';
import './booking-errors.ts';
import { keyDescription } from './booking-input.ts';
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
        'The slot of which the caller’s own booking is meant: the first that takes any of its time, as `Slot.booking` shows him. Of what is no slot any more, the one that begins then. Who has several of it gives an `idempotencyKey` as well, or `bookingId` (ValidationError): asked again, the next of them would be the first. Who is no person has none, and gives `bookingId` (ValidationError).',
    }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
    refund: t.field({
      type: BookingRefundEnum,
      required: true,
      defaultValue: 'RULE',
      description:
        'What is given back of its price. Of a deleted account only NONE can be (ValidationError).',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

builder.mutationField('cancelBooking', (t) =>
  t.field({
    type: answerOf('CancelBookingSuccess', {
      description: 'The slot can be had again.',
      verb: 'is cancelled',
      isKeyed: true,
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Gives a slot back, and of its price what the resource’s rule says. One’s own until it begins; with BOOKINGS_MANAGE any, at any time. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CancelBookingInput, required: true, description: 'Which.' }) },
    errors: { types: [...MONEY_ERRORS, BookingEndedError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const { idempotencyKey, reason, refund } = input;
      const key = idempotencyKey ?? null;
      const which = whichOf(input, context);
      const how = { reason: reason ?? null, refund };
      const outcome = await context.runWork(context.actor, (work) =>
        keyed(work, { venueId, key, parameters: { what: 'cancel', ...which, ...how } }, async (inner) => {
          const bookingId =
            'bookingId' in which
              ? which.bookingId
              : await ownOfSlot(inner, { venueId, ...which, isKeyed: key !== null });
          return (await cancelBooking(inner, { venueId, bookingId, ...how })).id;
        }),
      );
      const { id, isReplay } = doneOf(outcome);
      return { bookingId: id, isReplay };
    },
  }),
);

/** A booking, or a slot and who has it. */
type Which = { readonly bookingId: string } | OwnSlot;
type OwnSlot = WantedStart & { readonly userId: string };

/** @throws ValidationError */
function whichOf(
  {
    bookingId,
    slotId,
  }: { readonly bookingId?: string | null | undefined; readonly slotId?: string | null | undefined },
  { actor }: Context,
): Which {
  if (bookingId != null && slotId == null) return { bookingId: decodeIdOf('Booking', bookingId) };
  if (bookingId != null || slotId == null) throw new ValidationError('Give bookingId or slotId.');
  if (actor.kind !== 'user')
    throw new ValidationError('Say which booking: bookingId.', { field: 'bookingId' });
  return { ...slotOfKey(decodeIdOf('Slot', slotId)), userId: actor.userId };
}

/** @throws NotFoundError; ValidationError where it could be several, and asking again would cancel the next */
async function ownOfSlot(
  { tx, now }: Work,
  { venueId, isKeyed, ...own }: OwnSlot & { readonly venueId: string; readonly isKeyed: boolean },
): Promise<string> {
  const [first, ...others] = await findOwnBookings(tx, venueId, { ...own, now });
  if (first === undefined) throw new NotFoundError('booking');
  if (others.length > 0 && !isKeyed)
    throw new ValidationError(
      `You have ${others.length + 1} bookings of this slot. Give the bookingId of one, or an idempotencyKey.`,
      { field: 'slotId' },
    );
  return first;
}
