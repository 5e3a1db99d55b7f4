import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

export interface SinceWhen {
  readonly venueId: string;
  readonly since: Date;
}

/**
 * How many sign-ins have failed that are on record at a venue: of its people and devices, those that named it, and at
 * the first venue also those of names that nobody has. While somebody is locked out nothing of him is counted.
 */
export const countFailedSignIns = (db: Kysely<Database>, within: SinceWhen): Promise<number> =>
  countEntries(db, 'auth.sign-in-failed', within);

/** How many times failures locked a name out there, from one address or from all. */
export const countLockOuts = (db: Kysely<Database>, within: SinceWhen): Promise<number> =>
  countEntries(db, 'auth.account-locked-out', within);

async function countEntries(
  db: Kysely<Database>,
  type: 'auth.sign-in-failed' | 'auth.account-locked-out',
  { venueId, since }: SinceWhen,
): Promise<number> {
  const { count } = await db
    .selectFrom('audit_entry')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('venue_id', '=', venueId)
    // As it stands in the index of these types.
    .where('type', '=', sql.lit(type))
    .where('at', '>', since)
    .executeTakeFirstOrThrow();
  return count;
}
