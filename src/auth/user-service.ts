import type { Role } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { canSeeUser } from './policy.ts';
import { parseUserIdentity, type User } from './user.ts';
import { findUsersByIds, insertUser } from './user-store.ts';

export interface NewUser {
  readonly email: string;
  readonly username?: string | null;
  readonly displayName?: string | null;
  /** The home venue, where `roles` are given. */
  readonly venueId: string;
  readonly roles: readonly Role[];
  /** From `AuthServices.hashPassword`: hashing has no place in a transaction. */
  readonly passwordHash: string;
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
    createdAt: work.now,
  };
  await insertUser(work.tx, user, input.passwordHash);
  work.emit({ type: 'auth.user-registered', venueId: user.homeVenueId, userId: user.id, roles });
  return user;
}

/** Those of these users whom the actor may see at his venue; in no order. Missing and foreign ones are alike. */
export async function findVisibleUsers({ db, actor }: Read, ids: readonly string[]): Promise<User[]> {
  if (actor.kind !== 'user') return [];
  const users = await findUsersByIds(db, actor.venueId, ids);
  return users.filter((user) => canSeeUser(actor, user));
}
