import type { Work } from '../work.ts';
import type { Booking } from './booking.ts';
import { getOwnBooking } from './booking-service.ts';
import { lockNoShows, saveBooking } from './booking-store.ts';
import { BookingEndedError } from './errors.ts';
import { snapshotOfBooking } from './snapshots.ts';

/** One may come so long before the beginning. */
export const CHECK_IN_EARLY_MINUTES = 15;

/**
 * Notes that who booked has come: from a quarter of an hour before the beginning to the end. Once more is the same.
 *
 * @throws NotFoundError, NotOwnerError, BookingEndedError
 */
export async function checkInBooking(
  work: Work,
  { venueId, bookingId }: { readonly venueId: string; readonly bookingId: string },
): Promise<Booking> {
  const { now } = work;
  const booking = await getOwnBooking(work, venueId, bookingId);
  if (booking.status === 'CHECKED_IN') return booking;
  if (booking.status === 'CANCELLED') throw new BookingEndedError('is cancelled');
  if (booking.endsAt <= now) throw new BookingEndedError('is over');
  if (booking.startsAt.getTime() - now.getTime() > CHECK_IN_EARLY_MINUTES * 60_000)
    throw new BookingEndedError(
      `begins later: check in ${CHECK_IN_EARLY_MINUTES} minutes before at the earliest`,
    );
  const here: Booking = {
    ...booking,
    status: 'CHECKED_IN',
    checkedInAt: now,
    changedAt: now,
    version: booking.version + 1,
  };
  await saveBooking(work.tx, here);
  work.emit({ type: 'booking.checked-in', venueId, ...snapshotOfBooking(here) });
  return here;
}

/** Marks bookings whose owner has not come in time, so many at most. Answers of how many. */
export async function markNoShows(work: Work, { limit }: { readonly limit: number }): Promise<number> {
  const { tx, now } = work;
  const missed = await lockNoShows(tx, { now, limit });
  for (const booking of missed) {
    const noShow: Booking = { ...booking, status: 'NO_SHOW', changedAt: now, version: booking.version + 1 };
    await saveBooking(tx, noShow);
    work.emit({ type: 'booking.no-show-marked', venueId: booking.venueId, ...snapshotOfBooking(noShow) });
  }
  return missed.length;
}
