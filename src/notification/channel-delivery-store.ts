import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { isAlive } from '../realtime/process-store.ts';

/** To how many subscriptions of one process a message was handed. */
export interface Delivery {
  readonly messageId: string;
  readonly subscriptions: number;
}

/** Writes down what one process handed over; of messages that are not kept any more, nothing. */
export async function putDeliveries(
  db: Kysely<Database>,
  processId: string,
  deliveries: readonly Delivery[],
): Promise<void> {
  await sql`
    insert into channel_delivery (message_id, process_id, subscriptions)
    select message.id, ${processId}::uuid, reported.subscriptions
    from unnest(
      ${deliveries.map(({ messageId }) => messageId)}::uuid[],
      ${deliveries.map(({ subscriptions }) => subscriptions)}::integer[]
    ) as reported (id, subscriptions)
    join channel_message message on message.id = reported.id
    on conflict do nothing`.execute(db);
}

/** To how many subscriptions each of these was handed, as far as processes have said. */
export async function sumDeliveries(
  db: Kysely<Database>,
  messageIds: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const rows = await db
    .selectFrom('channel_delivery')
    .select(['message_id as messageId', sql<number>`sum(subscriptions)::int`.as('subscriptions')])
    .where('message_id', 'in', messageIds)
    .groupBy('message_id')
    .execute();
  return new Map(rows.map(({ messageId, subscriptions }) => [messageId, subscriptions]));
}

/** A process that has yet to say, and when it was last heard of. */
export interface Untold {
  readonly processId: string;
  /** As PostgreSQL writes it, to the microsecond; null of one that is not registered. */
  readonly seenAt: string | null;
}

/**
 * How a message stands: to how many it was handed so far, and which processes have yet to say. Those are asked that
 * lived when it was sent and do so now, and the one that asks.
 */
export async function readDelivery(
  db: Kysely<Database>,
  {
    messageId,
    sentAt,
    processId,
  }: { readonly messageId: string; readonly sentAt: Date; readonly processId: string },
): Promise<{ readonly subscriptions: number; readonly untold: readonly Untold[] }> {
  const { rows } = await sql<{ subscriptions: number; untold: readonly Untold[] }>`
    with told as (select process_id, subscriptions from channel_delivery where message_id = ${messageId}),
    expected as (
      select id, seen_at::text from realtime_process
      where ${isAlive} and started_at <= ${sentAt} and id <> ${processId}
      union all select ${processId}::uuid, null
    )
    select (select coalesce(sum(subscriptions), 0)::int from told) as subscriptions,
      (select coalesce(jsonb_agg(jsonb_build_object('processId', id, 'seenAt', seen_at)), '[]')
        from expected where id not in (select process_id from told)) as untold`.execute(db);
  return rows[0] ?? { subscriptions: 0, untold: [] };
}
