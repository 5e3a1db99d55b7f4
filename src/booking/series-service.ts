import { instantOf } from '../lib/calendar.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason } from '../lib/reason.ts';
import { attempt } from '../wallet/attempt.ts';
import type { Work } from '../work.ts';

import type { Booking } from './booking.ts';
import { refuseOverLimit } from './booking-limit-service.ts';
import {
  type CancelBooking,
  getResource,
  giveBack,
  newBooking,
  priceOf,
  refuseUnlessBooker,
} from './booking-service.ts';
import { insertBooking, lockUpcomingOfSeries } from './booking-store.ts';
import { tryClaimSlot } from './claiming.ts';
import { SeriesConflictError } from './errors.ts';
import { chargeAll, type Price, refund } from './payment.ts';
import { lockPerson } from './person-lock.ts';
import { canBookFor, canManageBookings, canSeeBooking } from './policy.ts';
import { occurrencesOf } from './recurrence.ts';
import type { Resource } from './resource.ts';
import type { BookingSeries, OnConflict, SeriesConflict } from './series.ts';
import { findSeriesByIds, insertSeries } from './series-store.ts';
import { getSlot, horizonOf, type WantedSlot, whyNotBookable } from './slot-service.ts';
import { slotTimeAt } from './slot-times.ts';
import { snapshotOfBooking } from './snapshots.ts';

export interface BookSeries extends Pick<Booking, 'venueId' | 'userId'> {
  readonly first: WantedSlot;
  /** RFC 5545, RRULE. */
  readonly rule: string;
  readonly onConflict: OnConflict;
}

/**
 * Books a slot and those that follow from it by a rule, and takes the price of each from the person's wallet: all are
 * paid or none is booked. They are claimed in order of time, so that two series that want the same wait for each other
 * one way only.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, SeriesConflictError, BookingLimitError,
 *   InsufficientFundsError, WalletFrozenError
 */
export async function bookSeries(work: Work, input: BookSeries): Promise<BookingSeries> {
  const { tx, now } = work;
  const { venueId, userId, rule, onConflict } = input;
  await refuseUnlessBooker(work, input);
  // Before any slot is claimed, as by whoever counts what somebody has.
  await lockPerson(tx, input);
  const { resource, time } = await getSlot(tx, venueId, input.first);
  const { timeZone } = resource;
  const times = occurrencesOf({
    rule,
    startsAt: time.startsAt,
    timeZone,
    lastDay: horizonOf(resource, now),
  });

  const id = newId();
  const bookings: Booking[] = [];
  const skipped: SeriesConflict[] = [];
  for (const startsAt of times) {
    const placed = await placeOccurrence(work, resource, { seriesId: id, userId, startsAt });
    if ('why' in placed) skipped.push(placed);
    else bookings.push(placed);
  }
  if (bookings.length === 0 || (onConflict === 'FAIL' && skipped.length > 0))
    throw new SeriesConflictError(resource.id, skipped);
  await refuseOverLimit(work, {
    venueId,
    userId,
    timeZone,
    startsAt: bookings.map((booking) => booking.startsAt),
    except: bookings.map((booking) => booking.id),
  });

  const { startsAt } = time;
  const series = { id, venueId, resourceId: resource.id, userId, rule, startsAt, skipped, bookedAt: now };
  await insertSeries(tx, series, work.actor);
  work.emit({
    type: 'booking.series-booked',
    venueId,
    seriesId: id,
    resourceId: resource.id,
    userId,
    rule,
    startsAt: startsAt.toISOString(),
    booked: bookings.length,
    skipped: skipped.length,
  });
  await chargeAll(work, bookings.map(priceOf));
  return series;
}

/** Books the slot that begins then, or says why not. */
async function placeOccurrence(
  work: Work,
  resource: Resource,
  of: { readonly seriesId: string; readonly userId: string; readonly startsAt: Date },
): Promise<Booking | SeriesConflict> {
  const { startsAt, seriesId, userId } = of;
  const time = slotTimeAt(resource, startsAt, resource.timeZone);
  if (!time) return { startsAt, why: 'NO_SLOT' };
  if (whyNotBookable({ resource, time }, work.now) !== null) return { startsAt, why: 'NOT_BOOKABLE' };
  return await attempt<Booking | SeriesConflict>(
    work,
    async (inner) => {
      const booking = { ...newBooking({ resource, time }, userId, inner.now), seriesId };
      await insertBooking(inner.tx, booking, inner.actor);
      const claim = { id: newId(), kind: 'BOOKING', userId, bookingId: booking.id } as const;
      if (!(await tryClaimSlot(inner, { resource, time }, { ...claim, holdId: null, expiresAt: null })))
        return { startsAt, why: 'TAKEN' };
      inner.emit({ type: 'booking.placed', venueId: resource.venueId, ...snapshotOfBooking(booking) });
      return booking;
    },
    (placed) => !('why' in placed),
  );
}

export interface CancelSeries extends Pick<CancelBooking, 'venueId' | 'reason' | 'refund'> {
  readonly seriesId: string;
  /** The first day of which bookings are cancelled, by the venue's calendar; null: from now on. */
  readonly from: string | null;
}

/**
 * Gives back the slots of a series that have not begun, each as by `cancelBooking`; answers of those, in order of
 * time. What has begun, is over or cancelled stays as it is.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, WalletFrozenError
 */
export async function cancelSeries(work: Work, input: CancelSeries): Promise<readonly Booking[]> {
  const { tx, now, actor } = work;
  const { venueId, seriesId, from } = input;
  const [series] = await findSeriesByIds(tx, venueId, [seriesId]);
  if (!series || !canSeeBooking(actor, series)) throw new NotFoundError('series');
  if (!canBookFor(actor, series)) throw new NotOwnerError('change bookings of others');
  if (input.refund !== 'RULE' && !canManageBookings(actor, venueId))
    throw new NotOwnerError('say what is refunded');
  const { timeZone, id: resourceId } = await getResource(work, series);
  const since = from === null ? now : instantOf(from, 0, timeZone);

  const how = { reason: input.reason === null ? null : parseReason(input.reason), refund: input.refund };
  const cancelled: Booking[] = [];
  const dues: Price[] = [];
  for (const booking of await lockUpcomingOfSeries(tx, venueId, { seriesId, from: since, now })) {
    const given = await giveBack(work, booking, how);
    cancelled.push(given.cancelled);
    dues.push(given.due);
  }
  if (cancelled.length > 0)
    work.emit({
      type: 'booking.series-cancelled',
      venueId,
      seriesId,
      resourceId,
      userId: series.userId,
      cancelled: cancelled.length,
    });
  // Wallets come last, as in every work that books.
  for (const due of dues) await refund(work, due);
  return cancelled;
}
