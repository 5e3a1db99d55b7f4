import type { Actor, Role, Scope } from '../lib/actor.ts';
import {
  NotFoundError,
  NotOwnerError,
  PermissionDeniedError,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { voidAccountTokens } from './account-token-store.ts';
import { clearFailures } from './lock-out-service.ts';
import { canGovernUsers, canSeeUser, isSelf } from './policy.ts';
import { grantableScopesOf } from './scopes.ts';
import { endSessions } from './session-service.ts';
import type { User } from './user.ts';
import { grantsKept, parseGrants, parseRoles } from './user-standing.ts';
import { countChange, lockUserRow, replaceRoles, updateUserStatus } from './user-standing-store.ts';
import { findUser } from './user-store.ts';

/** A user, as the venue at which the actor asks knows him. Floorwire itself knows everybody everywhere. */
export interface WhichUser {
  readonly userId: string;
  readonly venueId: string;
}

/** A user as he stands now, and which of his sessions ended with the change. */
export interface ChangedStanding {
  readonly user: User;
  readonly endedSessions: readonly string[];
}

/**
 * Makes a user exactly this at a venue, nothing else and nowhere else. Without a role he has nothing
 * to do there, and his sessions there end. Grants that are not named he keeps beside the roles they are for.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError for what a person cannot be or be granted
 * @throws PermissionDeniedError for a new grant of what the actor may not himself
 * @throws LastAdminError, VersionConflictError
 */
export async function setUserRoles(
  work: Work,
  input: WhichUser & {
    readonly roles: readonly Role[];
    readonly grants?: readonly Scope[] | null | undefined;
    readonly expectedVersion?: number | null | undefined;
  },
): Promise<ChangedStanding> {
  const { userId, venueId, expectedVersion } = input;
  const roles = parseRoles(input.roles);
  const named = input.grants == null ? null : parseGrants(input.grants, roles);
  const user = await getUserForChange(work, input);
  if (!canGovernUsers(work.actor, venueId)) throw new NotOwnerError('change the roles of this user');
  if (expectedVersion != null && expectedVersion !== user.version)
    throw new VersionConflictError(user.version);
  const grants = named ?? grantsKept(user.grants, roles);
  const added = grants.filter((scope) => !user.grants.includes(scope));
  refuseGrantingMore(work.actor, added);
  if (String(roles) === String(user.roles) && String(grants) === String(user.grants))
    return { user, endedSessions: [] };

  await replaceRoles(work.tx, { userId, venueId, roles, grants });
  await countChange(work.tx, userId);
  work.emit({ type: 'auth.roles-changed', venueId, userId, roles, grants });
  const endedSessions =
    roles.length === 0
      ? await endSessions(work, { userId, which: { at: venueId }, reason: 'ROLES_REMOVED' })
      : [];
  return { user: { ...user, roles, grants, version: user.version + 1 }, endedSessions };
}

/** Nobody grants what he may not himself. @throws PermissionDeniedError */
function refuseGrantingMore(actor: Actor, grants: readonly Scope[]): void {
  const own = grantableScopesOf(actor);
  const foreign = grants.find((scope) => !own.has(scope));
  if (foreign) throw new PermissionDeniedError(`grant ${foreign}, which you do not have`);
}

/**
 * Shuts an account, at every venue: its sessions end, nobody signs in to it, and what was mailed to change its
 * address or password stays void when it is open again.
 *
 * @throws NotFoundError, LastAdminError
 * @throws NotOwnerError unless the actor governs the users of its home venue
 * @throws ValidationError for a reason that is none, and for oneself
 */
export async function lockUser(
  work: Work,
  input: WhichUser & { readonly reason: string },
): Promise<ChangedStanding> {
  const { userId } = input;
  const reason = parseReason(input.reason);
  const user = await getUserForChange(work, input);
  if (!canGovernUsers(work.actor, user.homeVenueId)) throw new NotOwnerError('lock this account');
  if (isSelf(work.actor, user))
    throw new ValidationError('Nobody locks his own account.', { field: 'userId' });
  if (user.status === 'LOCKED') return { user, endedSessions: [] };

  await updateUserStatus(work.tx, userId, 'LOCKED');
  const purposes = ['RESET_PASSWORD', 'CHANGE_EMAIL'] as const;
  await voidAccountTokens(work.tx, { userId, purposes, at: work.now });
  work.emit({ type: 'auth.user-locked', venueId: user.homeVenueId, userId, reason });
  const endedSessions = await endSessions(work, { userId, which: 'all', reason: 'USER_LOCKED' });
  return { user: { ...user, status: 'LOCKED', version: user.version + 1 }, endedSessions };
}

/**
 * Opens an account again, and lifts what wrong sign-ins have locked out. The sessions that ended stay over.
 *
 * @throws NotFoundError, ValidationError for an account that is gone
 * @throws NotOwnerError unless the actor governs the users of its home venue
 */
export async function unlockUser(work: Work, input: WhichUser): Promise<User> {
  const { userId } = input;
  const user = await getUserForChange(work, input);
  if (!canGovernUsers(work.actor, user.homeVenueId)) throw new NotOwnerError('unlock this account');
  const hadFailures = await clearFailures(work, userId);
  if (user.status === 'ACTIVE' && !hadFailures) return user;
  work.emit({ type: 'auth.user-unlocked', venueId: user.homeVenueId, userId });
  if (user.status === 'ACTIVE') return user;
  await updateUserStatus(work.tx, userId, 'ACTIVE');
  return { ...user, status: 'ACTIVE', version: user.version + 1 };
}

/** The user as he stands until the transaction ends. @throws NotFoundError, ValidationError when the account is gone */
async function getUserForChange(work: Work, { userId, venueId }: WhichUser): Promise<User> {
  await lockUserRow(work.tx, userId);
  const user = await findUser(work.tx, { userId, venueId, isGuestToo: work.actor.kind === 'system' });
  if (!user || !canSeeUser(work.actor, user)) throw new NotFoundError('user');
  if (user.status === 'DELETED') throw new ValidationError('This account was deleted.');
  return user;
}
