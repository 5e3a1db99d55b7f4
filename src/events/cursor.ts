import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isUuid } from '../lib/ids.ts';
import { CursorError } from './errors.ts';

/**
 * A place in one log. A frame's cursor is a position. A query's cursor is the head it saw and
 * the snapshot it read: what that snapshot showed may be placed only later, and is passed over.
 */
export interface Cursor {
  /** Identity of the log. */
  readonly log: string;
  readonly position: bigint;
  readonly snapshot: Snapshot | null;
}

/** A `pg_snapshot`: which transactions were visible. */
export interface Snapshot {
  readonly xmin: bigint;
  readonly xmax: bigint;
  readonly inProgress: ReadonlySet<bigint>;
}

const VERSION = '1';

/** The text that clients keep: opaque, versioned, bound to its log. */
export function encodeCursor({ log, position, snapshot }: Cursor): string {
  const place = snapshot ? `${position}|${formatSnapshot(snapshot)}` : position.toString();
  return headOf(log) + Buffer.from(place, 'latin1').toString('base64url');
}

/** With a UUID these are 39 bytes, which base64 writes apart from whatever follows; and nearly all are of one log. */
function headOf(log: string): string {
  if (head.log !== log) head = { log, text: Buffer.from(`${VERSION}|${log}|`).toString('base64url') };
  return head.text;
}

let head = { log: '', text: '' };

/** @throws CursorError when the text is not a cursor */
export function decodeCursor(text: string): Cursor {
  const [version, log, position, snapshot, ...rest] = Buffer.from(text, 'base64url')
    .toString('utf8')
    .split('|');
  if (version !== VERSION || !log || !isUuid(log) || rest.length > 0) throw new CursorError();
  if (!position || !/^\d{1,18}$/.test(position)) throw new CursorError();
  const cursor = {
    log,
    position: BigInt(position),
    snapshot: snapshot === undefined ? null : parseSnapshot(snapshot),
  };
  // One text, one cursor: anything else was not made here.
  if (encodeCursor(cursor) !== text) throw new CursorError();
  return cursor;
}

/** Whether what this transaction wrote was already visible in the snapshot. */
export function isVisible(xid: bigint, { xmin, xmax, inProgress }: Snapshot): boolean {
  if (xid < xmin) return true;
  return xid < xmax && !inProgress.has(xid);
}

/**
 * Reads state together with the cursor that continues it: all statements of `read` see one
 * snapshot of the database, and the cursor speaks of that snapshot.
 */
export async function readWithCursor<T>(
  db: Kysely<Database>,
  read: (tx: Transaction<Database>) => Promise<T>,
): Promise<{ state: T; cursor: string }> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => {
      const { rows } = await sql<LogPlace>`select ${LOG_PLACE}`.execute(tx);
      const [row] = rows;
      if (!row) throw new Error('the log has no identity');
      return { state: await read(tx), cursor: cursorAt(row) };
    });
}

/** Where the log is and what a statement sees of it, as columns of that statement. */
export const LOG_PLACE_TEXT = `(select id from event_log_incarnation) as log,
  (select coalesce(max(position), 0) from event_log) as head, pg_current_snapshot()::text as snapshot`;
const LOG_PLACE = sql.raw(LOG_PLACE_TEXT);

export interface LogPlace {
  readonly log: string;
  readonly head: bigint;
  readonly snapshot: string;
}

/** The cursor of a query whose one statement read these columns. */
export const cursorAt = ({ log, head, snapshot }: LogPlace): string =>
  encodeCursor({ log, position: head, snapshot: parseSnapshot(snapshot) });

/**
 * A number for state that has none of its own: it grows with every transaction of the database, so
 * what is read after it is at least as new as it says.
 */
export async function readStateVersion(db: Kysely<Database>): Promise<bigint> {
  const { rows } = await sql<{ version: bigint }>`
    select pg_snapshot_xmax(pg_current_snapshot())::text::bigint as version`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('pg_current_snapshot() gave no row');
  return row.version;
}

/** As PostgreSQL writes a `pg_snapshot`. */
export const formatSnapshot = ({ xmin, xmax, inProgress }: Snapshot): string =>
  `${xmin}:${xmax}:${[...inProgress].join(',')}`;

/** Nothing passes that PostgreSQL would not read. @throws CursorError */
function parseSnapshot(text: string): Snapshot {
  const match = /^(\d{1,18}):(\d{1,18}):((?:\d{1,18},)*\d{1,18})?$/.exec(text);
  if (!match?.[1] || !match[2]) throw new CursorError();
  const xmin = BigInt(match[1]);
  const xmax = BigInt(match[2]);
  const inProgress = match[3] ? match[3].split(',').map(BigInt) : [];
  const isAscending = inProgress.every(
    (xid, at) => xid >= xmin && xid < xmax && xid > (inProgress[at - 1] ?? 0n),
  );
  if (xmin < 1n || xmax < xmin || !isAscending) throw new CursorError();
  return { xmin, xmax, inProgress: new Set(inProgress) };
}
