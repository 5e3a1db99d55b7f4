import { type Kysely, type RawBuilder, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type Cursor, decodeCursor, formatSnapshot, type Snapshot } from './cursor.ts';
import { CursorError } from './errors.ts';
import type { EventType, LoggedEvent } from './events.ts';
import { LOG_COLUMNS, type LogRow, readForgotten, readHead, readLogIdentity, toLoggedEvent } from './log.ts';

/** The log in one snapshot of the database: what a page is cut from. */
export interface StandingLog {
  readonly db: Kysely<Database>;
  /** Its identity. */
  readonly log: string;
  readonly head: bigint;
  /** The newest position that is no longer kept. */
  readonly forgotten: bigint;
}

/** Reads the log while it stands still. */
export async function readStandingLog<T>(
  db: Kysely<Database>,
  read: (standing: StandingLog) => Promise<T>,
): Promise<T> {
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) =>
      read({
        db: tx,
        log: await readLogIdentity(tx),
        head: await readHead(tx),
        forgotten: await readForgotten(tx),
      }),
    );
}

/** Where a cursor lies in this log. @throws CursorError for unknown, foreign, future and forgotten places */
export function placeIn({ log, head, forgotten }: StandingLog, text: string): Cursor {
  const cursor = decodeCursor(text);
  if (cursor.log !== log || cursor.position > head || cursor.position < forgotten) throw new CursorError();
  return cursor;
}

export interface LogFilter {
  readonly venueId: string;
  readonly types: readonly EventType[];
  /** Of these types only what is about one person. */
  readonly own?: { readonly userId: string; readonly types: readonly EventType[] } | null;
}

/** Part of the log in its order, both ends exclusive. */
export interface LogPageRange {
  readonly after: bigint | null;
  readonly before: bigint | null;
  readonly limit: number;
  /** Read from the newest towards the oldest. */
  readonly backward: boolean;
  /** What was visible in it is passed over. */
  readonly shown: Snapshot | null;
}

const NEWEST = 2n ** 63n - 1n;

/**
 * A page of a venue's events, the oldest first; in reverse where the range is read backward. Erased
 * ones are passed over. However rare a type is, and whoever it is about, no more is read than a page of
 * each: the ends are pairs of type and position, so that PostgreSQL has but one index in the order it is asked for.
 */
export async function listEvents(
  db: Kysely<Database>,
  { venueId, types, own = null }: LogFilter,
  { after, before, limit, backward, shown }: LogPageRange,
): Promise<readonly LoggedEvent[]> {
  const direction = backward ? sql`desc` : sql`asc`;
  const isNew = shown
    ? sql`not pg_visible_in_snapshot(xid, ${formatSnapshot(shown)}::pg_snapshot)`
    : sql`true`;
  const pagesOf = (some: readonly EventType[], isFor: RawBuilder<boolean>) => sql`
    select page.* from unnest(${some}::text[]) as wanted (type)
    cross join lateral (
      select ${LOG_COLUMNS} from event_log
      where venue_id = ${venueId} and payload is not null and ${isNew} and ${isFor}
        and (type, position) > (wanted.type, ${after ?? 0n}::bigint)
        and (type, position) < (wanted.type, ${before ?? NEWEST}::bigint)
      order by type ${direction}, position ${direction} limit ${limit}
    ) as page`;
  const { whole, owned } = partsOf({ types, own });
  // Each walks an index of its own: together in one condition, PostgreSQL would read the events of everybody.
  const parts = [
    ...(whole.length > 0 ? [pagesOf(whole, sql`true`)] : []),
    ...(own && owned.length > 0 ? [pagesOf(owned, isAbout(own.userId))] : []),
  ];
  if (parts.length === 0) return [];
  const { rows } = await sql<LogRow>`
    select * from (${sql.join(parts, sql` union all `)}) as found
    order by position ${direction} limit ${limit}`.execute(db);
  return rows.map(toLoggedEvent);
}

/** How many events of these types are kept. */
export async function countEvents(
  db: Kysely<Database>,
  { venueId, types, own = null }: LogFilter,
): Promise<number> {
  const countOf = async (some: readonly EventType[], isFor: RawBuilder<boolean>) => {
    const { count } = await db
      .selectFrom('event_log')
      .select(sql<number>`count(*)::int`.as('count'))
      .where('venue_id', '=', venueId)
      .where('type', '=', sql<string>`any(${some}::text[])`)
      .where('payload', 'is not', null)
      .where(isFor)
      .executeTakeFirstOrThrow();
    return count;
  };
  const { whole, owned } = partsOf({ types, own });
  const ofAll = whole.length > 0 ? await countOf(whole, sql`true`) : 0;
  return ofAll + (own && owned.length > 0 ? await countOf(owned, isAbout(own.userId)) : 0);
}

/** The types of which all is meant, and those of which only what is about one person. */
function partsOf({ types, own }: Pick<LogFilter, 'types' | 'own'>) {
  const all = [...new Set(types)];
  const isOwned = (type: EventType) => own?.types.includes(type) ?? false;
  return { whole: all.filter((type) => !isOwned(type)), owned: all.filter(isOwned) };
}

const isAbout = (userId: string) => sql<boolean>`payload ->> 'userId' = ${userId}`;
