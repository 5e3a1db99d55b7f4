import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { Role, Scope } from '../lib/actor.ts';
import { EmailTakenError, UsernameTakenError } from './errors.ts';
import type { Identifier, User, UserStatus } from './user.ts';

/** What a sign-in is checked against. */
export interface Credentials {
  readonly userId: string;
  readonly homeVenueId: string;
  readonly passwordHash: string;
}

/** An account whatever its venue, as it is kept. */
export interface Account {
  readonly id: string;
  readonly homeVenueId: string;
  readonly email: string;
  readonly isEmailVerified: boolean;
  readonly passwordHash: string;
  readonly status: UserStatus;
}

/** Nobody else changes the account until the transaction ends. */
export async function lockAccount(tx: Transaction<Database>, userId: string): Promise<Account | null> {
  const row = await tx
    .selectFrom('app_user')
    .select(['id', 'venue_id as homeVenueId', 'email', 'password_hash as passwordHash', 'status'])
    .select(sql<boolean>`email_verified_at is not null`.as('isEmailVerified'))
    .where('id', '=', userId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Whose address this is, in whatever case it is written; null when it is nobody's. */
export async function findAccountIdByEmail(db: Kysely<Database>, email: string): Promise<string | null> {
  const row = await db
    .selectFrom('app_user')
    .select('id')
    .where(sql<boolean>`lower(email collate "C") = ${email.toLowerCase()}`)
    .executeTakeFirst();
  return row?.id ?? null;
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
  const rows = await usersAt(db, venueId).where('id', 'in', ids).execute();
  return rows.map(userOf);
}

/** The user as `venueId` has him; one who is nothing there only when guests are meant too. */
export async function findUser(
  db: Kysely<Database>,
  {
    userId,
    venueId,
    isGuestToo,
  }: { readonly userId: string; readonly venueId: string; readonly isGuestToo: boolean },
): Promise<User | null> {
  const users = isGuestToo ? usersAsAt(db, venueId) : usersAt(db, venueId);
  const row = await users.where('id', '=', userId).executeTakeFirst();
  return row ? userOf(row) : null;
}

/** Everybody `venueId` sees: who is at home there or has a role there, in no order. */
const usersAt = (db: Kysely<Database>, venueId: string) =>
  usersAsAt(db, venueId).where((row) =>
    row.or([
      row('venue_id', '=', venueId),
      row('id', 'in', (roles) =>
        roles.selectFrom('user_role').select('user_id').where('user_role.venue_id', '=', venueId),
      ),
    ]),
  );

/** Who is at home at `venueId`. */
export const usersAtHome = (db: Kysely<Database>, venueId: string) =>
  usersAsAt(db, venueId).where('venue_id', '=', venueId);

/** Who has a role at `venueId` and is at home elsewhere: the others it sees. */
export const guestsAt = (db: Kysely<Database>, venueId: string) =>
  usersAsAt(db, venueId).where('id', 'in', (roles) =>
    roles
      .selectFrom('user_role')
      .select('user_id')
      .where('user_role.venue_id', '=', venueId)
      .where('user_role.is_guest', '=', sql<boolean>`true`),
  );

/** Everybody there is, with what they are at `venueId`. */
const usersAsAt = (db: Kysely<Database>, venueId: string) =>
  db
    .selectFrom('app_user')
    .select(['id', 'venue_id', 'email', 'username', 'display_name', 'status', 'created_at'])
    .select(['email_verified_at', 'must_change_password', 'version'])
    .select(
      sql<Role[]>`array(select role from user_role
        where user_role.user_id = app_user.id and user_role.venue_id = ${venueId}
        order by role collate "C")`.as('roles'),
    )
    .select(
      sql<Scope[]>`array(select scope from user_grant
        where user_grant.user_id = app_user.id and user_grant.venue_id = ${venueId}
        order by scope collate "C")`.as('grants'),
    );

export type UserRow = Awaited<ReturnType<ReturnType<typeof usersAsAt>['executeTakeFirstOrThrow']>>;

export const userOf = (row: UserRow): User => ({
  id: row.id,
  homeVenueId: row.venue_id,
  email: row.email,
  username: row.username,
  displayName: row.display_name,
  status: row.status,
  roles: row.roles,
  grants: row.grants,
  emailVerifiedAt: row.email_verified_at,
  mustChangePassword: row.must_change_password,
  version: row.version,
  createdAt: row.created_at,
});

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
export async function insertUser(
  tx: Transaction<Database>,
  user: User,
  { passwordHash, hasPassword }: { readonly passwordHash: string; readonly hasPassword: boolean },
): Promise<void> {
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
        has_password: hasPassword,
        status: user.status,
        email_verified_at: user.emailVerifiedAt,
        must_change_password: user.mustChangePassword,
        created_at: user.createdAt,
      })
      .execute();
  } catch (error) {
    throw asTaken(error);
  }
  if (user.roles.length === 0) return;
  const roles = user.roles.map((role) => ({ user_id: user.id, venue_id: user.homeVenueId, role }));
  await tx.insertInto('user_role').values(roles).execute();
}

/**
 * Changes these parts of a profile; false when it has another version, is gone, or is like this already.
 *
 * @throws UsernameTakenError
 */
export async function updateUserProfile(
  tx: Transaction<Database>,
  userId: string,
  change: {
    readonly expectedVersion: number;
    readonly username?: string | null;
    readonly displayName?: string | null;
  },
): Promise<boolean> {
  try {
    const { numUpdatedRows } = await tx
      .updateTable('app_user')
      .set({
        version: sql<number>`version + 1`,
        ...(change.username !== undefined && { username: change.username }),
        ...(change.displayName !== undefined && { display_name: change.displayName }),
      })
      .where('id', '=', userId)
      .where('status', '=', 'ACTIVE')
      .where('version', '=', change.expectedVersion)
      .where((user) =>
        user.or([
          ...(change.username === undefined ? [] : [user('username', 'is distinct from', change.username)]),
          ...(change.displayName === undefined
            ? []
            : [user('display_name', 'is distinct from', change.displayName)]),
        ]),
      )
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  } catch (error) {
    throw asTaken(error);
  }
}

/** What was shown about an address, and when. */
interface EmailChange {
  readonly userId: string;
  readonly email: string;
  readonly at: Date;
}

/** The address is the user's; false when he has another, or cannot use his account. */
export async function markEmailVerified(
  tx: Transaction<Database>,
  { userId, email, at }: EmailChange,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('app_user')
    .set((eb) => ({ email_verified_at: eb.fn.coalesce('email_verified_at', eb.val(at)) }))
    .where('id', '=', userId)
    .where('email', '=', email)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Gives the user this address, verified; false when he cannot use his account. @throws EmailTakenError */
export async function replaceEmail(
  tx: Transaction<Database>,
  { userId, email, at }: EmailChange,
): Promise<boolean> {
  try {
    const { numUpdatedRows } = await tx
      .updateTable('app_user')
      .set({ email, email_verified_at: at, version: sql<number>`version + 1` })
      .where('id', '=', userId)
      .where('status', '=', 'ACTIVE')
      .executeTakeFirst();
    return numUpdatedRows > 0n;
  } catch (error) {
    throw asTaken(error);
  }
}

function asTaken(error: unknown): unknown {
  if (isViolationOf(error, 'app_user_email_unique')) return new EmailTakenError({ cause: error });
  if (isViolationOf(error, 'app_user_username_unique')) return new UsernameTakenError({ cause: error });
  return error;
}
