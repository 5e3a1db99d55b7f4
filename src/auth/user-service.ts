import type { Rights, Role, UserActor } from '../lib/actor.ts';
import { NotFoundError, VersionConflictError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { canSeeUser } from './policy.ts';
import { parseDisplayName, parseUserIdentity, parseUsername, type User } from './user.ts';
import { findUsersByIds, insertUser, updateUserProfile } from './user-store.ts';

export interface NewUser {
  readonly email: string;
  readonly username?: string | null;
  readonly displayName?: string | null;
  /** The home venue, where `roles` are given. */
  readonly venueId: string;
  readonly roles: readonly Role[];
  /** From `AuthServices.hashPassword`: hashing has no place in a transaction. */
  readonly passwordHash: string;
  /** Whether anybody knows the password of that hash. Default: yes. */
  readonly hasPassword?: boolean;
  /** Whether whoever makes the account answers for the address. Default: yes; who registers himself has to show it. */
  readonly isEmailVerified?: boolean;
  /** Whether somebody else chose the password. Default: no. */
  readonly mustChangePassword?: boolean;
}

/**
 * Makes an account that may sign in at once.
 *
 * @throws ValidationError, EmailTakenError, UsernameTakenError
 */
export async function createUser(work: Work, input: NewUser): Promise<User> {
  const roles = [...new Set(input.roles)].sort();
  const user: User = {
    id: newId(),
    homeVenueId: input.venueId,
    ...parseUserIdentity(input),
    status: 'ACTIVE',
    roles,
    grants: [],
    emailVerifiedAt: (input.isEmailVerified ?? true) ? work.now : null,
    mustChangePassword: input.mustChangePassword ?? false,
    version: 1,
    createdAt: work.now,
  };
  const { passwordHash, hasPassword = true } = input;
  await insertUser(work.tx, user, { passwordHash, hasPassword });
  work.emit({ type: 'auth.user-registered', venueId: user.homeVenueId, userId: user.id, roles });
  return user;
}

/** What of a profile is to change: null removes it, and what is not named stays. */
export interface ProfileChange {
  readonly expectedVersion: number;
  readonly username?: string | null | undefined;
  readonly displayName?: string | null | undefined;
}

/**
 * Changes what the actor is called. What changes nothing is no change.
 *
 * @throws ValidationError, UsernameTakenError
 * @throws VersionConflictError when his profile changed since he read it
 */
export async function updateProfile(work: Work, actor: UserActor, change: ProfileChange): Promise<User> {
  const { expectedVersion, username, displayName } = change;
  const isUpdated = await updateUserProfile(work.tx, actor.userId, {
    expectedVersion,
    ...(username !== undefined && { username: parseUsername(username) }),
    ...(displayName !== undefined && { displayName: parseDisplayName(displayName) }),
  });
  const [user] = await findUsersByIds(work.tx, actor.venueId, [actor.userId]);
  if (!user) throw new NotFoundError('user');
  if (!isUpdated) {
    if (user.version !== expectedVersion || user.status !== 'ACTIVE')
      throw new VersionConflictError(user.version);
    return user;
  }
  work.emit({ type: 'auth.profile-updated', venueId: user.homeVenueId, userId: user.id });
  return user;
}

/** Those of these users whom somebody may see at his venue; in no order. Missing and foreign ones are alike. */
export async function findVisibleUsers(
  { db, viewer }: Pick<Read, 'db'> & { readonly viewer: Rights },
  ids: readonly string[],
): Promise<User[]> {
  if (viewer.kind !== 'user') return [];
  const users = await findUsersByIds(db, viewer.venueId, ids);
  return users.filter((user) => canSeeUser(viewer, user));
}
