import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import { isGuessable } from './guessable-password.ts';
import { normalizePassword, type PasswordPolicy } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { markPasswordGuessable } from './password-store.ts';
import { createUser } from './user-service.ts';
import { isAnybodyAdmin } from './user-standing-store.ts';
import type { NewVenue } from './venue.ts';
import { createVenue } from './venue-service.ts';
import { findDefaultVenue } from './venue-store.ts';

/** Who may do everything in an installation where nobody may do anything yet. */
export interface FirstAdmin {
  readonly username: string;
  readonly email: string;
  /** However weak: it is good for choosing another. */
  readonly password: string;
  /** His home, in an installation without a venue. */
  readonly venue: NewVenue;
}

/**
 * Makes the first ADMIN, at the oldest venue or at a new one, unless there is an ADMIN anywhere.
 * Answers whether it did. Any number of processes may do it at once.
 *
 * @throws UsernameTakenError, EmailTakenError, ValidationError, TimeoutError
 */
export async function createFirstAdmin(
  {
    db,
    runWork,
    hasher,
    passwordPolicy,
  }: {
    readonly db: Kysely<Database>;
    readonly runWork: RunWork;
    readonly hasher: PasswordHasher;
    /** What a password is judged by; a weak one is taken and written down as such. */
    readonly passwordPolicy: PasswordPolicy;
  },
  { username, email, password, venue }: FirstAdmin,
): Promise<boolean> {
  if (await isAnybodyAdmin(db)) return false;
  const normal = normalizePassword(password);
  if (normal === null) throw new ValidationError('The password is too long.');
  const passwordHash = await hasher.hash(normal);
  return await runWork(system('first-admin'), async (work) => {
    // Another process may be at it: the second waits here, and then finds what the first did.
    await sql`select pg_advisory_xact_lock(hashtext('first-admin'))`.execute(work.tx);
    if (await isAnybodyAdmin(work.tx)) return false;
    const { id: venueId } = (await findDefaultVenue(work.tx)) ?? (await createVenue(work, venue));
    const { id } = await createUser(work, {
      username,
      email,
      venueId,
      roles: ['ADMIN'],
      passwordHash,
      mustChangePassword: true,
      // Whoever sets up the installation answers for it.
      isEmailVerified: true,
    });
    if (isGuessable(password, { username, email }, passwordPolicy)) await markPasswordGuessable(work.tx, id);
    return true;
  });
}
