import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { BookingTable } from '../db/tables/booking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { Booking, BookingStatus, LateMove } from './booking.ts';

export async function insertBooking(tx: Transaction<Database>, booking: Booking, by: Actor): Promise<void> {
  await tx
    .insertInto('booking')
    .values({
      id: booking.id,
      venue_id: booking.venueId,
      resource_id: booking.resourceId,
      user_id: booking.userId,
      series_id: booking.seriesId,
      starts_at: booking.startsAt,
      ends_at: booking.endsAt,
      paid: booking.paidMinor,
      currency: booking.currency,
      no_show_at: booking.noShowAt,
      booked_at: booking.bookedAt,
      booked_by: JSON.stringify(actorReference(by)),
      cancelled_by: null,
      changed_at: booking.changedAt,
    })
    .execute();
}

/** What changes of a booking but who cancels it; what a late move leaves of its price where that changes too. */
export async function saveBooking(
  tx: Transaction<Database>,
  booking: Booking,
  lateMove?: LateMove,
): Promise<void> {
  await tx
    .updateTable('booking')
    .set({
      resource_id: booking.resourceId,
      starts_at: booking.startsAt,
      ends_at: booking.endsAt,
      no_show_at: booking.noShowAt,
      status: booking.status,
      paid: booking.paidMinor,
      refunded: booking.refundedMinor,
      checked_in_at: booking.checkedInAt,
      changed_at: booking.changedAt,
      version: booking.version,
      ...(lateMove && { late_refund_percent: lateMove.refundPercent, forfeited: lateMove.forfeitedMinor }),
    })
    .where('id', '=', booking.id)
    .execute();
}

/** Of a booking that is locked. */
export async function getLateMove(tx: Transaction<Database>, id: string): Promise<LateMove> {
  const row = await tx
    .selectFrom('booking')
    .select(['late_refund_percent', 'forfeited'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return { refundPercent: row.late_refund_percent, forfeitedMinor: row.forfeited };
}

export async function saveCancellation(
  tx: Transaction<Database>,
  booking: Booking,
  by: Actor,
): Promise<void> {
  await tx
    .updateTable('booking')
    .set({
      status: 'CANCELLED',
      refunded: booking.refundedMinor,
      cancelled_at: booking.cancelledAt,
      cancelled_by: JSON.stringify(actorReference(by)),
      cancel_reason: booking.cancelReason,
      changed_at: booking.changedAt,
      version: booking.version,
    })
    .where('id', '=', booking.id)
    .execute();
}

/** Forgets why somebody cancelled what he had booked, in his own words. */
export async function forgetReasonsOf(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx
    .updateTable('booking')
    .set({ cancel_reason: null })
    .where('user_id', '=', userId)
    .where('cancel_reason', 'is not', null)
    .where(sql<boolean>`cancelled_by ->> 'id' = ${userId}`)
    .execute();
}

export async function findBookingsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Booking[]> {
  if (ids.length === 0) return [];
  return (await bookingsAt(db, venueId).where('id', 'in', ids).execute()).map(bookingOf);
}

/** A booking that nobody else changes until the transaction ends. */
export async function lockBooking(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Booking | null> {
  const row = await bookingsAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? bookingOf(row) : null;
}

/** The bookings somebody has that begin then and count. */
export async function findOwnBookingsAt(
  db: Kysely<Database>,
  venueId: string,
  {
    userId,
    resourceId,
    startsAt,
  }: { readonly userId: string; readonly resourceId: string; readonly startsAt: Date },
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('booking')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('user_id', '=', userId)
    .where('resource_id', '=', resourceId)
    .where('starts_at', '=', startsAt)
    .where('status', '<>', 'CANCELLED')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}

/** What somebody has booked at whichever venue and has not begun; nobody else changes it meanwhile. */
export async function lockUpcomingOf(
  tx: Transaction<Database>,
  { userId, now }: { readonly userId: string; readonly now: Date },
): Promise<readonly Booking[]> {
  const rows = await tx
    .selectFrom('booking')
    .selectAll()
    .where('user_id', '=', userId)
    .where('status', '=', 'BOOKED')
    .where('starts_at', '>', now)
    .orderBy('starts_at')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return rows.map(bookingOf);
}

/** Those of a series that have not begun, from then on, in order; nobody else changes them meanwhile. */
export async function lockUpcomingOfSeries(
  tx: Transaction<Database>,
  venueId: string,
  { seriesId, from, now }: { readonly seriesId: string; readonly from: Date; readonly now: Date },
): Promise<readonly Booking[]> {
  const rows = await bookingsAt(tx, venueId)
    .where('series_id', '=', seriesId)
    .where('status', '=', 'BOOKED')
    .where('starts_at', '>', now)
    .where('starts_at', '>=', from)
    .orderBy('starts_at')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return rows.map(bookingOf);
}

/** Which bookings of a venue are meant; null: whatever there is. */
export interface BookingFilter {
  readonly userId: string | null;
  readonly resourceId: string | null;
  readonly seriesId?: string | null;
  readonly statuses: readonly BookingStatus[] | null;
  /** Those that have not ended by then. */
  readonly from: Date | null;
  /** Those that begin before. */
  readonly to: Date | null;
}

/** By beginning, the latest first; in reverse when read backward. */
export async function listBookings(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: BookingFilter; readonly range: KeysetRange },
): Promise<readonly Booking[]> {
  const query = filtered(bookingsAt(db, venueId), filter);
  return (await keysetPage(query, { time: 'starts_at', newestFirst: true }, range).execute()).map(bookingOf);
}

export async function countBookings(
  db: Kysely<Database>,
  venueId: string,
  filter: BookingFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(bookingsAt(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Bookings whose owner has not come in time, so many at most; nobody else changes them meanwhile. */
export async function lockNoShows(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly Booking[]> {
  const rows = await tx
    .selectFrom('booking')
    .selectAll()
    .where('status', '=', 'BOOKED')
    .where('no_show_at', '<=', now)
    .orderBy('no_show_at')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  return rows.map(bookingOf);
}

const bookingsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('booking').selectAll().where('venue_id', '=', venueId);

function filtered(
  query: ReturnType<typeof bookingsAt>,
  { userId, resourceId, seriesId, statuses, from, to }: BookingFilter,
): ReturnType<typeof bookingsAt> {
  let found = query;
  if (userId !== null) found = found.where('user_id', '=', userId);
  if (resourceId !== null) found = found.where('resource_id', '=', resourceId);
  if (seriesId != null) found = found.where('series_id', '=', seriesId);
  if (statuses !== null) found = found.where('status', '=', (is) => is.fn.any(is.val([...statuses])));
  if (from !== null) found = found.where('ends_at', '>', from);
  if (to !== null) found = found.where('starts_at', '<', to);
  return found;
}

const bookingOf = (row: Selectable<BookingTable>): Booking => ({
  id: row.id,
  venueId: row.venue_id,
  resourceId: row.resource_id,
  userId: row.user_id,
  seriesId: row.series_id,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  status: row.status,
  paidMinor: row.paid,
  refundedMinor: row.refunded,
  currency: row.currency,
  noShowAt: row.no_show_at,
  bookedAt: row.booked_at,
  cancelledAt: row.cancelled_at,
  cancelReason: row.cancel_reason,
  checkedInAt: row.checked_in_at,
  changedAt: row.changed_at,
  version: row.version,
});
