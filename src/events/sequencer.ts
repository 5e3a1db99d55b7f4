import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';

const BATCH = 500;
const IDLE_MS = 250;
const CONTENDED_MS = 5;

/**
 * Moves committed events from the outbox to the log, wherever they were written.
 *
 * Any process may run one; `sequence_outbox` (migration 0002) lets one at a time through and
 * owns nothing between two batches, so a process that dies leaves nothing to hand over.
 */
export function startSequencer(options: {
  readonly db: Kysely<Database>;
  /** Called after a batch that this process moved: wakes its tail without a round trip. */
  readonly onMoved: () => void;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  return startWakeable({
    idleMs: IDLE_MS,
    onError: options.onError,
    async run() {
      const moved = await sequenceBatch(options.db);
      // Another process is at it: what this one wrote may have come too late for that batch.
      if (moved === null) return CONTENDED_MS;
      if (moved > 0) options.onMoved();
      return moved === BATCH ? 'again' : 'idle';
    },
  });
}

/**
 * One batch: how many events it moved, or null while another process holds the lock.
 * Its commit is always synchronous: a lost one would give a position to two events.
 */
export async function sequenceBatch(db: Kysely<Database>, batch = BATCH): Promise<number | null> {
  const { rows } = await sql<{ moved: number | null }>`
    select sequence_outbox(${batch}::integer) as moved
    from (select set_config('synchronous_commit', 'on', true)) as durable`.execute(db);
  return rows[0]?.moved ?? null;
}
