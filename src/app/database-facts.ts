import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { readHead } from '../events/log.ts';
import { type OutboxStanding, readOutboxStanding } from '../events/outbox-standing.ts';
import { countLines } from '../machine/line-store.ts';
import { countAllConnections } from '../machine/store.ts';

/** What the database says of all venues together. */
export interface DatabaseFacts {
  readonly outbox: OutboxStanding;
  /** The newest position of the log. */
  readonly head: bigint;
  readonly lines: Readonly<Record<string, number>>;
  readonly machines: Readonly<Record<string, number>>;
}

/** Well within the time a scrape may take. */
const TIMEOUT_MS = 1_500;

/**
 * Reads them, or answers null when the database does not in time. Whoever asks meanwhile gets the
 * same answer: a database that hangs is asked once, on one connection.
 */
export function createDatabaseFacts(db: Kysely<Database>): () => Promise<DatabaseFacts | null> {
  let underWay: Promise<DatabaseFacts | null> | null = null;

  return async () => {
    underWay ??= readFacts(db)
      .catch(() => null)
      .finally(() => {
        underWay = null;
      });
    return await withinTime(underWay);
  };
}

const readFacts = (db: Kysely<Database>): Promise<DatabaseFacts> =>
  db.connection().execute(async (connection) => ({
    outbox: await readOutboxStanding(connection),
    head: await readHead(connection),
    lines: await countLines(connection),
    machines: await countAllConnections(connection),
  }));

async function withinTime<T>(answer: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), TIMEOUT_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
