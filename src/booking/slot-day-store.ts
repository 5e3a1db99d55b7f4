import type { HotReads, HotStatement } from '../db/hot-read.ts';
import { cursorAt, LOG_PLACE_TEXT, type LogPlace } from '../events/cursor.ts';
import type { Booking } from './booking.ts';
import { IS_CLAIM_OF_DAY, IS_RESOURCE_OF_DAY, msOf, RESOURCE_OF_DAY } from './day-sql.ts';
import { type ResourceRow, resourceOf } from './resource-store.ts';
import type { DayClaim, SlotDay } from './slot-day.ts';
import { boundsOf } from './slot-times.ts';

export interface DayRead {
  readonly resourceId: string;
  /** `YYYY-MM-DD`, by the venue's clock. */
  readonly day: string;
}

/** A day of a resource, and who has its slots: one statement, which sees it all at one moment. Null: no such resource. */
export async function readSlotDay(
  reads: Pick<HotReads, 'read'>,
  venueId: string,
  { resourceId, day }: DayRead,
): Promise<SlotDay | null> {
  const [row] = await reads.read<DayRow>(DAY, [day, resourceId, venueId]);
  if (!row) return null;
  const resource = resourceOf(row);
  const { from, to } = boundsOf(day, resource.timeZone);
  const claims = row.claims
    .map((claim) => claimOf(claim, { venueId, resourceId }))
    .filter(({ startsAt, endsAt }) => startsAt < to && endsAt > from);
  return { resource, day, claims, readAt: row.read_at, cursor: cursorAt(row) };
}

type DayRow = ResourceRow & LogPlace & { readonly claims: readonly ClaimRow[]; readonly read_at: Date };

const DAY: HotStatement = {
  name: 'slot_day',
  text: `
  select resource.*, venue.time_zone, now() as read_at, ${LOG_PLACE_TEXT}, coalesce((
    select json_agg(json_build_object(
      'id', c.id, 'kind', c.kind, 'firstSeat', c.first_seat, 'lastSeat', c.last_seat, 'startsAt', ${msOf('c.starts_at')},
      'endsAt', ${msOf('c.ends_at')}, 'userId', c.user_id, 'bookingId', c.booking_id, 'holdId', c.hold_id,
      'expiresAt', ${msOf('c.expires_at')}, 'reason', c.reason, 'booking', case when b.id is null then null else json_build_object(
        'status', b.status, 'paidMinor', b.paid::text, 'refundedMinor', b.refunded::text, 'currency', b.currency,
        'noShowAt', ${msOf('b.no_show_at')}, 'bookedAt', ${msOf('b.booked_at')}, 'checkedInAt', ${msOf('b.checked_in_at')},
        'changedAt', ${msOf('b.changed_at')}, 'version', b.version, 'seriesId', b.series_id) end
    ) order by c.starts_at, c.first_seat)
    from slot_claim c left join booking b on b.id = c.booking_id
    where ${IS_CLAIM_OF_DAY}
  ), '[]') as claims
  from ${RESOURCE_OF_DAY} where ${IS_RESOURCE_OF_DAY}`,
};

interface ClaimRow {
  readonly id: string;
  readonly kind: DayClaim['kind'];
  readonly firstSeat: number;
  readonly lastSeat: number;
  readonly startsAt: number;
  readonly endsAt: number;
  readonly userId: string | null;
  readonly bookingId: string | null;
  readonly holdId: string | null;
  readonly expiresAt: number | null;
  readonly reason: string | null;
  readonly booking: {
    readonly status: Booking['status'];
    readonly paidMinor: string;
    readonly refundedMinor: string;
    readonly currency: string;
    readonly noShowAt: number | null;
    readonly bookedAt: number;
    readonly checkedInAt: number | null;
    readonly changedAt: number;
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

const timeOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
