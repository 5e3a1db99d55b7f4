import { type Kysely, sql, type Transaction } from 'kysely';
import { isConnectionError, isRetryable } from './db/errors.ts';
import type { Database } from './db/schema.ts';
import type { NewEvent } from './events/events.ts';
import { type OutgoingEvent, writeOutbox } from './events/outbox.ts';
import type { Actor, Origin } from './lib/actor.ts';
import { DatabaseUnavailableError, TimeoutError } from './lib/errors.ts';

/**
 * How anything changes: one transaction, who asks, one reading of the clock, and the events
 * that are announced exactly if it commits. Nothing but SQL on `tx` may happen inside,
 * because it may run several times.
 */
export interface Work {
  readonly tx: Transaction<Database>;
  readonly actor: Actor;
  /** Which request asked for it; null when none did. */
  readonly origin: Origin | null;
  /** The transaction's time by PostgreSQL. */
  readonly now: Date;
  /** Announces what happened; by the actor of the work, unless another asked for this part of it. */
  emit(event: NewEvent, author?: Author): void;
}

/** On whose behalf something happened, and which request of his it came of. */
export interface Author {
  readonly actor: Actor;
  readonly origin: Origin | null;
}

/** What a service needs that only reads. */
export interface Read {
  readonly db: Kysely<Database>;
  readonly actor: Actor;
  readonly now: Date;
}

/**
 * Runs a task as one unit of work, again when it lost against a concurrent one.
 *
 * @throws DatabaseUnavailableError, TimeoutError when it lost MAX_TRIES times, and what the task throws
 */
export type RunWork = <T>(
  actor: Actor,
  task: (work: Work) => Promise<T>,
  origin?: Origin | null,
) => Promise<T>;

const MAX_TRIES = 5;
const RETRY_BASE_MS = 10;

export interface RunWorkOptions {
  readonly db: Kysely<Database>;
  /** Called after a commit that left events, in this process: wakes the sequencer. */
  readonly onEvents: () => void;
  /** Tests shift the clock; production takes the database's. */
  readonly clockShiftMs?: () => number;
}

export function createRunWork(options: RunWorkOptions): RunWork {
  return async (actor, task, origin = null) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await runOnce(options, { actor, origin }, task);
      } catch (error) {
        if (isConnectionError(error)) throw new DatabaseUnavailableError({ cause: error });
        if (!isRetryable(error)) throw error;
        if (tries === MAX_TRIES)
          throw new TimeoutError('Too much else changed the same data. Try again.', { cause: error });
        await pause(Math.random() * RETRY_BASE_MS * 2 ** tries);
      }
    }
  };
}

async function runOnce<T>(
  options: RunWorkOptions,
  { actor, origin }: Author,
  task: (work: Work) => Promise<T>,
): Promise<T> {
  const events: OutgoingEvent[] = [];
  const result = await options.db.transaction().execute(async (tx) => {
    const now = await readClock(tx, options.clockShiftMs?.() ?? 0);
    const emit = (event: NewEvent, author: Author = { actor, origin }) => {
      events.push({ event, ...author });
    };
    const value = await task({ tx, actor, origin, now, emit });
    await writeOutbox(tx, { events, at: now });
    return value;
  });
  if (events.length > 0) options.onEvents();
  return result;
}

async function readClock(tx: Transaction<Database>, shiftMs: number): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`select now() as now`.execute(tx);
  const [row] = rows;
  if (!row) throw new Error('select now() gave no row');
  return new Date(row.now.getTime() + shiftMs);
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
