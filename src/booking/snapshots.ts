import type { Booking } from './booking.ts';
import type { BookingSnapshot, HoldSnapshot } from './events.ts';
import type { SlotHold } from './slot-hold.ts';

export const snapshotOfBooking = (booking: Booking): BookingSnapshot => ({
  bookingId: booking.id,
  resourceId: booking.resourceId,
  userId: booking.userId,
  seriesId: booking.seriesId,
  startsAt: booking.startsAt.toISOString(),
  endsAt: booking.endsAt.toISOString(),
  status: booking.status,
  paidMinor: booking.paidMinor.toString(),
  refundedMinor: booking.refundedMinor.toString(),
  currency: booking.currency,
  noShowAt: booking.noShowAt?.toISOString() ?? null,
  bookedAt: booking.bookedAt.toISOString(),
  cancelledAt: booking.cancelledAt?.toISOString() ?? null,
  cancelReason: booking.cancelReason,
  checkedInAt: booking.checkedInAt?.toISOString() ?? null,
  changedAt: booking.changedAt.toISOString(),
  version: booking.version,
});

export function bookingOfSnapshot(venueId: string, snapshot: BookingSnapshot): Booking {
  const { bookingId, paidMinor, refundedMinor, ...facts } = snapshot;
  const time = (text: string | null) => (text === null ? null : new Date(text));
  return {
    id: bookingId,
    venueId,
    resourceId: facts.resourceId,
    userId: facts.userId,
    seriesId: facts.seriesId,
    startsAt: new Date(facts.startsAt),
    endsAt: new Date(facts.endsAt),
    status: facts.status,
    paidMinor: BigInt(paidMinor),
    refundedMinor: BigInt(refundedMinor),
    currency: facts.currency,
    noShowAt: time(facts.noShowAt),
    bookedAt: new Date(facts.bookedAt),
    cancelledAt: time(facts.cancelledAt),
    cancelReason: facts.cancelReason,
    checkedInAt: time(facts.checkedInAt),
    changedAt: new Date(facts.changedAt),
    version: facts.version,
  };
}

export const snapshotOfHold = (hold: SlotHold): HoldSnapshot => ({
  slotHoldId: hold.id,
  resourceId: hold.resourceId,
  userId: hold.userId,
  startsAt: hold.startsAt.toISOString(),
  endsAt: hold.endsAt.toISOString(),
  expiresAt: hold.expiresAt.toISOString(),
});
