import { type AliasedRawBuilder, type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';

/** The rows whose time has come at an instant, as the job itself finds them that does something about them. */
export type DueRows = (
  db: Kysely<Database>,
  at: { readonly now: Date },
) => { select(column: AliasedRawBuilder<number, 'one'>): object };

type Job = Pick<Wakeable, 'wake'>;

/** Wakes jobs when there is something for them to do. */
export interface DueWatch extends AsyncDisposable {
  add(rows: DueRows, job: Job): void;
}

export interface DueWatchOptions {
  readonly db: Kysely<Database>;
  readonly onError: (error: unknown) => void;
  /** How often it looks. */
  readonly everyMs?: number;
}

/** Whatever begins or ends at an instant is told this long after at most. */
const EVERY_MS = 250;

const ONE = sql<number>`1`.as('one');

/**
 * It is one statement for all jobs, where each would begin a transaction to find that nothing is due. They look anew
 * themselves, so that it may be asked a moment early.
 */
export function startDueWatch({ db, onError, everyMs = EVERY_MS }: DueWatchOptions): DueWatch {
  const dues: { readonly rows: DueRows; readonly job: Job }[] = [];
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

  const loop = startWakeable({
    idleMs: everyMs,
    onError,
    async run() {
      if (dues.length > 0)
        for (const [at, isDue] of (await look()).entries()) if (isDue) dues[at]?.job.wake();
      return 'idle';
    },
  });

  return {
    add: (rows, job) => void dues.push({ rows, job }),
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}
