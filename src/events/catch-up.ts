import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { TimeoutError } from '../lib/errors.ts';
import { decodeCursor, formatSnapshot, isVisible, type Snapshot } from './cursor.ts';
import { CursorError } from './errors.ts';
import type { LoggedEvent } from './events.ts';
import { type Feed, withCursor } from './feed.ts';
import { readForgotten, readForgottenOf, readHead } from './log.ts';
import { type LogFilter, type LogPageRange, listEvents } from './log-page.ts';
import type { Start, StreamedEvent } from './source.ts';

const BATCH = 256;
const BATCHES = { limit: BATCH, backward: false, shown: null } as const;

/** The log as a reader sees it who comes back. */
export interface LogReading {
  readonly db: Kysely<Database>;
  /** What cursors are bound to. */
  readonly log: string;
  readonly feed: Feed;
}

/**
 * Where a cursor lies, when it is of this log, not in its future, and all behind it is still kept.
 *
 * @throws CursorError, TimeoutError
 */
export async function beginAfter({ db, log, feed }: LogReading, text: string): Promise<Start> {
  const { log: origin, position, snapshot } = decodeCursor(text);
  if (origin !== log) throw new CursorError();
  // What this process still has in memory was neither pruned nor is it in the future.
  if (position > feed.position || feed.since(position) === null) {
    if (position > (await readHead(db))) throw new CursorError();
    if (position < (await readForgotten(db))) throw new CursorError();
  }
  return { position, snapshot, settledAt: snapshot === null ? position : await settle(db, snapshot) };
}

const SETTLE_MS = 10;
const SETTLE_TIMEOUT_MS = 10_000;

/** Waits until all that a query showed has its place in the log. Answers up to where that can lie. @throws TimeoutError */
async function settle(db: Kysely<Database>, snapshot: Snapshot): Promise<bigint> {
  for (const startedMs = performance.now(); performance.now() < startedMs + SETTLE_TIMEOUT_MS; ) {
    const { rows } = await sql<{ head: bigint; isWaiting: boolean }>`
      select (select coalesce(max(position), 0) from event_log) as head,
        exists (
          select from outbox where pg_visible_in_snapshot(xid, ${formatSnapshot(snapshot)}::pg_snapshot)
        ) as "isWaiting"`.execute(db);
    const [row] = rows;
    if (row && !row.isWaiting) return row.head;
    await pause(SETTLE_MS);
  }
  throw new TimeoutError('The log has not come as far as this cursor. Try again.');
}

/** Whether a reader who began there has yet to be shown an event. */
export const isNewTo = ({ snapshot, settledAt }: Start, event: LoggedEvent): boolean =>
  snapshot === null || event.position > settledAt || !isVisible(event.xid, snapshot);

/**
 * Backlog: from the log. Seam: what is in memory. Live: nothing is left, and not a moment passes
 * between seeing that and `goLive`.
 *
 * Nothing is read that this process has not yet published: it might have come after a loss of
 * rights that nobody here has been told of.
 *
 * @throws CursorError when what is to be read was pruned meanwhile, or the database has become another one
 */
export async function catchUp(
  { db, log, feed }: LogReading,
  options: {
    readonly start: Start;
    readonly range: LogFilter;
    readonly isWanted: (event: LoggedEvent) => boolean;
    readonly take: (events: readonly StreamedEvent[]) => Promise<void>;
    readonly goLive: (position: bigint) => void;
    readonly isOver: () => boolean;
  },
): Promise<void> {
  const { start, range, take } = options;
  const isWanted = (event: LoggedEvent) => options.isWanted(event) && isNewTo(start, event);
  let { position } = start;
  while (!options.isOver()) {
    const recent = feed.since(position);
    if (recent === null) {
      const upTo = feed.position;
      const batch = await readBatch({ db, log }, range, { after: position, before: upTo + 1n });
      position = batch.length < BATCH ? upTo : (batch.at(-1)?.position ?? upTo);
      await take(batch.filter(isWanted).map((event) => withCursor(log, event)));
      continue;
    }
    const batch = recent.filter(isWanted).slice(0, BATCH);
    if (batch.length === 0) {
      position = recent.at(-1)?.position ?? position;
      if (position >= start.settledAt) return options.goLive(position);
      // What was read before this process came so far: its frames are not those of the others yet.
      await pause(SETTLE_MS);
      continue;
    }
    position = batch.at(-1)?.position ?? position;
    await take(batch);
  }
}

/** @throws CursorError when some of it is not there any more, or the database has become another one */
const readBatch = ({ db, log }: Pick<LogReading, 'db' | 'log'>, range: LogFilter, ends: Ends) =>
  db.connection().execute(async (one) => {
    const batch = await listEvents(one, range, { ...BATCHES, ...ends });
    // Asked behind the read: what was forgotten before it is not taken for what never happened.
    const forgotten = await readForgottenOf(one, log);
    if (forgotten === null || forgotten > (ends.after ?? 0n)) throw new CursorError();
    return batch;
  });

type Ends = Pick<LogPageRange, 'after' | 'before'>;
