import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import type { Booking } from './booking.ts';
import { refuseOverLimit } from './booking-limit-service.ts';
import { bookHeldSlot, newBooking, priceOf, refuseUnlessBooker } from './booking-service.ts';
import { insertBooking } from './booking-store.ts';
import { claimSlot } from './claiming.ts';
import { lockKeptSlot } from './kept-slot.ts';
import { acceptOffer } from './offer-service.ts';
import { charge } from './payment.ts';
import { getSlot, refuseUnlessBookable, type WantedSlot } from './slot-service.ts';
import { snapshotOfBooking } from './snapshots.ts';

export interface BookSlot {
  readonly venueId: string;
  /** For whom. */
  readonly userId: string;
  readonly slot: WantedSlot;
}

/**
 * Books a slot and takes its price from the person's wallet. Both happen or neither: a taken slot costs nothing, and
 * an empty wallet books nothing. What is held for the person is booked as `bookHeldSlot` does, and what a line offers him
 * as `acceptOffer` does.
 *
 * @throws NotFoundError, NotOwnerError, SlotUnavailableError, BookingLimitError, InsufficientFundsError,
 * WalletFrozenError
 */
export async function bookSlot(work: Work, { venueId, userId, slot: wanted }: BookSlot): Promise<Booking> {
  await refuseUnlessBooker(work, { venueId, userId });
  const slot = await getSlot(work.tx, venueId, wanted);
  refuseUnlessBookable(slot, work.now);
  const { startsAt } = slot.time;
  const kept = await lockKeptSlot(work, slot, userId);
  if (kept?.keptBy === 'HOLD') return await bookHeldSlot(work, { venueId, holdId: kept.id });
  if (kept) return await acceptOffer(work, { venueId, entryId: kept.id });
  const { timeZone } = slot.resource;
  await refuseOverLimit(work, { venueId, userId, startsAt: [startsAt], timeZone });
  const booking = newBooking(slot, userId, work.now);
  await insertBooking(work.tx, booking, work.actor);
  await claimSlot(work, slot, {
    id: newId(),
    kind: 'BOOKING',
    userId,
    bookingId: booking.id,
    holdId: null,
    expiresAt: null,
  });
  work.emit({ type: 'booking.placed', venueId, ...snapshotOfBooking(booking) });
  await charge(work, priceOf(booking));
  return booking;
}
