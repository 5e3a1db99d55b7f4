import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import type { Notification } from './notification.ts';
import type { Recipient } from './recipient-store.ts';

/** What all who are told it have in common. */
export interface Told
  extends Pick<
    Notification,
    'venueId' | 'type' | 'severity' | 'message' | 'data' | 'roles' | 'eventType' | 'createdAt'
  > {
  /** The place in the log of the event it follows from; null for what somebody sent. */
  readonly position: bigint | null;
  /** What somebody sent; null for what follows from an event. */
  readonly sentId: string | null;
  /** When a mail of it is no use any more. */
  readonly mailUntil: Date;
}

/** A notice that is shown. */
export interface MadeNotification {
  readonly id: string;
  readonly userId: string;
}

/**
 * One row for each who is told, however many there are, in one statement; whoever has been told is not told again,
 * and nobody whose account goes meanwhile, which takes what he was told with it.
 * Answers how many there are, and those that are shown.
 */
export async function insertNotifications(
  tx: Transaction<Database>,
  told: Told,
  recipients: readonly Recipient[],
): Promise<{ readonly count: number; readonly shown: readonly MadeNotification[] }> {
  const { rows } = await sql<MadeNotification & { readonly isShown: boolean }>`
    with alive as (
      select id as user_id from app_user
      where id = any(${recipients.map(({ userId }) => userId)}::uuid[]) and status <> 'DELETED'
      order by id for share
    )
    insert into notification (id, venue_id, user_id, type, severity, message, data, roles,
      event_type, event_position, sent_id, created_at, is_shown, mail_until)
    select recipient.id, ${told.venueId}, user_id, ${told.type}, ${told.severity}, ${told.message},
      ${JSON.stringify(told.data)}::jsonb, ${told.roles}::text[], ${told.eventType}, ${told.position}::bigint,
      ${told.sentId}::uuid, ${told.createdAt}, in_app, case when by_mail then ${told.mailUntil}::timestamptz end
    from unnest(
      ${recipients.map(() => newId())}::uuid[],
      ${recipients.map(({ userId }) => userId)}::uuid[],
      ${recipients.map(({ inApp }) => inApp)}::boolean[],
      ${recipients.map(({ byMail }) => byMail)}::boolean[]
    ) as recipient (id, user_id, in_app, by_mail) join alive using (user_id)
    order by recipient.id
    on conflict do nothing
    returning id, user_id as "userId", is_shown as "isShown"`.execute(tx);
  return { count: rows.length, shown: rows.filter(({ isShown }) => isShown) };
}

/**
 * Notes that people are told now of such an event, about this. False when they were since then, by whoever came first:
 * it stays as it was.
 */
export async function noteTold(
  tx: Transaction<Database>,
  {
    venueId,
    eventType,
    about,
    since,
    now,
  }: {
    readonly venueId: string;
    readonly eventType: string;
    readonly about: string;
    readonly since: Date;
    readonly now: Date;
  },
): Promise<boolean> {
  const noted = await tx
    .insertInto('notice_told')
    .values({ venue_id: venueId, event_type: eventType, about, told_at: now })
    .onConflict((known) =>
      known
        .constraint('notice_told_pk')
        .doUpdateSet({ told_at: now })
        .where('notice_told.told_at', '<=', since),
    )
    .returning('about')
    .executeTakeFirst();
  return noted !== undefined;
}
