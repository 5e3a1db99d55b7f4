import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What somebody can have so many of is counted by one transaction at a time, until it ends. */
export async function lockPerson(
  tx: Transaction<Database>,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock(1651470188, hashtext(${venueId} || ${userId}))`.execute(tx);
}
