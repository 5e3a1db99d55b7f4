import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { VenueTable } from '../db/tables/venue.ts';
import { VenueSlugTakenError } from './errors.ts';
import { isVenueSlug, type Venue } from './venue.ts';

export async function findVenuesByIds(db: Kysely<Database>, ids: readonly string[]): Promise<Venue[]> {
  const rows = await db.selectFrom('venue').selectAll().where('id', 'in', ids).execute();
  return rows.map(venueOf);
}

export async function findVenueBySlug(db: Kysely<Database>, slug: string): Promise<Venue | null> {
  const row = await db.selectFrom('venue').selectAll().where('slug', '=', slug).executeTakeFirst();
  return row ? venueOf(row) : null;
}

/** As `findVenueBySlug`, for whatever somebody typed. */
export async function findNamedVenue(db: Kysely<Database>, slug: string): Promise<Venue | null> {
  return isVenueSlug(slug) ? await findVenueBySlug(db, slug) : null;
}

/** The venue meant when none is named: the oldest. */
export async function findDefaultVenue(db: Kysely<Database>): Promise<Venue | null> {
  const row = await db
    .selectFrom('venue')
    .selectAll()
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirst();
  return row ? venueOf(row) : null;
}

export async function listAllVenues(db: Kysely<Database>): Promise<Venue[]> {
  const rows = await db.selectFrom('venue').selectAll().orderBy('slug').execute();
  return rows.map(venueOf);
}

/** The venues where this user has a role. */
export async function listVenuesOfUser(db: Kysely<Database>, userId: string): Promise<Venue[]> {
  const rows = await db
    .selectFrom('venue')
    .selectAll()
    .where('id', 'in', (roles) =>
      roles.selectFrom('user_role').select('venue_id').where('user_id', '=', userId),
    )
    .orderBy('slug')
    .execute();
  return rows.map(venueOf);
}

/** @throws VenueSlugTakenError */
export async function insertVenue(tx: Transaction<Database>, venue: Venue): Promise<void> {
  try {
    await tx
      .insertInto('venue')
      .values({
        id: venue.id,
        slug: venue.slug,
        name: venue.name,
        time_zone: venue.timeZone,
        currency: venue.currency,
        is_demo: venue.isDemo,
        created_at: venue.createdAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'venue_slug_unique')) throw new VenueSlugTakenError({ cause: error });
    throw error;
  }
}

const venueOf = (row: Selectable<VenueTable>): Venue => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  timeZone: row.time_zone,
  currency: row.currency,
  isDemo: row.is_demo,
  createdAt: row.created_at,
});
