import { type Kysely, type RawBuilder, type Selectable, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { EventLogTable } from '../db/tables/events.ts';
import type { EventType, LoggedEvent } from './events.ts';
import type { Ask } from './listener.ts';

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

/** The same of this log alone: null where the connection leads to another one. */
export async function readForgottenOf(db: Kysely<Database>, log: string): Promise<bigint | null> {
  const { rows } = await sql<{ forgotten: bigint }>`
    select coalesce((select position from event_log_anchor), 0) as forgotten where ${isLog(log)}`.execute(db);
  return rows[0]?.forgotten ?? null;
}

/** Whether the statement that asks finds itself in this log: the next one of the pool may be sent elsewhere. */
const isLog = (log: string): RawBuilder<boolean> =>
  sql`(select id from event_log_incarnation where made_in = event_log_place()) = ${log}::uuid`;

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
  return theIdentity(rows);
}

/** The same by this connection and no other. */
export async function settleLogIdentityOn(ask: Ask): Promise<string> {
  return theIdentity(await ask<{ id: string }>('select settle_event_log() as id'));
}

function theIdentity([row]: readonly { readonly id: string }[]): string {
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
  const conditions = [sql`position > ${after} and payload is not null`];
  if (types) conditions.push(sql`type = any(${types}::text[])`);
  for (const { type, path, among } of narrowed)
    conditions.push(sql`(type <> ${type} or payload #>> ${path}::text[] = any(${among}::text[]))`);
  if (venueId) conditions.push(sql`venue_id = ${venueId}`);
  const { rows } = await sql<LogRow>`
    select ${LOG_COLUMNS} from event_log where ${sql.join(conditions, sql` and `)}
    order by position limit ${limit}`.execute(db);
  return rows.map(toLoggedEvent);
}

/** The same of this log, in one statement: null where that finds itself in another one. */
export async function readLogOf(
  db: Kysely<Database>,
  { log, after, limit }: { readonly log: string; readonly after: bigint; readonly limit: number },
): Promise<readonly LoggedEvent[] | null> {
  // A row of nulls where nothing is new, and none at all in another log.
  const { rows } = await sql<LogRow | { readonly [column in keyof LogRow]: null }>`
    select event.* from (select where ${isLog(log)}) as here left join lateral (
      select ${LOG_COLUMNS} from event_log where position > ${after} and payload is not null
      order by position limit ${limit}) as event on true
    order by event.position`.execute(db);
  if (rows.length === 0) return null;
  return rows.filter((row): row is LogRow => row.position !== null).map(toLoggedEvent);
}

/**
 * What is read of an event. Every process reads all of them, so nothing is read as pg would: a time by its parts, and
 * anew for each event who did it, though it is the same one for many.
 */
export const LOG_COLUMNS =
  sql.raw(`position, venue_id, type, (extract(epoch from at) * 1000)::float8 as at_ms,
  actor::text as actor, origin, payload, xid::text as xid`);

/** A row of `LOG_COLUMNS`. */
export interface LogRow
  extends Pick<Selectable<EventLogTable>, 'position' | 'venue_id' | 'type' | 'origin' | 'payload'> {
  readonly at_ms: number;
  readonly actor: string;
  readonly xid: string;
}

/** The log holds what `work.emit` was given, which the compiler checked there. */
export const toLoggedEvent = (row: LogRow): LoggedEvent =>
  ({
    position: row.position,
    venueId: row.venue_id,
    type: row.type,
    at: new Date(row.at_ms),
    actor: actorOf(row.actor),
    origin: row.origin,
    payload: row.payload,
    xid: BigInt(row.xid),
  }) as LoggedEvent;

function actorOf(text: string): LoggedEvent['actor'] {
  if (text !== lastActor.text) lastActor = { text, actor: Object.freeze(JSON.parse(text)) };
  return lastActor.actor;
}

let lastActor: { readonly text: string; readonly actor: LoggedEvent['actor'] } = {
  text: '',
  actor: { kind: 'system', id: null },
};

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
