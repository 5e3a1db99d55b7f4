import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type Condition, subjectIdOf } from './condition.ts';

const TABLES = { JACKPOT: 'jackpot', OCCUPANCY: 'parking_lot' } as const;

/** What a condition is about is changed by nobody until the transaction ends; what is not there is passed over. */
export async function holdSubject(
  tx: Transaction<Database>,
  venueId: string,
  condition: Condition,
): Promise<void> {
  await sql`
    select id from ${sql.table(TABLES[condition.kind])}
    where id = ${subjectIdOf(condition)} and venue_id = ${venueId} for share`.execute(tx);
}
