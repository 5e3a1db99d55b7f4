import type { Booking, BookingStatus, RefundChoice } from '../booking/booking.ts';
import { findBookingsByIds } from '../booking/booking-store.ts';
import { canSeeBooking } from '../booking/policy.ts';
import { NotFoundError } from '../lib/errors.ts';
import { isShownBookings } from './booking-scope.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { MoneyType } from './money.ts';
import { ResourceType } from './resource-type.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

/** A booking of a query, or of a frame of the stream. */
export type ShownBooking = Booking & { readonly cursor?: string };

export const BookingStatusEnum = builder.enumType('BookingStatus', {
  description: 'How a booking stands. Clients must survive values they do not know.',
  values: {
    BOOKED: { description: 'The slot is his.' },
    CHECKED_IN: { description: 'He has come.' },
    NO_SHOW: { description: 'He has not come in time.' },
    CANCELLED: { description: 'He, or the venue, gave the slot back.' },
  } satisfies Record<BookingStatus, { description: string }>,
});

export const BookingRefundEnum = builder.enumType('BookingRefund', {
  description: 'What is given back of a price.',
  values: {
    RULE: { description: 'What the resource says.' },
    FULL: { description: 'All of it. Needs BOOKINGS_MANAGE (NotOwnerError).' },
    NONE: { description: 'Nothing. Needs BOOKINGS_MANAGE (NotOwnerError).' },
  } satisfies Record<RefundChoice, { description: string }>,
});

export const BookingType = builder.loadableNodeRef<ShownBooking, never, string, string>('Booking', {
  id: { resolve: ({ id }: ShownBooking) => id },
  load: loadBookings,
});

BookingType.implement({
  description:
    'A slot somebody has booked, kept when it is over or cancelled. Seen by whose it is, and by who oversees the bookings of the venue.',
  fields: (t) => ({
    resource: t.field({
      type: ResourceType,
      description: 'What is booked.',
      resolve: ({ resourceId }) => resourceId,
    }),
    ownerId: t.globalID({
      description: 'Whose it is.',
      resolve: ({ userId }) => ({ type: 'User', id: userId }),
    }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'The same; null to who may not see people.',
      resolve: ({ userId }, _args, context): Promise<SeenUser | null> => seenUser(context, userId),
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When its slot begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends.' }),
    status: t.expose('status', { type: BookingStatusEnum, description: 'How it stands.' }),
    paid: t.field({
      type: MoneyType,
      description: 'What was paid for it.',
      resolve: ({ paidMinor, currency }) => ({ amountMinor: paidMinor, currency }),
    }),
    refunded: t.field({
      type: MoneyType,
      description: 'What was given back of that.',
      resolve: ({ refundedMinor, currency }) => ({ amountMinor: refundedMinor, currency }),
    }),
    bookedAt: t.expose('bookedAt', { type: 'DateTime', description: 'When it was booked.' }),
    cancelledAt: t.expose('cancelledAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was cancelled.',
    }),
    cancelReason: t.exposeString('cancelReason', {
      nullable: true,
      description: 'Why, in the words of who cancelled it.',
    }),
    checkedInAt: t.expose('checkedInAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When he came.',
    }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When it last changed.' }),
    version: t.exposeInt('version', {
      description: 'Grows with every change: of two frames the one with the greater version is the newer.',
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of `bookings`: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor ?? null,
    }),
  }),
});

async function loadBookings(
  ids: readonly string[],
  context: Context,
): Promise<(ShownBooking | NotFoundError)[]> {
  const found = isShownBookings(context) ? await findBookingsByIds(context.db, venueIdOf(context), ids) : [];
  const visible = found.filter((booking) => canSeeBooking(context.viewer, booking));
  const byId = new Map(visible.map((booking) => [booking.id, booking]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('booking'));
}
