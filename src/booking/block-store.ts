import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Wanted } from './claim-store.ts';

/** Time the venue has taken out. */
export interface Block extends Wanted {
  readonly id: string;
  readonly venueId: string;
  readonly reason: string | null;
}

export async function findBlock(db: Kysely<Database>, venueId: string, id: string): Promise<Block | null> {
  const row = await db
    .selectFrom('slot_claim')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('kind', '=', 'BLOCK')
    .executeTakeFirst();
  if (!row) return null;
  return {
    id: row.id,
    venueId: row.venue_id,
    resourceId: row.resource_id,
    startsAt: row.starts_at,
    endsAt: row.ends_at,
    reason: row.reason,
  };
}

export async function deleteBlock(tx: Transaction<Database>, id: string): Promise<boolean> {
  const deleted = await tx
    .deleteFrom('slot_claim')
    .where('id', '=', id)
    .where('kind', '=', 'BLOCK')
    .returning('id')
    .executeTakeFirst();
  return deleted !== undefined;
}
