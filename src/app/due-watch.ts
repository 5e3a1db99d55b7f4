import { type AliasedRawBuilder, type CompiledQuery, type Kysely, sql } from 'kysely';
import { type Instant, NOW } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';

/** The rows whose time has come at an instant, as the job itself finds them that does something about them. */
export type DueRows = (
  db: Kysely<Database>,
  at: { readonly now: Instant },
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

/** It is one statement for all jobs, where each would begin a transaction to find that nothing is due. */
export function startDueWatch({ db, onError, everyMs = EVERY_MS }: DueWatchOptions): DueWatch {
  const dues: { readonly rows: DueRows; readonly job: Job }[] = [];
  /** It is the same until another job is added. */
  let question: CompiledQuery<{ due: boolean[] }> | null = null;

  function pose(): CompiledQuery<{ due: boolean[] }> {
    const answers = dues.map(({ rows }) => sql`exists ${rows(db, { now: NOW }).select(ONE)}`);
    return sql<{ due: boolean[] }>`select array[${sql.join(answers)}] as due`.compile(db);
  }

  const loop = startWakeable({
    idleMs: everyMs,
    onError,
    async run() {
      if (dues.length === 0) return 'idle';
      question ??= pose();
      const { rows } = await db.executeQuery(question);
      for (const [at, isDue] of rows[0]?.due.entries() ?? []) if (isDue) dues[at]?.job.wake();
      return 'idle';
    },
  });

  return {
    add(rows, job) {
      dues.push({ rows, job });
      question = null;
    },
    [Symbol.asyncDispose]: () => loop[Symbol.asyncDispose](),
  };
}
