import type { Kysely } from 'kysely';
import { countOpenAlerts } from '../alert/alert-store.ts';
import type { Database } from '../db/schema.ts';
import { readHead } from '../events/log.ts';
import { type OutboxStanding, readOutboxStanding } from '../events/outbox-standing.ts';
import { countLines, type LinesCounted } from '../machine/line-store.ts';
import { countAllConnections } from '../machine/store.ts';
import type { Ground } from './ground.ts';

/** What the database says of all venues together. */
export interface DatabaseFacts {
  readonly outbox: OutboxStanding;
  /** The newest position of the log. */
  readonly head: bigint;
  /** How many events of the log were not published in this process when the head was read. */
  readonly tailLag: number;
  readonly lines: LinesCounted;
  readonly machines: Readonly<Record<string, number>>;
  /** Open alerts by severity. */
  readonly alerts: Readonly<Record<string, number>>;
}

/** Well within the time a scrape may take. */
const TIMEOUT_MS = 1_500;

/**
 * Reads them, or answers null when the database does not in time. Whoever asks meanwhile gets the
 * same answer: a database that hangs is asked once, on one connection.
 */
export function createDatabaseFacts({
  db,
  log,
}: Pick<Ground, 'db' | 'log'>): () => Promise<DatabaseFacts | null> {
  let underWay: Promise<DatabaseFacts | null> | null = null;

  return async () => {
    underWay ??= readFacts(db, log.position)
      .catch(() => null)
      .finally(() => {
        underWay = null;
      });
    return await withinTime(underWay);
  };
}

const readFacts = (db: Kysely<Database>, position: () => bigint): Promise<DatabaseFacts> =>
  db.connection().execute(async (connection) => {
    const outbox = await readOutboxStanding(connection);
    const head = await readHead(connection);
    // The tail may have gone on while the head was read.
    const tailLag = Math.max(0, Number(head - position()));
    const lines = await countLines(connection);
    const machines = await countAllConnections(connection);
    const alerts = await countOpenAlerts(connection);
    return { outbox, head, tailLag, lines, machines, alerts };
  });

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
