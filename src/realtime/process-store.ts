import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';

/** How long a process counts as alive after it was last heard of: two heartbeats may be lost. */
export const LEASE_SECONDS = 15;

/** Of a row of `realtime_process`, by the clock of PostgreSQL. */
export const isAlive = sql<boolean>`seen_at > now() - make_interval(secs => ${sql.lit(LEASE_SECONDS)})`;

/** What is open in all processes that live, as each counted about a second ago. */
export interface RealtimeCounts {
  readonly processes: number;
  /** WebSockets, those of nobody included. */
  readonly sockets: number;
  /** Streams of server-sent events. */
  readonly streams: number;
  /** Queries, mutations and subscriptions under way on both. */
  readonly operations: number;
}

export async function countRealtime(db: Kysely<Database>): Promise<RealtimeCounts> {
  return await db
    .selectFrom('realtime_process')
    .where(isAlive)
    .select([
      sql<number>`count(*)::int`.as('processes'),
      sql<number>`coalesce(sum(sockets), 0)::int`.as('sockets'),
      sql<number>`coalesce(sum(streams), 0)::int`.as('streams'),
      sql<number>`coalesce(sum(operations), 0)::int`.as('operations'),
    ])
    .executeTakeFirstOrThrow();
}

/** Says that a process lives and what it has open. Whether nothing was known of it. */
export async function renewLease(
  db: Kysely<Database>,
  process: { readonly id: string } & Omit<RealtimeCounts, 'processes'>,
): Promise<{ readonly isNew: boolean }> {
  const { id, sockets, streams, operations } = process;
  return await db
    .insertInto('realtime_process')
    .values({ id, sockets, streams, operations })
    .onConflict((conflict) =>
      conflict.column('id').doUpdateSet({ sockets, streams, operations, seen_at: sql`now()` }),
    )
    // A row that was inserted has no transaction that ended it.
    .returning(sql<boolean>`xmax = 0`.as('isNew'))
    .executeTakeFirstOrThrow();
}

/** Forgets a process and its connections. */
export async function deleteProcess(db: Kysely<Database>, id: string): Promise<void> {
  await db.deleteFrom('realtime_process').where('id', '=', id).execute();
}

/** Forgets those whose lease is over, unless another process is at it. */
export async function deleteDeadProcesses(db: Kysely<Database>): Promise<void> {
  await db
    .deleteFrom('realtime_process')
    .where('id', 'in', (dead) =>
      dead
        .selectFrom('realtime_process')
        .select('id')
        .where(sql<boolean>`not ${isAlive}`)
        .forUpdate()
        .skipLocked(),
    )
    .execute();
}
