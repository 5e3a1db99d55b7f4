import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { Role, Scope } from '../lib/actor.ts';
import { LastAdminError } from './errors.ts';
import { ROLE_OF_GRANT } from './scopes.ts';
import type { UserStatus } from './user.ts';

/** Until the transaction ends nobody else changes this account or what it is anywhere, and nobody signs in to it. */
export async function lockUserRow(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.selectFrom('app_user').select('id').where('id', '=', userId).forNoKeyUpdate().execute();
}

/** What somebody is and may at a venue, and nothing else. */
interface Standing {
  readonly userId: string;
  readonly venueId: string;
  readonly roles: readonly Role[];
  readonly grants: readonly Scope[];
}

/** @throws LastAdminError */
export async function replaceRoles(
  tx: Transaction<Database>,
  { userId, venueId, roles, grants }: Standing,
): Promise<void> {
  const lost = tx.deleteFrom('user_role').where('user_id', '=', userId).where('venue_id', '=', venueId);
  if (roles.length > 0) {
    await tx
      .insertInto('user_role')
      .values(roles.map((role) => ({ user_id: userId, venue_id: venueId, role })))
      .onConflict((known) => known.doNothing())
      .execute();
  }
  await refusingLastAdmin(() => (roles.length > 0 ? lost.where('role', 'not in', roles) : lost).execute());

  await tx.deleteFrom('user_grant').where('user_id', '=', userId).where('venue_id', '=', venueId).execute();
  if (grants.length === 0) return;
  const rows = grants.map((scope) => ({ user_id: userId, venue_id: venueId, role: roleFor(scope), scope }));
  await tx.insertInto('user_grant').values(rows).execute();
}

function roleFor(grant: Scope): Role {
  const role = ROLE_OF_GRANT.get(grant);
  if (!role) throw new Error(`nobody is granted ${grant}`);
  return role;
}

/** Makes whoever read the account before read it again. */
export async function countChange(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx
    .updateTable('app_user')
    .set({ version: sql<number>`version + 1` })
    .where('id', '=', userId)
    .execute();
}

/** @throws LastAdminError */
export async function updateUserStatus(
  tx: Transaction<Database>,
  userId: string,
  status: UserStatus,
): Promise<void> {
  await refusingLastAdmin(() =>
    tx
      .updateTable('app_user')
      .set({ status, version: sql<number>`version + 1` })
      .where('id', '=', userId)
      .execute(),
  );
}

/** For a write that may take a venue's last ADMIN away. @throws LastAdminError */
export async function refusingLastAdmin<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (isViolationOf(error, 'venue_keeps_an_admin')) throw new LastAdminError({ cause: error });
    throw error;
  }
}

/** Whether any venue has an ADMIN, locked or not. */
export async function isAnybodyAdmin(db: Kysely<Database>): Promise<boolean> {
  const admin = await db
    .selectFrom('user_role')
    .innerJoin('app_user', 'app_user.id', 'user_role.user_id')
    .select('user_id')
    .where('role', '=', 'ADMIN')
    .where('status', '!=', 'DELETED')
    .limit(1)
    .executeTakeFirst();
  return admin !== undefined;
}
