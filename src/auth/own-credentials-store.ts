import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Credentials } from './user-store.ts';

/** An account as its owner changes its password. */
export interface OwnCredentials extends Credentials {
  readonly email: string;
  readonly username: string | null;
  /** Whether the owner has one; else nothing matches `passwordHash`. */
  readonly hasPassword: boolean;
  /** Whether sign-ins ask for a code besides. */
  readonly hasSecondFactor: boolean;
}

/** What the account signs in with, while it can be used. */
export async function findOwnCredentials(
  db: Kysely<Database>,
  userId: string,
): Promise<OwnCredentials | null> {
  const row = await db
    .selectFrom('app_user')
    .select(['id', 'venue_id', 'password_hash', 'has_password', 'email', 'username'])
    .select(({ exists, selectFrom }) =>
      exists(
        selectFrom('second_factor')
          .select('user_id')
          .whereRef('user_id', '=', 'app_user.id')
          .where('enabled_at', 'is not', null),
      ).as('has_second_factor'),
    )
    .where('id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirst();
  if (!row) return null;
  return {
    userId: row.id,
    homeVenueId: row.venue_id,
    passwordHash: row.password_hash,
    email: row.email,
    username: row.username,
    hasPassword: row.has_password,
    hasSecondFactor: Boolean(row.has_second_factor),
  };
}
