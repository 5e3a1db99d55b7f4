import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MarkedNotification } from './events.ts';

/** What is not kept any longer. */
export interface Outlived {
  /** Read before it. */
  readonly readBefore: Date;
  /** Made before it, and never read. */
  readonly unreadBefore: Date;
  readonly limit: number;
}

/** A notice that was deleted, and whose list it stood in; in none when it only went by mail. */
export interface DeletedNotification extends MarkedNotification {
  readonly venueId: string;
  readonly userId: string;
  readonly isShown: boolean;
}

/** Deletes notices that are not kept any longer, so many at most. */
export async function deleteOutlived(
  tx: Transaction<Database>,
  { readBefore, unreadBefore, limit }: Outlived,
): Promise<readonly DeletedNotification[]> {
  const { rows } = await sql<DeletedNotification>`
    delete from notification where id = any(array(
      (select id from notification where read_at < ${readBefore} limit ${limit})
      union all
      (select id from notification where created_at < ${unreadBefore} and read_at is null limit ${limit})
      limit ${limit}))
    returning id as "notificationId", type as "notificationType", venue_id as "venueId", user_id as "userId",
      is_shown as "isShown"`.execute(tx);
  return rows;
}

/** Of somebody who is gone. */
export async function deleteNotificationsOf(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('notification').where('user_id', '=', userId).execute();
}
