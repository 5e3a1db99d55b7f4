import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { BookingStatus } from './booking.ts';

/** Bookings of these resources that begin in this time. */
export interface Counted {
  readonly venueId: string;
  readonly resourceIds: readonly string[];
  readonly from: Date;
  readonly to: Date;
}

/** How many there are of each status, and how long they are together. */
export async function countByStatus(
  db: Kysely<Database>,
  counted: Counted,
): Promise<readonly { readonly status: BookingStatus; readonly count: number; readonly seconds: number }[]> {
  const { rows } = await sql<{ status: BookingStatus; count: number; seconds: number }>`
    select status, count(*)::integer as count, sum(extract(epoch from ends_at - starts_at))::float8 as seconds
    from booking where ${isCounted(counted)} group by status order by status`.execute(db);
  return rows;
}

/** How many that were not cancelled begin in each hour of the venue's clock; only of hours in which one does. */
export async function countByHour(
  db: Kysely<Database>,
  counted: Counted,
): Promise<readonly { readonly hour: number; readonly count: number }[]> {
  const { rows } = await sql<{ hour: number; count: number }>`
    select extract(hour from starts_at at time zone (select time_zone from venue where id = ${counted.venueId}))::integer as hour,
      count(*)::integer as count
    from booking where ${isCounted(counted)} and status <> 'CANCELLED' group by 1 order by 1`.execute(db);
  return rows;
}

/** Who has booked the most and not cancelled it, so many at most, the first of them first. */
export async function countByUser(
  db: Kysely<Database>,
  counted: Counted,
  limit: number,
): Promise<readonly { readonly userId: string; readonly count: number }[]> {
  const { rows } = await sql<{ userId: string; count: number }>`
    select user_id as "userId", count(*)::integer as count
    from booking where ${isCounted(counted)} and status <> 'CANCELLED'
    group by user_id order by 2 desc, 1 limit ${limit}`.execute(db);
  return rows;
}

const isCounted = ({ venueId, resourceIds, from, to }: Counted) =>
  sql`venue_id = ${venueId} and resource_id = any(${[...resourceIds]}::uuid[]) and starts_at >= ${from} and starts_at < ${to}`;
