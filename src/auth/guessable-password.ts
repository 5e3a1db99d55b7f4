import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { WeakPasswordError } from './errors.ts';
import { type PasswordOwner, type PasswordPolicy, parseNewPassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { listGivenPasswords } from './password-store.ts';

/** What examples and habit give a first ADMIN, for accounts of which nobody wrote down how good theirs is. */
const HABITUAL_PASSWORDS = ['admin123', 'admin', 'password', 'changeme'] as const;

/** Whether anybody hits on this password: it is none that its owner could choose. */
export function isGuessable(password: string, owner: PasswordOwner, policy: PasswordPolicy): boolean {
  try {
    parseNewPassword(password, owner, policy);
    return false;
  } catch (error) {
    if (error instanceof WeakPasswordError) return true;
    throw error;
  }
}

/**
 * The names of those who can sign in with a password that anybody hits on, because it was given to them and
 * they never chose another.
 *
 * @throws TimeoutError
 */
export async function listGuessableAccounts({
  db,
  hasher,
}: {
  readonly db: Kysely<Database>;
  readonly hasher: PasswordHasher;
}): Promise<readonly string[]> {
  const names: string[] = [];
  for (const { name, passwordHash, isGuessable } of await listGivenPasswords(db))
    if (isGuessable ?? (await isHabitual(hasher, { name, passwordHash }))) names.push(name);
  return names;
}

async function isHabitual(
  hasher: PasswordHasher,
  { name, passwordHash }: { readonly name: string; readonly passwordHash: string },
): Promise<boolean> {
  for (const password of new Set([...HABITUAL_PASSWORDS, name]))
    if (await hasher.verify(passwordHash, password)) return true;
  return false;
}
