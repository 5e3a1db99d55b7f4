import { sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import { AccountHasMoneyError } from './errors.ts';
import { refusingLastAdmin } from './user-standing-store.ts';

/** What is left of an account whose owner is gone. */
export interface Remains {
  /** Nobody's address, unlike every other. */
  readonly email: string;
  /** Of a password nobody knows. */
  readonly passwordHash: string;
}

/** Shuts the account for good and takes its names away. @throws LastAdminError, AccountHasMoneyError */
export async function anonymizeUser(
  tx: Transaction<Database>,
  userId: string,
  { email, passwordHash }: Remains,
): Promise<void> {
  await refusingMoney(() =>
    refusingLastAdmin(() =>
      tx
        .updateTable('app_user')
        .set({
          status: 'DELETED',
          email,
          username: null,
          display_name: null,
          password_hash: passwordHash,
          email_verified_at: null,
          password_changed_at: null,
          must_change_password: false,
          has_guessable_password: false,
          version: sql<number>`version + 1`,
        })
        .where('id', '=', userId)
        .execute(),
    ),
  );
}

async function refusingMoney<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isViolationOf(error, 'app_user_deleted_without_wallets'))
      throw new AccountHasMoneyError({ cause: error });
    throw error;
  }
}

export async function deleteRolesEverywhere(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('user_role').where('user_id', '=', userId).execute();
}

/** The sessions themselves stay: the record names them. */
export async function forgetWhereSessionsCameFrom(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx
    .updateTable('auth_session')
    .set({ address: null, user_agent: null })
    .where('user_id', '=', userId)
    .execute();
}

/** What somebody was in the middle of: signing in, linking, showing that an address is his. */
export async function deleteUnfinished(
  tx: Transaction<Database>,
  { userId, email }: { readonly userId: string; readonly email: string },
): Promise<void> {
  await tx.deleteFrom('sign_in_challenge').where('user_id', '=', userId).execute();
  await tx.deleteFrom('account_token').where('user_id', '=', userId).execute();
  await tx.deleteFrom('oauth_state').where('user_id', '=', userId).execute();
  await tx
    .deleteFrom('account_mail_request')
    .where(sql<boolean>`lower(email collate "C") = ${email.toLowerCase()}`)
    .execute();
}
