import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { cursorAt, LOG_PLACE, type LogPlace } from '../events/cursor.ts';
import type { Booking } from './booking.ts';
import { type ResourceRow, resourceOf } from './resource-store.ts';
import type { DayClaim, SlotDay } from './slot-day.ts';

/** A day of a resource, and who has its slots: one statement, which sees it all at one moment. Null: no such resource. */
export async function readSlotDay(
  db: Kysely<Database>,
  venueId: string,
  { resourceId, day }: { readonly resourceId: string; readonly day: string },
): Promise<SlotDay | null> {
  const { rows } = await sql<ResourceRow & LogPlace & { claims: readonly ClaimRow[]; read_at: Date }>`
    select resource.*, venue.time_zone, now() as read_at, ${LOG_PLACE}, coalesce((
      select json_agg(json_build_object(
        'id', c.id, 'kind', c.kind, 'firstSeat', c.first_seat, 'lastSeat', c.last_seat, 'startsAt', c.starts_at,
        'endsAt', c.ends_at, 'userId', c.user_id, 'bookingId', c.booking_id, 'holdId', c.hold_id,
        'expiresAt', c.expires_at, 'reason', c.reason, 'booking', case when b.id is null then null else json_build_object(
          'status', b.status, 'paidMinor', b.paid::text, 'refundedMinor', b.refunded::text, 'currency', b.currency,
          'noShowAt', b.no_show_at, 'bookedAt', b.booked_at, 'checkedInAt', b.checked_in_at, 'changedAt', b.changed_at,
          'version', b.version, 'seriesId', b.series_id) end
      ) order by c.starts_at, c.first_seat)
      from slot_claim c left join booking b on b.id = c.booking_id
      where c.resource_id = resource.id and (c.expires_at is null or c.expires_at > now())
        and tstzrange(c.starts_at, c.ends_at) && tstzrange(
          ${day}::date::timestamp at time zone venue.time_zone, (${day}::date + 1)::timestamp at time zone venue.time_zone)
    ), '[]') as claims
    from resource join venue on venue.id = resource.venue_id
    where resource.id = ${resourceId} and resource.venue_id = ${venueId}`.execute(db);
  const [row] = rows;
  if (!row) return null;
  const resource = resourceOf(row);
  const claims = row.claims.map((claim) => claimOf(claim, { venueId, resourceId }));
  return { resource, day, claims, readAt: row.read_at, cursor: cursorAt(row) };
}

/** As JSON has it. */
interface ClaimRow {
  readonly id: string;
  readonly kind: DayClaim['kind'];
  readonly firstSeat: number;
  readonly lastSeat: number;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly userId: string | null;
  readonly bookingId: string | null;
  readonly holdId: string | null;
  readonly expiresAt: string | null;
  readonly reason: string | null;
  readonly booking: {
    readonly status: Booking['status'];
    readonly paidMinor: string;
    readonly refundedMinor: string;
    readonly currency: string;
    readonly noShowAt: string | null;
    readonly bookedAt: string;
    readonly checkedInAt: string | null;
    readonly changedAt: string;
    readonly version: number;
    readonly seriesId: string | null;
  } | null;
}

function claimOf(row: ClaimRow, of: { readonly venueId: string; readonly resourceId: string }): DayClaim {
  const { booking, userId, bookingId } = row;
  const time = { startsAt: new Date(row.startsAt), endsAt: new Date(row.endsAt) };
  const claim = { ...row, ...time, expiresAt: timeOf(row.expiresAt) };
  if (!booking || userId === null || bookingId === null) return { ...claim, booking: null };
  return {
    ...claim,
    booking: {
      ...of,
      ...time,
      id: bookingId,
      userId,
      seriesId: booking.seriesId,
      status: booking.status,
      paidMinor: BigInt(booking.paidMinor),
      refundedMinor: BigInt(booking.refundedMinor),
      currency: booking.currency,
      noShowAt: timeOf(booking.noShowAt),
      bookedAt: new Date(booking.bookedAt),
      checkedInAt: timeOf(booking.checkedInAt),
      changedAt: new Date(booking.changedAt),
      version: booking.version,
      // What claims time is not cancelled.
      cancelledAt: null,
      cancelReason: null,
    },
  };
}

const timeOf = (text: string | null): Date | null => (text === null ? null : new Date(text));
