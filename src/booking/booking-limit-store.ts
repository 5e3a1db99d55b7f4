import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { BookingLimit, LimitWindow, Span } from './booking-limit.ts';

/** Sets a limit, or another one in its place. */
export async function saveBookingLimit(
  tx: Transaction<Database>,
  { venueId, role, window, maximum }: BookingLimit,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('booking_limit')
    .values({ venue_id: venueId, role, per: window, maximum, changed_at: now })
    .onConflict((conflict) =>
      conflict.constraint('booking_limit_pkey').doUpdateSet({ maximum, changed_at: now }),
    )
    .execute();
}

export async function deleteBookingLimit(
  tx: Transaction<Database>,
  { venueId, role, window }: Omit<BookingLimit, 'maximum'>,
): Promise<void> {
  await tx
    .deleteFrom('booking_limit')
    .where('venue_id', '=', venueId)
    .where('role', '=', role)
    .where('per', '=', window)
    .execute();
}

/** By role and window. */
export async function listBookingLimits(
  db: Kysely<Database>,
  venueId: string,
): Promise<readonly BookingLimit[]> {
  const rows = await db
    .selectFrom('booking_limit')
    .selectAll()
    .where('venue_id', '=', venueId)
    .orderBy('role')
    .orderBy('per')
    .execute();
  return rows.map(({ role, per, maximum }) => ({ venueId, role, window: per, maximum }));
}

/**
 * What holds for somebody by the roles he has now: of several the most generous, and nothing where one of them has
 * no limit.
 */
export async function findLimitsOf(
  db: Kysely<Database>,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<readonly Pick<BookingLimit, 'window' | 'maximum'>[]> {
  const { rows } = await sql<{ window: LimitWindow; maximum: number }>`
    select per as "window", max(maximum) as maximum
    from booking_limit join user_role on user_role.role = booking_limit.role
    where booking_limit.venue_id = ${venueId} and user_role.venue_id = ${venueId} and user_role.user_id = ${userId}
    group by per
    having count(*) = (select count(*) from user_role where venue_id = ${venueId} and user_id = ${userId})
    order by array_position(array['DAY', 'WEEK', 'MONTH'], per)`.execute(db);
  return rows;
}

/** How many bookings and live holds somebody has in each of these spans, in their order. */
export async function countBooked(
  tx: Transaction<Database>,
  {
    venueId,
    userId,
    except,
    now,
  }: {
    readonly venueId: string;
    readonly userId: string;
    /** Bookings and holds that are not counted. */
    readonly except: readonly string[];
    readonly now: Date;
  },
  spans: readonly Span[],
): Promise<readonly number[]> {
  const { rows } = await sql<{ count: number }>`
    select ((select count(*) from booking b
        where b.venue_id = ${venueId} and b.user_id = ${userId} and b.status <> 'CANCELLED'
          and b.id <> all(${except}::uuid[])
          and b.starts_at >= s.starting and b.starts_at < s.ending and b.ends_at > s.ending_after)
      + (select count(*) from slot_claim c
        where c.venue_id = ${venueId} and c.user_id = ${userId} and c.kind = 'HOLD' and c.expires_at > ${now}
          and c.hold_id <> all(${except}::uuid[])
          and c.starts_at >= s.starting and c.starts_at < s.ending and c.ends_at > s.ending_after))::integer as count
    from unnest(${spans.map(({ from }) => from)}::timestamptz[], ${spans.map(({ to }) => to)}::timestamptz[],
      ${spans.map(({ endingAfter }) => endingAfter)}::timestamptz[])
      with ordinality s (starting, ending, ending_after, at)
    order by s.at`.execute(tx);
  return rows.map(({ count }) => count);
}
