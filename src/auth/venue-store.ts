import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { VenueTable } from '../db/tables/venue.ts';
import { ValidationError } from '../lib/errors.ts';
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
        version: venue.version,
        created_at: venue.createdAt,
      })
      .execute();
  } catch (error) {
    throw asRefusal(error);
  }
}

/** The venue as it stands until the transaction ends; meanwhile nothing that belongs to it is made. */
export async function lockVenue(tx: Transaction<Database>, venueId: string): Promise<Venue | null> {
  const row = await tx
    .selectFrom('venue')
    .selectAll()
    .where('id', '=', venueId)
    .forUpdate()
    .executeTakeFirst();
  return row ? venueOf(row) : null;
}

/** @throws VenueSlugTakenError, ValidationError for another currency than its machines count in */
export async function updateVenueRow(tx: Transaction<Database>, venue: Venue): Promise<void> {
  try {
    await tx
      .updateTable('venue')
      .set({
        slug: venue.slug,
        name: venue.name,
        time_zone: venue.timeZone,
        currency: venue.currency,
        version: venue.version,
      })
      .where('id', '=', venue.id)
      .execute();
  } catch (error) {
    throw asRefusal(error);
  }
}

function asRefusal(error: unknown): unknown {
  if (isViolationOf(error, 'venue_slug_unique')) return new VenueSlugTakenError({ cause: error });
  if (isViolationOf(error, 'venue_currency_in_use'))
    return new ValidationError('The venue has machines, which count in its currency.', {
      field: 'currency',
      cause: error,
    });
  return error;
}

const venueOf = (row: Selectable<VenueTable>): Venue => ({
  id: row.id,
  slug: row.slug,
  name: row.name,
  timeZone: row.time_zone,
  currency: row.currency,
  isDemo: row.is_demo,
  version: row.version,
  createdAt: row.created_at,
});
