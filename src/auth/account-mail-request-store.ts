import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Origin } from '../lib/actor.ts';

/** Somebody wants a mail to be sent to this address, if it is the address of an account. */
export interface MailRequest {
  readonly id: string;
  readonly purpose: 'VERIFY_EMAIL' | 'RESET_PASSWORD';
  readonly email: string;
  readonly origin: Origin | null;
}

export async function insertMailRequest(
  tx: Transaction<Database>,
  { id, purpose, email, origin }: MailRequest,
  at: Date,
): Promise<void> {
  await tx
    .insertInto('account_mail_request')
    .values({ id, purpose, email, origin: origin && JSON.stringify(origin), created_at: at })
    .execute();
}

/** The oldest first. */
export async function listMailRequests(db: Kysely<Database>, limit: number): Promise<readonly MailRequest[]> {
  return await db
    .selectFrom('account_mail_request')
    .select(['id', 'purpose', 'email', 'origin'])
    .orderBy('id')
    .limit(limit)
    .execute();
}

/** Whether it was still there: of any who take it at once, one gets it. */
export async function takeMailRequest(tx: Transaction<Database>, id: string): Promise<boolean> {
  const { numDeletedRows } = await tx
    .deleteFrom('account_mail_request')
    .where('id', '=', id)
    .executeTakeFirst();
  return numDeletedRows > 0n;
}
