import { type AliasedRawBuilder, type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';

/** What a job does once its time has come. */
export interface Due {
  /** The rows whose time has come at an instant, as the job itself finds them. */
  readonly rows: (
    db: Kysely<Database>,
    at: { readonly now: Date },
  ) => { select(column: AliasedRawBuilder<number, 'one'>): object };
  readonly job: Pick<Wakeable, 'wake'>;
}

export interface DueWatchOptions {
  readonly db: Kysely<Database>;
  readonly onError: (error: unknown) => void;
  readonly everyMs: number;
}

const ONE = sql<number>`1`.as('one');

/**
 * Wakes each job when there is something for it to do: one statement for all of them, where each would begin a
 * transaction to find that nothing is due. They look anew themselves, so that it may be asked a moment early.
 */
export function startDueWatch(dues: readonly Due[], { db, onError, everyMs }: DueWatchOptions): Wakeable {
  /** The clock is PostgreSQL’s. */
  let clock: { readonly now: Date; readonly atMs: number } | null = null;

  async function look(): Promise<readonly boolean[]> {
    const at = clock && { now: new Date(clock.now.getTime() + performance.now() - clock.atMs) };
    const answers = at ? dues.map(({ rows }) => sql`exists ${rows(db, at).select(ONE)}`) : [];
    const { rows } = await sql<{ now: Date; due: boolean[] }>`
      select now() as now, array[${sql.join(answers)}]::boolean[] as due`.execute(db);
    const [row] = rows;
    if (!row) return [];
    clock = { now: row.now, atMs: performance.now() };
    return row.due;
  }

  return startWakeable({
    idleMs: everyMs,
    onError,
    async run() {
      for (const [at, isDue] of (await look()).entries()) if (isDue) dues[at]?.job.wake();
      return 'idle';
    },
  });
}
