import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** A new password of the owner's own; false when the one before is not `from` any more. */
export async function replacePassword(
  tx: Transaction<Database>,
  userId: string,
  { from, to, at }: { readonly from: string; readonly to: string; readonly at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('app_user')
    .set({ password_hash: to, password_changed_at: at, must_change_password: false })
    .where('id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .where('password_hash', '=', from)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
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
      password_changed_at: at,
      must_change_password: false,
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
