import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type OutgoingMail, pauseAfter } from './mail.ts';

export interface OutboxEntry extends OutgoingMail {
  readonly venueId: string;
  readonly userId: string | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export async function insertMail(tx: Transaction<Database>, mail: OutboxEntry): Promise<void> {
  await tx
    .insertInto('mail_outbox')
    .values({
      id: mail.id,
      venue_id: mail.venueId,
      user_id: mail.userId,
      kind: mail.kind,
      message_encrypted: mail.sealed,
      created_at: mail.createdAt,
      expires_at: mail.expiresAt,
      next_try_at: mail.createdAt,
    })
    .execute();
}

/** The mail that is due first, for one try by whoever asks; others pass it over until its pause is over. */
export async function claimMail(tx: Transaction<Database>, now: Date): Promise<OutgoingMail | null> {
  const due = await tx
    .selectFrom('mail_outbox')
    .select(['id', 'kind', 'message_encrypted', 'tries'])
    .where('next_try_at', '<=', now)
    .where('expires_at', '>', now)
    .orderBy('next_try_at')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (!due) return null;
  const tries = due.tries + 1;
  await tx
    .updateTable('mail_outbox')
    .set({ tries, next_try_at: new Date(now.getTime() + pauseAfter(tries)) })
    .where('id', '=', due.id)
    .execute();
  return { id: due.id, kind: due.kind, sealed: due.message_encrypted };
}

export async function deleteMail(tx: Transaction<Database>, id: string): Promise<void> {
  await tx.deleteFrom('mail_outbox').where('id', '=', id).execute();
}

/** Drops what waits for this user. */
export async function deleteMailOfUser(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('mail_outbox').where('user_id', '=', userId).execute();
}

/** What is no use any more; answers how many there were. */
export async function deleteExpiredMail(tx: Transaction<Database>, now: Date): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('mail_outbox')
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
