import type { HotReads, HotStatement } from '../db/hot-read.ts';
import { cursorAt, LOG_PLACE_TEXT, type LogPlace } from '../events/cursor.ts';
import type { Booking } from './booking.ts';
import { type ResourceRow, resourceOf } from './resource-store.ts';
import type { DayClaim, DayOwner, SlotDay } from './slot-day.ts';
import { boundsOf } from './slot-times.ts';

/** Of which bookings is read who booked: of all, or of one person's. */
export interface OwnersRead {
  readonly all: boolean;
  readonly userId: string | null;
}

export interface DayRead {
  readonly resourceId: string;
  /** `YYYY-MM-DD`, by the venue's clock. */
  readonly day: string;
  /** Null: nobody's name is read. */
  readonly owners?: OwnersRead | null;
}

/** A day of a resource, and who has its slots: one statement, which sees it all at one moment. Null: no such resource. */
export async function readSlotDay(
  reads: Pick<HotReads, 'read'>,
  venueId: string,
  { resourceId, day, owners = null }: DayRead,
): Promise<SlotDay | null> {
  const values = [day, resourceId, venueId];
  const [row] = owners
    ? await reads.read<DayRow>(DAY_WITH_OWNERS, [...values, owners.all, owners.userId])
    : await reads.read<DayRow>(DAY, values);
  if (!row) return null;
  const resource = resourceOf(row);
  const { from, to } = boundsOf(day, resource.timeZone);
  const claims = row.claims
    .map((claim) => claimOf(claim, { venueId, resourceId }))
    .filter(({ startsAt, endsAt }) => startsAt < to && endsAt > from);
  return { resource, day, claims, readAt: row.read_at, cursor: cursorAt(row) };
}

type DayRow = ResourceRow & LogPlace & { readonly claims: readonly ClaimRow[]; readonly read_at: Date };

/** As JSON has it: a number is read sooner than a date. */
const msOf = (column: string) => `(extract(epoch from ${column}) * 1000)::bigint`;

const dayText = ({ owner, join }: { readonly owner: string; readonly join: string }) => `
  select resource.*, venue.time_zone, now() as read_at, ${LOG_PLACE_TEXT}, coalesce((
    select json_agg(json_build_object(
      'id', c.id, 'kind', c.kind, 'firstSeat', c.first_seat, 'lastSeat', c.last_seat, 'startsAt', ${msOf('c.starts_at')},
      'endsAt', ${msOf('c.ends_at')}, 'userId', c.user_id, 'bookingId', c.booking_id, 'holdId', c.hold_id,
      'expiresAt', ${msOf('c.expires_at')}, 'reason', c.reason, 'booking', case when b.id is null then null else json_build_object(
        'status', b.status, 'paidMinor', b.paid::text, 'refundedMinor', b.refunded::text, 'currency', b.currency,
        'noShowAt', ${msOf('b.no_show_at')}, 'bookedAt', ${msOf('b.booked_at')}, 'checkedInAt', ${msOf('b.checked_in_at')},
        'changedAt', ${msOf('b.changed_at')}, 'version', b.version, 'seriesId', b.series_id${owner}) end
    ) order by c.starts_at, c.first_seat)
    from slot_claim c left join booking b on b.id = c.booking_id${join}
    where c.resource_id = resource.id and (c.expires_at is null or c.expires_at > now())
      and tstzrange(c.starts_at, c.ends_at) && tstzrange(
        -- Of a midnight that comes twice it takes the second.
        $1::date::timestamp at time zone venue.time_zone - interval '2 hours',
        ($1::date + 1)::timestamp at time zone venue.time_zone)
  ), '[]') as claims
  from resource join venue on venue.id = resource.venue_id
  where resource.id = $2 and resource.venue_id = $3`;

const DAY: HotStatement = { name: 'slot_day', text: dayText({ owner: '', join: '' }) };

/** Of people the venue sees. */
const DAY_WITH_OWNERS: HotStatement = {
  name: 'slot_day_with_owners',
  text: dayText({
    owner: `, 'owner', case when u.id is null then null else json_build_object(
      'id', u.id, 'username', u.username, 'displayName', u.display_name) end`,
    join: ` left join app_user u on u.id = b.user_id and ($4::boolean or u.id = $5::uuid)
      and (u.venue_id = $3 or exists (select from user_role where user_role.user_id = u.id and user_role.venue_id = $3))`,
  }),
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
    readonly owner?: DayOwner | null;
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
      ...(booking.owner !== undefined && { owner: booking.owner }),
    },
  };
}

const timeOf = (ms: number | null): Date | null => (ms === null ? null : new Date(ms));
