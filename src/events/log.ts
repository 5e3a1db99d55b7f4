import { type Kysely, type Selectable, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { EventLogTable } from '../db/tables/events.ts';
import type { EventType, LoggedEvent } from './events.ts';

/** The position of the newest event, 0n for an empty log. */
export async function readHead(db: Kysely<Database>): Promise<bigint> {
  const row = await db
    .selectFrom('event_log')
    .select((eb) => eb.fn.max('position').as('head'))
    .executeTakeFirst();
  return row?.head ?? 0n;
}

/** The newest position that the log has forgotten, 0n while it goes back to its beginning. */
export async function readForgotten(db: Kysely<Database>): Promise<bigint> {
  const anchor = await db.selectFrom('event_log_anchor').select('position').executeTakeFirst();
  return anchor?.position ?? 0n;
}

/** Which log this is; cursors of another one are refused. */
export async function readLogIdentity(db: Kysely<Database>): Promise<string> {
  const { id } = await db.selectFrom('event_log_incarnation').select('id').executeTakeFirstOrThrow();
  return id;
}

/**
 * The same at the start of a log, which becomes another one when it finds itself in a copy of its
 * database or in a restored one: positions may stand for other events there.
 */
export async function settleLogIdentity(db: Kysely<Database>): Promise<string> {
  const { rows } = await sql<{ id: string }>`select settle_event_log() as id`.execute(db);
  const [row] = rows;
  if (!row) throw new Error('the log has no identity');
  return row.id;
}

/** Makes it another log, whatever it is in. For the owner of the tables. */
export async function renewLogIdentity(db: Kysely<Database>): Promise<void> {
  await sql`update event_log_incarnation set id = gen_random_uuid(), made_at = now()`.execute(db);
}

/**
 * Up to `limit` events after a position, in order. Erased events are passed over.
 */
export async function readLog(
  db: Kysely<Database>,
  { after, limit, types, narrowed = [], venueId }: LogRange,
): Promise<readonly LoggedEvent[]> {
  let query = db
    .selectFrom('event_log')
    .select([
      'position',
      'venue_id',
      'type',
      'at',
      'actor',
      'origin',
      'payload',
      sql<string>`xid::text`.as('xid'),
    ])
    .where('position', '>', after)
    .where('payload', 'is not', null)
    .orderBy('position')
    .limit(limit);
  if (types) query = query.where('type', 'in', types);
  for (const { type, path, among } of narrowed)
    query = query.where(
      sql<boolean>`(type <> ${type} or payload #>> ${path}::text[] = any(${among}::text[]))`,
    );
  if (venueId) query = query.where('venue_id', '=', venueId);
  return (await query.execute()).map(toLoggedEvent);
}

/** A row of the log as it is read, with `xid` as text. */
export type LogRow = Pick<
  Selectable<EventLogTable>,
  'position' | 'venue_id' | 'type' | 'at' | 'actor' | 'origin' | 'payload' | 'xid'
>;

/** The log holds what `work.emit` was given, which the compiler checked there. */
export const toLoggedEvent = (row: LogRow): LoggedEvent =>
  ({
    position: row.position,
    venueId: row.venue_id,
    type: row.type,
    at: row.at,
    actor: row.actor,
    origin: row.origin,
    payload: row.payload,
    xid: BigInt(row.xid),
  }) as LoggedEvent;

export interface LogRange {
  readonly after: bigint;
  readonly limit: number;
  readonly types?: readonly EventType[];
  /** Of a type that is named here only what it says. */
  readonly narrowed?: readonly Narrowing[];
  readonly venueId?: string;
}

/** Of a type that comes often, the few events that matter: those that have one of these texts at a path of the payload. */
export interface Narrowing {
  readonly type: EventType;
  readonly path: readonly string[];
  readonly among: readonly string[];
}

/** Whether an event is what is left of its type. */
export function isAmong(
  narrowed: readonly Narrowing[],
  event: Pick<LoggedEvent, 'type' | 'payload'>,
): boolean {
  return narrowed.every(
    ({ type, path, among }) => type !== event.type || among.includes(textAt(event.payload, path)),
  );
}

const textAt = (payload: unknown, path: readonly string[]): string =>
  String(path.reduce<unknown>((inner, key) => Reflect.get(Object(inner), key), payload));
