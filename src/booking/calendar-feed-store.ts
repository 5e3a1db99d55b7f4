import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { CalendarFeedTable } from '../db/tables/booking.ts';
import type { CalendarFeed } from './calendar-feed.ts';
import type { CalendarEntry } from './calendar-text.ts';

interface Owner {
  readonly venueId: string;
  readonly userId: string;
}

export async function insertFeed(
  tx: Transaction<Database>,
  feed: CalendarFeed,
  tokenHash: Buffer,
): Promise<void> {
  await tx
    .insertInto('calendar_feed')
    .values({
      id: feed.id,
      venue_id: feed.venueId,
      user_id: feed.userId,
      name: feed.name,
      token_hash: tokenHash,
      created_at: feed.createdAt,
    })
    .execute();
}

/** The oldest first. */
export async function listFeedsOf(
  db: Kysely<Database>,
  { venueId, userId }: Owner,
): Promise<readonly CalendarFeed[]> {
  const rows = await db
    .selectFrom('calendar_feed')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(feedOf);
}

export async function findFeedsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly CalendarFeed[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('calendar_feed')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(feedOf);
}

/** Answers whether there was one. */
export async function deleteFeed(
  tx: Transaction<Database>,
  { id, venueId, userId }: Owner & { readonly id: string },
): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('calendar_feed')
    .where('id', '=', id)
    .where('venue_id', '=', venueId)
    .where('user_id', '=', userId)
    .returning('id')
    .executeTakeFirst();
  return deleted !== undefined;
}

/** At whichever venue. Answers which there were. */
export async function deleteFeedsOf(
  tx: Transaction<Database>,
  userId: string,
): Promise<readonly CalendarFeed[]> {
  const rows = await tx.deleteFrom('calendar_feed').where('user_id', '=', userId).returningAll().execute();
  return rows.map(feedOf);
}

/** Whose feed it is and where; null when there is none, or its owner is locked, gone, or nobody at the venue. */
export async function findReadableFeed(
  db: Kysely<Database>,
  tokenHash: Buffer,
): Promise<(Owner & { readonly venueName: string }) | null> {
  const row = await db
    .selectFrom('calendar_feed as feed')
    .innerJoin('venue', 'venue.id', 'feed.venue_id')
    .innerJoin('app_user as owner', 'owner.id', 'feed.user_id')
    .select(['feed.venue_id as venueId', 'feed.user_id as userId', 'venue.name as venueName'])
    .where('feed.token_hash', '=', tokenHash)
    .where('owner.status', '=', 'ACTIVE')
    .where('feed.user_id', 'in', (roles) =>
      roles
        .selectFrom('user_role')
        .select('user_role.user_id')
        .whereRef('user_role.venue_id', '=', 'feed.venue_id')
        .where('role', 'in', ['ADMIN', 'OPERATOR', 'AUDITOR', 'PLAYER']),
    )
    .executeTakeFirst();
  return row ?? null;
}

/** What somebody has booked at a venue that ends, and was not cancelled before, then; so much at most, the latest. */
export async function listCalendarEntries(
  db: Kysely<Database>,
  { venueId, userId }: Owner,
  { since, limit }: { readonly since: Date; readonly limit: number },
): Promise<readonly CalendarEntry[]> {
  const rows = await db
    .selectFrom('booking')
    .innerJoin('resource', 'resource.id', 'booking.resource_id')
    .select(['booking.id', 'resource.name', 'booking.status', 'booking.version'])
    .select(['booking.starts_at', 'booking.ends_at', 'booking.booked_at', 'booking.changed_at'])
    .where('booking.venue_id', '=', venueId)
    .where('booking.user_id', '=', userId)
    .where('booking.ends_at', '>', since)
    .where((is) => is.or([is('booking.cancelled_at', 'is', null), is('booking.cancelled_at', '>', since)]))
    .orderBy('booking.starts_at', 'desc')
    .orderBy('booking.id', 'desc')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    resourceName: row.name,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    isCancelled: row.status === 'CANCELLED',
    bookedAt: row.booked_at,
    changedAt: row.changed_at,
    version: row.version,
  }));
}

const feedOf = (row: Selectable<CalendarFeedTable>): CalendarFeed => ({
  id: row.id,
  venueId: row.venue_id,
  userId: row.user_id,
  name: row.name,
  createdAt: row.created_at,
});
