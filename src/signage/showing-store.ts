import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** How a layout stands, and will until the transaction ends; null: there is none. */
export async function findLayoutStatus(
  tx: Transaction<Database>,
  venueId: string,
  layoutId: string,
): Promise<'DRAFT' | 'PUBLISHED' | 'DELETED' | null> {
  const row = await tx
    .selectFrom('layout')
    .select('status')
    .where('id', '=', layoutId)
    .where('venue_id', '=', venueId)
    .forShare()
    .executeTakeFirst();
  return row?.status ?? null;
}
