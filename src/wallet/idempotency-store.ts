import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

/** Forgets keys from before, so many at most, and answers how many: what is asked for by one of them is done again. */
export async function deleteOldKeys(
  tx: Kysely<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from idempotency_key where ctid = any(array(
      select ctid from idempotency_key where created_at < ${before} limit ${limit}))`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}
