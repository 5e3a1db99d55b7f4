import type { Booking } from './booking.ts';
import type { BookingSnapshot, EntrySnapshot, HoldSnapshot } from './events.ts';
import type { SlotHold } from './slot-hold.ts';
import type { WaitlistEntry } from './waitlist.ts';

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
    noShowAt: timeOf(facts.noShowAt),
    bookedAt: new Date(facts.bookedAt),
    cancelledAt: timeOf(facts.cancelledAt),
    cancelReason: facts.cancelReason,
    checkedInAt: timeOf(facts.checkedInAt),
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

export const snapshotOfEntry = (entry: WaitlistEntry): EntrySnapshot => ({
  waitlistEntryId: entry.id,
  resourceId: entry.resourceId,
  userId: entry.userId,
  startsAt: entry.startsAt.toISOString(),
  endsAt: entry.endsAt.toISOString(),
  state: entry.state,
  joinedAt: entry.joinedAt.toISOString(),
  offeredAt: entry.offeredAt?.toISOString() ?? null,
  expiresAt: entry.offerExpiresAt?.toISOString() ?? null,
  endedAt: entry.endedAt?.toISOString() ?? null,
  bookingId: entry.bookingId,
});

export function entryOfSnapshot(venueId: string, snapshot: EntrySnapshot): WaitlistEntry {
  const { waitlistEntryId, startsAt, endsAt, joinedAt, offeredAt, expiresAt, endedAt, ...facts } = snapshot;
  return {
    ...facts,
    id: waitlistEntryId,
    venueId,
    startsAt: new Date(startsAt),
    endsAt: new Date(endsAt),
    joinedAt: new Date(joinedAt),
    offeredAt: timeOf(offeredAt),
    offerExpiresAt: timeOf(expiresAt),
    endedAt: timeOf(endedAt),
  };
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
