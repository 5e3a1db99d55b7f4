import { ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { CurrencyMismatchError } from '../wallet/errors.ts';
import type { Work } from '../work.ts';
import { type Booking, type LateMove, noShowAtOf, partOf, refundPercentOf } from './booking.ts';
import { refuseOverLimit } from './booking-limit-service.ts';
import { getOwnBooking, getResource, priceOf } from './booking-service.ts';
import { getLateMove, saveBooking } from './booking-store.ts';
import { deleteClaimOf } from './claim-store.ts';
import { tryClaimSlot } from './claiming.ts';
import { BookingEndedError, SlotUnavailableError } from './errors.ts';
import { offerFreed } from './freed-time.ts';
import { lockKeptSlot, takeKeptSlot } from './kept-slot.ts';
import { charge, refund } from './payment.ts';
import { canManageBookings } from './policy.ts';
import { getSlot, listAlternatives, refuseUnlessBookable, type WantedSlot } from './slot-service.ts';
import { snapshotOfBooking } from './snapshots.ts';

export interface RescheduleBooking {
  readonly venueId: string;
  readonly bookingId: string;
  readonly slot: WantedSlot;
}

/**
 * Moves a booking to another slot, of whichever resource; the difference of the prices is charged or given back. It
 * has the new slot or still the old one. What is held for the person is his at the price it was held at, and what a
 * line offers him he accepts so. A person moves his own until it begins; when it is too late to cancel it for
 * nothing, only that part of a difference is given back, and the rule goes with it, wherever it is moved then.
 *
 * @throws NotFoundError, NotOwnerError, BookingEndedError, ValidationError, SlotUnavailableError,
 * BookingLimitError, InsufficientFundsError, CurrencyMismatchError, WalletFrozenError
 */
export async function rescheduleBooking(work: Work, input: RescheduleBooking): Promise<Booking> {
  const { tx, now, actor } = work;
  const { venueId } = input;
  const booking = await getOwnBooking(work, venueId, input.bookingId);
  if (booking.status !== 'BOOKED') throw new BookingEndedError('has ended or begun');
  if (booking.startsAt <= now && !canManageBookings(actor, venueId)) throw new BookingEndedError('has begun');
  const slot = await getSlot(tx, venueId, input.slot);
  const { resource } = slot;
  const kept = await lockKeptSlot(work, slot, booking.userId);
  const price = kept?.keptBy === 'HOLD' ? kept : resource;
  const time = kept ?? slot.time;
  if (resource.id === booking.resourceId && time.startsAt.getTime() === booking.startsAt.getTime())
    throw new ValidationError('The booking is of this slot already.');
  if (price.currency !== booking.currency) throw new CurrencyMismatchError();
  refuseUnlessBookable(slot, now);
  await refuseOverLimit(work, {
    venueId,
    userId: booking.userId,
    startsAt: [time.startsAt],
    timeZone: resource.timeZone,
    except: kept ? [booking.id, kept.id] : [booking.id],
  });

  const { dueMinor, backMinor, lateMove } = await differenceOf(work, booking, price.priceMinor);
  const moved: Booking = {
    ...booking,
    resourceId: resource.id,
    startsAt: time.startsAt,
    endsAt: time.endsAt,
    noShowAt: noShowAtOf(resource, { startsAt: time.startsAt, now }),
    paidMinor: booking.paidMinor + dueMinor,
    refundedMinor: booking.refundedMinor + backMinor,
    changedAt: now,
    version: booking.version + 1,
  };
  await deleteClaimOf(tx, { bookingId: booking.id });
  await saveBooking(tx, moved, lateMove);
  const isHis = kept
    ? await takeKeptSlot(work, kept, booking.id)
    : await tryClaimSlot(work, slot, {
        id: newId(),
        kind: 'BOOKING',
        userId: booking.userId,
        bookingId: booking.id,
        holdId: null,
        expiresAt: null,
      });
  if (!isHis) {
    const alternatives = await listAlternatives(tx, slot, now);
    // What he has again when this is undone is none.
    const others = alternatives.filter(
      ({ resource: { id }, startsAt, endsAt }) =>
        id !== booking.resourceId || startsAt >= booking.endsAt || endsAt <= booking.startsAt,
    );
    throw new SlotUnavailableError('The slot is taken.', others);
  }
  work.emit({
    type: 'booking.rescheduled',
    venueId,
    ...snapshotOfBooking(moved),
    fromResourceId: booking.resourceId,
    fromStartsAt: booking.startsAt.toISOString(),
    fromEndsAt: booking.endsAt.toISOString(),
  });
  await offerFreed(work, booking);
  if (dueMinor > 0n) await charge(work, { ...priceOf(booking), amountMinor: dueMinor });
  else await refund(work, { ...priceOf(booking), amountMinor: backMinor });
  return moved;
}

/** What is charged, or given back, so that a booking is of a slot of this price; at most one of them is more than 0. */
async function differenceOf(
  work: Work,
  booking: Booking,
  priceMinor: bigint,
): Promise<{ readonly dueMinor: bigint; readonly backMinor: bigint; readonly lateMove: LateMove }> {
  const { tx, actor, now } = work;
  const before = await getLateMove(tx, booking.id);
  const isByHouse = canManageBookings(actor, booking.venueId);
  const percent = isByHouse
    ? 100
    : refundPercentOf(booking, await getResource(work, booking), { lateMove: before, now });
  const refundPercent = percent === 100 ? before.refundPercent : percent;
  const surplusMinor = booking.paidMinor - booking.refundedMinor - priceMinor;
  const openMinor = most(surplusMinor - before.forfeitedMinor, 0n);
  const backMinor = partOf(openMinor, percent);
  const forfeitedMinor = before.forfeitedMinor + openMinor - backMinor;
  return { dueMinor: most(-surplusMinor, 0n), backMinor, lateMove: { refundPercent, forfeitedMinor } };
}

const most = (one: bigint, other: bigint): bigint => (one > other ? one : other);
