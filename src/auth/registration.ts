import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ANONYMOUS } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import { type AccountMail, requestMail } from './account-mail-service.ts';
import { type PasswordPolicy, parseNewPassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type ClientTrace, originOf } from './session.ts';
import { parseUserIdentity, type User } from './user.ts';
import { createUser } from './user-service.ts';
import { findDefaultVenue, findNamedVenue } from './venue-store.ts';

export interface RegisterUser {
  readonly email: string;
  readonly password: string;
  readonly username?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  /** A venue's slug; without it the default venue is meant. */
  readonly venue?: string | null | undefined;
}

/** What registering takes. */
export interface RegistrationParts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly hasher: PasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly mail: AccountMail;
}

/**
 * Makes an account with the role PLAYER, and has a mail sent that shows whose the address is.
 *
 * @throws ValidationError, WeakPasswordError, EmailTakenError, UsernameTakenError, TimeoutError
 * @throws NotFoundError when there is no such venue
 */
export async function registerUser(
  { db, runWork, hasher, passwordPolicy, mail }: RegistrationParts,
  input: RegisterUser,
  client: ClientTrace,
): Promise<User> {
  const identity = parseUserIdentity(input);
  const password = parseNewPassword(input.password, identity, passwordPolicy);
  const venue = input.venue == null ? await findDefaultVenue(db) : await findNamedVenue(db, input.venue);
  if (!venue) throw new NotFoundError('venue');
  const passwordHash = await hasher.hash(password);
  const newUser = {
    ...identity,
    venueId: venue.id,
    roles: ['PLAYER'],
    passwordHash,
    isEmailVerified: false,
  } as const;
  const user = await runWork(
    ANONYMOUS,
    async (work) => {
      const created = await createUser(work, newUser);
      if (mail.mailroom.isOpen) await requestMail(work, { purpose: 'VERIFY_EMAIL', email: created.email });
      return created;
    },
    originOf(client),
  );
  mail.requested();
  return user;
}
