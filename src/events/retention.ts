import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';

const PRUNE_MS = 60 * 60_000;
const CONTENDED_MS = 60_000;
const BATCH = 5_000;

/**
 * Lets the log forget what is older than its retention, in batches, for as long as there is any; cursors
 * from before are refused then. Any number of processes may run it.
 */
export function startLogRetention(options: {
  readonly db: Kysely<Database>;
  readonly retentionMs: number;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  const { db, retentionMs, onError } = options;
  return startWakeable({
    idleMs: Math.min(PRUNE_MS, retentionMs),
    onError,
    async run() {
      const removed = await pruneLog(db, { retentionMs, batch: BATCH });
      if (removed === null) return CONTENDED_MS;
      return removed === BATCH ? 'again' : 'idle';
    },
  });
}

/**
 * One batch of the oldest events: how many are gone, or null while another process is at it. What a
 * reactor has yet to see stays, with all behind it, and so does the newest event.
 */
export async function pruneLog(
  db: Kysely<Database>,
  { retentionMs, batch }: { readonly retentionMs: number; readonly batch: number },
): Promise<number | null> {
  const { rows } = await sql<{ removed: number | null }>`
    select prune_event_log(${retentionMs} * interval '1 millisecond', ${batch}::integer) as removed`.execute(
    db,
  );
  return rows[0]?.removed ?? null;
}
