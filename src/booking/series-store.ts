import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { BookingSeriesTable } from '../db/tables/booking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { BookingSeries } from './series.ts';

export async function insertSeries(
  tx: Transaction<Database>,
  series: BookingSeries,
  by: Actor,
): Promise<void> {
  await tx
    .insertInto('booking_series')
    .values({
      id: series.id,
      venue_id: series.venueId,
      resource_id: series.resourceId,
      user_id: series.userId,
      rule: series.rule,
      starts_at: series.startsAt,
      skipped: JSON.stringify(series.skipped),
      booked_at: series.bookedAt,
      booked_by: JSON.stringify(actorReference(by)),
    })
    .execute();
}

export async function findSeriesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly BookingSeries[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('booking_series')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(seriesOf);
}

const seriesOf = (row: Selectable<BookingSeriesTable>): BookingSeries => ({
  id: row.id,
  venueId: row.venue_id,
  resourceId: row.resource_id,
  userId: row.user_id,
  rule: row.rule,
  startsAt: row.starts_at,
  skipped: row.skipped.map(({ startsAt, why }) => ({ startsAt: new Date(startsAt), why })),
  bookedAt: row.booked_at,
});
