import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** A new password of the owner's own, whose account the transaction has locked. */
export async function replacePassword(
  tx: Transaction<Database>,
  userId: string,
  { to, at }: { readonly to: string; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('app_user')
    .set({
      password_hash: to,
      has_password: true,
      password_changed_at: at,
      must_change_password: false,
      has_guessable_password: false,
    })
    .where('id', '=', userId)
    .execute();
}

/** A password of the owner's own who reads the mail of this address; false when it is not his, or he cannot use his account. */
export async function resetPasswordHash(
  tx: Transaction<Database>,
  { userId, email }: { readonly userId: string; readonly email: string },
  { to, at }: { readonly to: string; readonly at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('app_user')
    .set((eb) => ({
      password_hash: to,
      has_password: true,
      password_changed_at: at,
      must_change_password: false,
      has_guessable_password: false,
      email_verified_at: eb.fn.coalesce('email_verified_at', eb.val(at)),
    }))
    .where('id', '=', userId)
    .where('email', '=', email)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Another hash of the same password; false when the one before is not `from` any more. */
export async function rewritePasswordHash(
  tx: Transaction<Database>,
  userId: string,
  { from, to }: { readonly from: string; readonly to: string },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('app_user')
    .set({ password_hash: to })
    .where('id', '=', userId)
    .where('password_hash', '=', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Writes down that anybody hits on the password an account was given. */
export async function markPasswordGuessable(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.updateTable('app_user').set({ has_guessable_password: true }).where('id', '=', userId).execute();
}

/** A password that somebody else chose, and that is still good. */
export interface GivenPassword {
  /** Of the account, to sign in with. */
  readonly name: string;
  readonly passwordHash: string;
  /** Null when nobody has written it down. */
  readonly isGuessable: boolean | null;
}

/** So many that nobody has judged are looked at, those of the oldest accounts: each takes a while. */
const MAX_UNJUDGED = 10;

/** Those that are guessable, and of ADMINs those of which nobody knows. */
export async function listGivenPasswords(db: Kysely<Database>): Promise<readonly GivenPassword[]> {
  const given = db
    .selectFrom('app_user')
    .select((row) => row.fn.coalesce('username', 'email').as('name'))
    .select(['password_hash as passwordHash', 'has_guessable_password as isGuessable'])
    .where('must_change_password', '=', true)
    .where('status', '=', 'ACTIVE')
    .orderBy('created_at')
    .orderBy('id');
  const guessable = await given.where('has_guessable_password', '=', true).execute();
  const unjudged = await given
    .where('has_guessable_password', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('user_role')
          .select('user_id')
          .whereRef('user_id', '=', 'app_user.id')
          .where('role', '=', 'ADMIN'),
      ),
    )
    .limit(MAX_UNJUDGED)
    .execute();
  return [...guessable, ...unjudged];
}
