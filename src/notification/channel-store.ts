import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { ChannelMessageTable } from '../db/tables/channel.ts';
import { isAlive } from '../realtime/process-store.ts';
import { channelKey, channelOfKey } from './channel.ts';
import type { ChannelMessage } from './channel-message.ts';

export async function insertMessage(tx: Transaction<Database>, message: ChannelMessage): Promise<void> {
  await tx
    .insertInto('channel_message')
    .values({
      id: message.id,
      venue_id: message.venueId,
      channel: channelKey(message.channel),
      type: message.type,
      data: message.dataText,
      sender: JSON.stringify(message.sender),
      sent_at: message.sentAt,
    })
    .execute();
}

/**
 * Channels of a venue by key: these, and with `isWhole` whatever else is followed or has messages that are kept.
 */
export async function listChannelKeys(
  db: Kysely<Database>,
  venueId: string,
  {
    among,
    isWhole,
    range,
  }: { readonly among: readonly string[]; readonly isWhole: boolean; readonly range: KeyRange },
): Promise<readonly string[]> {
  const { after, before, limit, backward } = range;
  const { rows } = await sql<{ key: string }>`
    select key collate "C" as key from (${knownKeys(venueId, { among, isWhole })}) as known (key)
    where (${after}::text is null or key collate "C" > ${after}) and (${before}::text is null or key collate "C" < ${before})
    order by key collate "C" ${backward ? sql`desc` : sql`asc`} limit ${limit}`.execute(db);
  return rows.map(({ key }) => key);
}

export interface KeyRange {
  readonly after: string | null;
  readonly before: string | null;
  readonly limit: number;
  readonly backward: boolean;
}

export async function countChannelKeys(
  db: Kysely<Database>,
  venueId: string,
  known: { readonly among: readonly string[]; readonly isWhole: boolean },
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from (${knownKeys(venueId, known)}) as known`.execute(db);
  return rows[0]?.count ?? 0;
}

function knownKeys(
  venueId: string,
  { among, isWhole }: { readonly among: readonly string[]; readonly isWhole: boolean },
) {
  const these = sql`select unnest(${among}::text[])`;
  if (!isWhole) return these;
  // From one channel to the next by the index, however much was said on each; "exists" would be a join with all of it.
  return sql`${these}
    union (
      with recursive spoken (channel) as (
        select min(channel) from channel_message
        union all
        select (select min(channel) from channel_message as later where later.channel > spoken.channel)
        from spoken where spoken.channel is not null
      )
      select channel from spoken where (
        select venue_id from channel_message as message
        where message.channel = spoken.channel and venue_id = ${venueId} limit 1
      ) is not null
    )
    union select unnest(channels) from realtime_connection
      where venue_id = ${venueId} and process_id in (select id from realtime_process where ${isAlive})`;
}

/** From an instant up to another, which is not part of it. */
export interface Period {
  readonly from: Date;
  readonly until: Date;
}

/** Which of what was said on a channel: null for all of it. */
export interface Said {
  readonly channel: string;
  readonly during: Period | null;
}

/** What was said on a channel and is kept, the newest first; in reverse when read backward. */
export async function listMessages(
  db: Kysely<Database>,
  venueId: string,
  { range, ...said }: Said & { readonly range: KeysetRange },
): Promise<readonly ChannelMessage[]> {
  const query = onChannel(db, venueId, said).selectAll();
  const rows = await keysetPage(query, { time: 'sent_at', newestFirst: true }, range).execute();
  return rows.flatMap(toMessage);
}

export async function countMessages(db: Kysely<Database>, venueId: string, said: Said): Promise<number> {
  const { count } = await onChannel(db, venueId, said)
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export async function findMessagesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly ChannelMessage[]> {
  const rows = await db
    .selectFrom('channel_message')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.flatMap(toMessage);
}

/** When the newest message that is kept was sent, for each of these channels that has one. */
export async function findLastMessageTimes(
  db: Kysely<Database>,
  venueId: string,
  channels: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const { rows } = await sql<{ channel: string; sentAt: Date }>`
    select wanted.channel, newest.sent_at as "sentAt" from unnest(${channels}::text[]) as wanted (channel)
    cross join lateral (
      select sent_at from channel_message
      where channel = wanted.channel and venue_id = ${venueId} order by sent_at desc limit 1
    ) as newest`.execute(db);
  return new Map(rows.map(({ channel, sentAt }) => [channel, sentAt]));
}

/** When the newest of it was sent; null when none of it is kept. */
export async function findLastMessageTime(
  db: Kysely<Database>,
  venueId: string,
  said: Said,
): Promise<Date | null> {
  const { last } = await onChannel(db, venueId, said)
    .select((message) => message.fn.max('sent_at').as('last'))
    .executeTakeFirstOrThrow();
  return last;
}

/** Forgets messages from before, so many at most, and answers how many. */
export async function deleteOldMessages(
  tx: Kysely<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from channel_message where id = any(array(
      select id from channel_message where sent_at < ${before} limit ${limit}))`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** Forgets what was said on a channel, at every venue. */
export async function deleteMessagesOn(tx: Kysely<Database>, channel: string): Promise<void> {
  await tx.deleteFrom('channel_message').where('channel', '=', channel).execute();
}

function onChannel(db: Kysely<Database>, venueId: string, { channel, during }: Said) {
  const query = db
    .selectFrom('channel_message')
    .where('channel', '=', channel)
    .where('venue_id', '=', venueId);
  return during ? query.where('sent_at', '>=', during.from).where('sent_at', '<', during.until) : query;
}

/** Nothing, for what was said on a custom channel there is no more. */
function toMessage(row: Selectable<ChannelMessageTable>): readonly ChannelMessage[] {
  const channel = channelOfKey(row.channel);
  if (!channel) return [];
  const { id, venue_id: venueId, type, data: dataText, sender, sent_at: sentAt } = row;
  return [{ id, venueId, channel, type, dataText, sender, sentAt }];
}
