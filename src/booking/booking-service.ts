import { findUser } from '../auth/user-store.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason } from '../lib/reason.ts';
import { HoldEndedError } from '../wallet/errors.ts';
import type { Work } from '../work.ts';
import { type Booking, noShowAtOf, type RefundChoice, refundOf, refundPercentOf } from './booking.ts';
import { refuseOverLimit } from './booking-limit-service.ts';
import { getLateMove, insertBooking, lockBooking, saveCancellation } from './booking-store.ts';
import { bookKeptClaim, deleteClaimOf } from './claim-store.ts';
import { BookingEndedError } from './errors.ts';
import { offerFreed } from './freed-time.ts';
import { charge, type Price, refund, takeSetAside } from './payment.ts';
import { canBookFor, canManageBookings, canSeeBooking, canSeeBookings } from './policy.ts';
import type { Resource } from './resource.ts';
import { findResourcesByIds } from './resource-store.ts';
import { stateAt } from './slot-hold.ts';
import { endSlotHold, lockSlotHold } from './slot-hold-store.ts';
import { type PlacedSlot, refuseClosed } from './slot-service.ts';
import { snapshotOfBooking } from './snapshots.ts';

/**
 * Books what is held, without its being free in between; what was set aside for it is what it costs.
 *
 * @throws NotFoundError, NotOwnerError, HoldEndedError, SlotUnavailableError where the resource is closed by now,
 * BookingLimitError, InsufficientFundsError, WalletFrozenError
 */
export async function bookHeldSlot(
  work: Work,
  { venueId, holdId }: { readonly venueId: string; readonly holdId: string },
): Promise<Booking> {
  const { tx, now, actor } = work;
  const hold = await lockSlotHold(tx, venueId, holdId);
  if (!hold || !canSeeBooking(actor, hold)) throw new NotFoundError('slot hold');
  if (!canBookFor(actor, hold)) throw new NotOwnerError('book what is held for another');
  if (stateAt(hold, now) !== 'PLACED') throw heldNoMore(hold.state);
  const [resource] = await findResourcesByIds(tx, venueId, [hold.resourceId]);
  if (!resource) throw new NotFoundError('resource');
  refuseClosed(resource);

  const { startsAt, endsAt, userId, walletHoldId } = hold;
  const { timeZone } = resource;
  await refuseOverLimit(work, { venueId, userId, startsAt: [startsAt], timeZone, except: [holdId] });
  const booking = newBooking(
    {
      resource: { ...resource, priceMinor: hold.priceMinor, currency: hold.currency },
      time: { startsAt, endsAt },
    },
    userId,
    now,
  );
  await insertBooking(tx, booking, actor);
  if (!(await bookKeptClaim(tx, { of: { holdId }, bookingId: booking.id, now }))) throw heldNoMore('EXPIRED');
  await endSlotHold(tx, { id: holdId, state: 'BOOKED', endedAt: now, bookingId: booking.id });
  work.emit({ type: 'booking.placed', venueId, ...snapshotOfBooking(booking) });
  if (walletHoldId === null) await charge(work, priceOf(booking));
  else await takeSetAside(work, priceOf(booking), walletHoldId);
  return booking;
}

export interface CancelBooking {
  readonly venueId: string;
  readonly bookingId: string;
  readonly reason: string | null;
  readonly refund: RefundChoice;
}

/**
 * Gives a slot back, and of its price what the resource's rule says; or, by who manages bookings, all or nothing.
 * A person cancels his own until it begins.
 *
 * @throws NotFoundError, NotOwnerError, BookingEndedError, WalletFrozenError
 */
export async function cancelBooking(work: Work, input: CancelBooking): Promise<Booking> {
  const { now, actor } = work;
  const { venueId } = input;
  const booking = await getOwnBooking(work, venueId, input.bookingId);
  const isManager = canManageBookings(actor, venueId);
  if (booking.status === 'CANCELLED') throw new BookingEndedError('is cancelled already');
  if (!isManager && (booking.status !== 'BOOKED' || booking.startsAt <= now))
    throw new BookingEndedError('has begun');
  if (!isManager && input.refund !== 'RULE') throw new NotOwnerError('say what is refunded');

  const reason = input.reason === null ? null : parseReason(input.reason);
  return await endBooking(work, booking, { reason, refund: input.refund });
}

/**
 * Cancels a booking that the work has locked, whoever asks for it.
 *
 * @throws WalletFrozenError
 */
export async function endBooking(
  work: Work,
  booking: Booking,
  how: Pick<CancelBooking, 'reason' | 'refund'>,
): Promise<Booking> {
  const { cancelled, due } = await giveBack(work, booking, how);
  await refund(work, due);
  return cancelled;
}

/** The same but for the money, which is due then: a work that cancels several refunds them all at its end. */
export async function giveBack(
  work: Work,
  booking: Booking,
  { reason, refund: choice }: Pick<CancelBooking, 'reason' | 'refund'>,
): Promise<{ readonly cancelled: Booking; readonly due: Price }> {
  const { tx, now, actor } = work;
  const { venueId } = booking;
  const resource = await getResource(work, booking);
  const lateMove = await getLateMove(tx, booking.id);
  const { forfeitedMinor } = lateMove;
  const percent = refundPercentOf(booking, resource, { lateMove, now });
  const refundedMinor = refundOf(booking, { percent, forfeitedMinor, choice });
  const cancelled: Booking = {
    ...booking,
    status: 'CANCELLED',
    refundedMinor,
    cancelledAt: now,
    cancelReason: reason,
    changedAt: now,
    version: booking.version + 1,
  };
  await deleteClaimOf(tx, { bookingId: booking.id });
  await saveCancellation(tx, cancelled, actor);
  work.emit({ type: 'booking.cancelled', venueId, ...snapshotOfBooking(cancelled) });
  await offerFreed(work, cancelled);
  const amountMinor = cancelled.refundedMinor - booking.refundedMinor;
  return { cancelled, due: { ...priceOf(booking), amountMinor } };
}

/**
 * A booking that the actor may change, for nobody else to change meanwhile.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function getOwnBooking(work: Work, venueId: string, bookingId: string): Promise<Booking> {
  const booking = await lockBooking(work.tx, venueId, bookingId);
  if (!booking || !canSeeBooking(work.actor, booking)) throw new NotFoundError('booking');
  if (!canBookFor(work.actor, booking)) throw new NotOwnerError('change bookings of others');
  return booking;
}

/** @throws NotFoundError */
export async function getResource(
  { tx }: Pick<Work, 'tx'>,
  { venueId, resourceId }: Pick<Booking, 'venueId' | 'resourceId'>,
): Promise<Resource> {
  const [resource] = await findResourcesByIds(tx, venueId, [resourceId]);
  if (!resource) throw new NotFoundError('resource');
  return resource;
}

/**
 * Whether the actor may book for this person, who is one of the venue.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function refuseUnlessBooker(
  { actor, tx }: Pick<Work, 'actor' | 'tx'>,
  { venueId, userId }: Pick<Booking, 'venueId' | 'userId'>,
): Promise<void> {
  if (!canBookFor(actor, { venueId, userId })) {
    if (canSeeBookings(actor, venueId)) throw new NotOwnerError('book for others');
    throw new NotFoundError('user');
  }
  if (!(await findUser(tx, { userId, venueId, isGuestToo: false }))) throw new NotFoundError('user');
}

export const priceOf = ({ venueId, userId, id, paidMinor, currency }: Booking): Price => ({
  venueId,
  userId,
  bookingId: id,
  amountMinor: paidMinor,
  currency,
});

/** A booking of a slot at what the resource costs now. */
export function newBooking(
  {
    resource,
    time,
  }: { readonly resource: Resource; readonly time: Pick<PlacedSlot['time'], 'startsAt' | 'endsAt'> },
  userId: string,
  now: Date,
): Booking {
  return {
    id: newId(),
    venueId: resource.venueId,
    resourceId: resource.id,
    userId,
    seriesId: null,
    startsAt: time.startsAt,
    endsAt: time.endsAt,
    status: 'BOOKED',
    paidMinor: resource.priceMinor,
    refundedMinor: 0n,
    currency: resource.currency,
    noShowAt: noShowAtOf(resource, { startsAt: time.startsAt, now }),
    bookedAt: now,
    cancelledAt: null,
    cancelReason: null,
    checkedInAt: null,
    changedAt: now,
    version: 1,
  };
}

/** Of a hold that claims nothing any more. */
function heldNoMore(state: 'PLACED' | 'BOOKED' | 'RELEASED' | 'EXPIRED'): HoldEndedError {
  if (state === 'BOOKED') return new HoldEndedError('CAPTURED');
  return new HoldEndedError(state === 'RELEASED' ? 'VOIDED' : 'EXPIRED');
}
