import type { Actor, Role } from '../lib/actor.ts';
import { PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import { type PasswordPolicy, parseNewPassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { canGovernUsers } from './policy.ts';
import { type ClientTrace, originOf } from './session.ts';
import { makeTemporaryPassword } from './temporary-password.ts';
import { parseUserIdentity, type User } from './user.ts';
import { createUser } from './user-service.ts';
import { parseRoles } from './user-standing.ts';

/** An account that somebody makes for somebody else. */
export interface CreateAccount {
  readonly email: string;
  readonly username?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  /** Made here when there is none. */
  readonly password?: string | null | undefined;
  /** The home venue, where it has `roles`: at least one. */
  readonly venueId: string;
  readonly roles: readonly Role[];
  readonly mustChangePassword: boolean;
}

export interface CreatedAccount {
  readonly user: User;
  /** The one that was made here; nothing keeps it. */
  readonly temporaryPassword: string | null;
}

/** What making an account for somebody else takes. */
export interface AccountCreationParts {
  readonly runWork: RunWork;
  readonly hasher: PasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
}

/**
 * Makes an account for somebody else, whose address counts as verified: whoever makes it answers for it.
 *
 * @throws PermissionDeniedError unless the actor governs the users of the venue
 * @throws ValidationError, WeakPasswordError, EmailTakenError, UsernameTakenError, TimeoutError
 */
export async function createAccount(
  { runWork, hasher, passwordPolicy }: AccountCreationParts,
  {
    actor,
    input,
    client,
  }: { readonly actor: Actor; readonly input: CreateAccount; readonly client: ClientTrace },
): Promise<CreatedAccount> {
  const { venueId, mustChangePassword } = input;
  if (!canGovernUsers(actor, venueId)) throw new PermissionDeniedError('make users of this venue');
  const identity = parseUserIdentity(input);
  const roles = parseRoles(input.roles);
  if (roles.length === 0) throw new ValidationError('A user has at least one role.', { field: 'roles' });
  const temporaryPassword = input.password == null ? makeTemporaryPassword() : null;
  // The floor is for what people think up: a random password is as good as it is long.
  const password = temporaryPassword ?? parseNewPassword(input.password ?? '', identity, passwordPolicy);
  const passwordHash = await hasher.hash(password);
  const account = { ...identity, venueId, roles, passwordHash, mustChangePassword, isEmailVerified: true };
  const user = await runWork(actor, (work) => createUser(work, account), originOf(client));
  return { user, temporaryPassword };
}
