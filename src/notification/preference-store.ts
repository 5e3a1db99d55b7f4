import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { NotificationType } from './notification.ts';
import type { Choice } from './preference.ts';

interface Chooser {
  readonly userId: string;
  readonly venueId: string;
}

/** What somebody chose himself at a venue. */
export async function listChoices(
  db: Kysely<Database>,
  { userId, venueId }: Chooser,
): Promise<ReadonlyMap<NotificationType, Choice>> {
  const rows = await db
    .selectFrom('notification_preference')
    .select(['type', 'in_app as inApp', 'by_mail as byMail'])
    .where('user_id', '=', userId)
    .where('venue_id', '=', venueId)
    .execute();
  return new Map(rows.map(({ type, ...choice }) => [type, choice]));
}

/** What is undefined stays as it was; null is as is usual again. Answers what he has chosen now. */
export async function putChoice(
  tx: Transaction<Database>,
  { userId, venueId }: Chooser,
  {
    type,
    at,
    ...choice
  }: {
    readonly type: NotificationType;
    readonly at: Date;
    readonly inApp: boolean | null | undefined;
    readonly byMail: boolean | null | undefined;
  },
): Promise<Choice> {
  const columns = {
    ...(choice.inApp !== undefined && { in_app: choice.inApp }),
    ...(choice.byMail !== undefined && { by_mail: choice.byMail }),
    changed_at: at,
  };
  return await tx
    .insertInto('notification_preference')
    .values({ user_id: userId, venue_id: venueId, type, ...columns })
    .onConflict((conflict) => conflict.constraint('notification_preference_pk').doUpdateSet({ ...columns }))
    .returning(['in_app as inApp', 'by_mail as byMail'])
    .executeTakeFirstOrThrow();
}

/** Of somebody who is gone. */
export async function deleteChoicesOf(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('notification_preference').where('user_id', '=', userId).execute();
}
