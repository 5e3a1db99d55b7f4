import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What is committed and has no place in the log yet. */
export interface OutboxStanding {
  readonly events: number;
  /** How long the first of them has been waiting; 0 when there is none. */
  readonly ageSeconds: number;
}

export async function readOutboxStanding(db: Kysely<Database>): Promise<OutboxStanding> {
  const { rows } = await sql<OutboxStanding>`
    select count(*)::integer as events,
      coalesce(greatest(extract(epoch from now() - min(at)), 0), 0)::float8 as "ageSeconds"
    from outbox`.execute(db);
  return rows[0] ?? { events: 0, ageSeconds: 0 };
}
