import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { Role } from '../lib/actor.ts';
import { EmailTakenError, UsernameTakenError } from './errors.ts';
import type { Identifier, User } from './user.ts';

/** What a sign-in is checked against. */
export interface Credentials {
  readonly userId: string;
  readonly homeVenueId: string;
  readonly passwordHash: string;
}

/** The account of that name, in whatever case it is written, whatever its status and venue. */
export async function findCredentials(
  db: Kysely<Database>,
  identifier: Identifier,
): Promise<Credentials | null> {
  const row = await db
    .selectFrom('app_user')
    .select(['id', 'venue_id', 'password_hash'])
    .where(
      identifier.kind === 'email'
        ? sql<boolean>`lower(email collate "C") = ${identifier.email.toLowerCase()}`
        : sql<boolean>`lower(username collate "C") = ${identifier.username.toLowerCase()}`,
    )
    .executeTakeFirst();
  return row ? { userId: row.id, homeVenueId: row.venue_id, passwordHash: row.password_hash } : null;
}

/** These users as `venueId` sees them: those at home there or with a role there, and no others. */
export async function findUsersByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<User[]> {
  const rows = await db
    .selectFrom('app_user')
    .leftJoin('user_role', (on) =>
      on.onRef('user_role.user_id', '=', 'app_user.id').on('user_role.venue_id', '=', venueId),
    )
    .select(['id', 'app_user.venue_id', 'email', 'username', 'display_name', 'status', 'created_at'])
    .select(
      sql<Role[]>`coalesce(array_agg(user_role.role order by user_role.role collate "C")
        filter (where user_role.role is not null), '{}')`.as('roles'),
    )
    .where('id', 'in', ids)
    .groupBy('app_user.id')
    .having(sql<boolean>`app_user.venue_id = ${venueId} or count(user_role.role) > 0`)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    homeVenueId: row.venue_id,
    email: row.email,
    username: row.username,
    displayName: row.display_name,
    status: row.status,
    roles: row.roles,
    createdAt: row.created_at,
  }));
}

/**
 * The user with these very credentials, when the account is still open to sign in.
 * Until the transaction ends, neither can change.
 */
export async function lockSignInUser(
  tx: Transaction<Database>,
  venueId: string,
  { userId, passwordHash }: Pick<Credentials, 'userId' | 'passwordHash'>,
): Promise<User | null> {
  const open = await tx
    .selectFrom('app_user')
    .select('id')
    .where('id', '=', userId)
    .where('password_hash', '=', passwordHash)
    .where('status', '=', 'ACTIVE')
    .forShare()
    .executeTakeFirst();
  if (!open) return null;
  const [user] = await findUsersByIds(tx, venueId, [userId]);
  return user ?? null;
}

/** @throws EmailTakenError, UsernameTakenError */
export async function insertUser(tx: Transaction<Database>, user: User, passwordHash: string): Promise<void> {
  try {
    await tx
      .insertInto('app_user')
      .values({
        id: user.id,
        venue_id: user.homeVenueId,
        email: user.email,
        username: user.username,
        display_name: user.displayName,
        password_hash: passwordHash,
        status: user.status,
        created_at: user.createdAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'app_user_email_unique')) throw new EmailTakenError({ cause: error });
    if (isViolationOf(error, 'app_user_username_unique')) throw new UsernameTakenError({ cause: error });
    throw error;
  }
  if (user.roles.length === 0) return;
  const roles = user.roles.map((role) => ({ user_id: user.id, venue_id: user.homeVenueId, role }));
  await tx.insertInto('user_role').values(roles).execute();
}
