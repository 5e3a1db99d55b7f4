import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { NotificationType } from './notification.ts';

/** A notice of which a mail is to be posted, and to whom. */
export interface DueMail {
  readonly id: string;
  readonly venueId: string;
  readonly venueName: string;
  readonly userId: string;
  readonly type: NotificationType;
  readonly message: string;
  readonly until: Date;
  /** Null where it is not known to be his any more. */
  readonly email: string | null;
}

/** The oldest of which a mail is due, so many at most; whoever else asks passes them over until this work has ended. */
export async function takeDueMail(tx: Transaction<Database>, limit: number): Promise<readonly DueMail[]> {
  return await dueMail(tx)
    .innerJoin('app_user', 'app_user.id', 'notification.user_id')
    .innerJoin('venue', 'venue.id', 'notification.venue_id')
    .select(['notification.id', 'notification.venue_id as venueId', 'venue.name as venueName'])
    .select(['notification.user_id as userId', 'notification.type', 'notification.message'])
    .select(sql<Date>`mail_until`.as('until'))
    .select(
      sql<
        string | null
      >`case when app_user.status <> 'DELETED' and email_verified_at is not null then email end`.as('email'),
    )
    .orderBy('notification.id')
    .limit(limit)
    .forUpdate('notification')
    .skipLocked()
    .execute();
}

/** Those of which a mail is to be posted. */
export const dueMail = (db: Kysely<Database>) =>
  db.selectFrom('notification').where('mail_until', 'is not', null);

/** No mail of these is due any more; what is not shown has done its duty. */
export async function settleMail(tx: Transaction<Database>, ids: readonly string[]): Promise<void> {
  const isOne = sql<boolean>`id = any(${ids}::uuid[])`;
  await tx.deleteFrom('notification').where(isOne).where('is_shown', '=', false).execute();
  await tx.updateTable('notification').set({ mail_until: null }).where(isOne).execute();
}
