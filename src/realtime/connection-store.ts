import { type Kysely, type Selectable, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { RealtimeConnectionTable } from '../db/tables/realtime.ts';
import type { Holder, RealtimeConnection } from './connection.ts';
import { isAlive } from './process-store.ts';

/** The connections of a venue in every process that lives, the newest first, or in reverse when read backward. */
export async function listConnections(
  db: Kysely<Database>,
  venueId: string,
  { holder, range }: { readonly holder: Holder | null; readonly range: KeysetRange },
): Promise<RealtimeConnection[]> {
  const query = ofVenue(db, venueId, holder).selectAll();
  const rows = await keysetPage(query, { time: 'connected_at', newestFirst: true }, range).execute();
  return rows.map(toConnection);
}

export async function countConnections(
  db: Kysely<Database>,
  venueId: string,
  holder: Holder | null,
): Promise<number> {
  const { count } = await ofVenue(db, venueId, holder)
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/** What is open at a venue. */
export interface OpenAtVenue {
  readonly sockets: number;
  readonly streams: number;
  readonly operations: number;
  readonly subscriptions: number;
}

/** What of a venue is open over each transport, and the operations under way there, in every process that lives. */
export async function countByTransport(db: Kysely<Database>, venueId: string): Promise<OpenAtVenue> {
  return await ofVenue(db, venueId, null)
    .select([
      sql<number>`(count(*) filter (where transport = 'WEBSOCKET'))::int`.as('sockets'),
      sql<number>`(count(*) filter (where transport = 'SSE'))::int`.as('streams'),
      sql<number>`coalesce(sum(operations), 0)::int`.as('operations'),
      sql<number>`coalesce(sum(subscriptions), 0)::int`.as('subscriptions'),
    ])
    .executeTakeFirstOrThrow();
}

/** How many subscriptions follow each channel of a venue that any follows, or each of these; the most followed first. */
export async function countFollowers(
  db: Kysely<Database>,
  venueId: string,
  {
    channels = null,
    limit = null,
  }: { readonly channels?: readonly string[] | null; readonly limit?: number | null },
): Promise<readonly ChannelCount[]> {
  const isWanted = channels ? sql`channel = any(${channels}::text[])` : sql`true`;
  const { rows } = await sql<ChannelCount>`
    select channel, count(*)::int as subscribers
    from realtime_connection cross join unnest(channels) as channel
    where venue_id = ${venueId} and process_id in (select id from realtime_process where ${isAlive}) and ${isWanted}
    group by channel order by subscribers desc, channel limit ${limit}`.execute(db);
  return rows;
}

export interface ChannelCount {
  readonly channel: string;
  readonly subscribers: number;
}

export async function findConnectionsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<RealtimeConnection[]> {
  if (ids.length === 0) return [];
  const rows = await ofVenue(db, venueId, null).selectAll().where('id', 'in', ids).execute();
  return rows.map(toConnection);
}

/** Writes connections of this process anew, whatever was written of them before. */
export async function putConnections(
  db: Kysely<Database>,
  processId: string,
  connections: readonly RealtimeConnection[],
): Promise<void> {
  if (connections.length === 0) return;
  const column = <T>(read: (connection: RealtimeConnection) => T) => connections.map(read);
  await sql`
    insert into realtime_connection (process_id, id, venue_id, transport, holder_kind, holder_id, credential_id,
      address, user_agent, connected_at, expires_at, operations, subscriptions, channels)
    select ${processId}::uuid, id, venue_id, transport, holder_kind, holder_id, credential_id, address, user_agent,
      connected_at, expires_at, operations, subscriptions, string_to_array(channels, ' ') from unnest(
      ${column(({ id }) => id)}::uuid[],
      ${column(({ venueId }) => venueId)}::uuid[],
      ${column(({ transport }) => transport)}::text[],
      ${column(({ holder }) => holder.kind)}::text[],
      ${column(({ holder }) => holder.id)}::uuid[],
      ${column(({ credentialId }) => credentialId)}::uuid[],
      ${column(({ address }) => address)}::text[],
      ${column(({ userAgent }) => userAgent)}::text[],
      ${column(({ connectedAt }) => connectedAt.toISOString())}::timestamptz[],
      ${column(({ expiresAt }) => expiresAt?.toISOString() ?? null)}::timestamptz[],
      ${column(({ operations }) => operations)}::integer[],
      ${column(({ subscriptions }) => subscriptions)}::integer[],
      ${column(({ channels }) => channels.join(' '))}::text[]
    ) as written (id, venue_id, transport, holder_kind, holder_id, credential_id, address, user_agent,
      connected_at, expires_at, operations, subscriptions, channels)
    on conflict (id) do update
      set operations = excluded.operations, subscriptions = excluded.subscriptions,
        channels = excluded.channels, expires_at = excluded.expires_at`.execute(db);
}

export async function deleteConnections(
  db: Kysely<Database>,
  processId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return;
  await db
    .deleteFrom('realtime_connection')
    .where('process_id', '=', processId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .execute();
}

/** Those of a process whose lease is over are there no more. */
function ofVenue(db: Kysely<Database>, venueId: string, holder: Holder | null) {
  let query = db
    .selectFrom('realtime_connection')
    .where('venue_id', '=', venueId)
    .where('process_id', 'in', (process) =>
      process.selectFrom('realtime_process').select('id').where(isAlive),
    );
  if (holder) query = query.where('holder_kind', '=', holder.kind).where('holder_id', '=', holder.id);
  return query;
}

const toConnection = (row: Selectable<RealtimeConnectionTable>): RealtimeConnection => ({
  id: row.id,
  venueId: row.venue_id,
  transport: row.transport,
  holder: { kind: row.holder_kind, id: row.holder_id },
  credentialId: row.credential_id,
  address: row.address,
  userAgent: row.user_agent,
  connectedAt: row.connected_at,
  expiresAt: row.expires_at,
  operations: row.operations,
  subscriptions: row.subscriptions,
  channels: row.channels,
});
