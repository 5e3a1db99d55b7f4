import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ANONYMOUS } from '../lib/actor.ts';
import { TimeoutError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import { findOwnCredentials } from './own-credentials-store.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { rewritePasswordHash } from './password-store.ts';
import type { Credentials } from './user-store.ts';

/** What writing a hash anew takes. */
export interface RehashingParts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly hasher: PasswordHasher;
}

/**
 * Writes the hash of a password that was right a moment ago anew where it is cheaper than hashes are by
 * now. The password stays what it is, so nothing is announced. Answers the credentials as they are then;
 * null when they became others meanwhile.
 *
 * @throws TimeoutError
 */
export async function strengthenHash(
  { db, runWork, hasher }: RehashingParts,
  credentials: Credentials,
  password: string,
): Promise<Credentials | null> {
  const { userId, passwordHash: from } = credentials;
  if (!hasher.needsRehash(from)) return credentials;
  const to = await hashUnlessBusy(hasher, password);
  if (to === null) return credentials;
  const isWritten = await runWork(ANONYMOUS, ({ tx }) => rewritePasswordHash(tx, userId, { from, to }));
  if (isWritten) return { ...credentials, passwordHash: to };
  // Another sign-in did the same just now, or the password was changed: only comparing tells.
  const current = await findOwnCredentials(db, userId);
  return current && (await hasher.verify(current.passwordHash, password)) ? current : null;
}

/** Null when too many wait already: the next sign-in will do, and this one is not refused for it. */
async function hashUnlessBusy(hasher: PasswordHasher, password: string): Promise<string | null> {
  try {
    return await hasher.hash(password);
  } catch (error) {
    if (error instanceof TimeoutError) return null;
    throw error;
  }
}
