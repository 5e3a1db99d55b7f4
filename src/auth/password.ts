import { isCommonPassword } from './common-passwords.ts';
import { WeakPasswordError } from './errors.ts';

/** What a password is refused for. There are no rules of composition (NIST 800-63B). */
export type PasswordRule = 'TOO_SHORT' | 'TOO_LONG' | 'COMMON' | 'CONTAINS_IDENTITY' | 'UNCHANGED';

/** In characters (code points) after normalisation. */
export const MIN_PASSWORD_LENGTH = 12;
export const MAX_PASSWORD_LENGTH = 256;

/** NFKC may lengthen a text eighteen-fold, so the raw one is bounded first; in UTF-16 units. */
const MAX_RAW_LENGTH = 4 * MAX_PASSWORD_LENGTH;
/** Shorter names occur in good passwords by chance. */
const MIN_IDENTITY_LENGTH = 4;

/**
 * The text that is hashed: the same password typed on two keyboards is the same text.
 * Null when no password can be that long.
 */
export function normalizePassword(password: string): string | null {
  if (password.length > MAX_RAW_LENGTH) return null;
  const normal = password.normalize('NFKC');
  return lengthOf(normal) > MAX_PASSWORD_LENGTH ? null : normal;
}

/** Whose password it is to be. */
export interface PasswordOwner {
  /** What names the person, in whatever case. */
  readonly email: string;
  readonly username?: string | null | undefined;
  /** The password it replaces, when that is known. */
  readonly currentPassword?: string | undefined;
}

/**
 * A password somebody chooses, normalised.
 *
 * @throws WeakPasswordError
 */
export function parseNewPassword(password: string, owner: PasswordOwner): string {
  const normal = normalizePassword(password);
  if (normal === null) throw weak(['TOO_LONG']);
  const failedRules: PasswordRule[] = [];
  if (lengthOf(normal) < MIN_PASSWORD_LENGTH) failedRules.push('TOO_SHORT');
  if (isCommonPassword(normal)) failedRules.push('COMMON');
  if (containsIdentity(normal, owner)) failedRules.push('CONTAINS_IDENTITY');
  if (owner.currentPassword !== undefined && normalizePassword(owner.currentPassword) === normal)
    failedRules.push('UNCHANGED');
  if (failedRules.length > 0) throw weak(failedRules);
  return normal;
}

const weak = (failedRules: readonly PasswordRule[]) =>
  new WeakPasswordError({ failedRules, minLength: MIN_PASSWORD_LENGTH });

const lengthOf = (text: string) => [...text].length;

function containsIdentity(password: string, { email, username }: PasswordOwner): boolean {
  const text = password.toLowerCase();
  const [localPart = ''] = email.split('@');
  return [email, localPart, username ?? '']
    .map((name) => name.trim().toLowerCase())
    .some((name) => name.length >= MIN_IDENTITY_LENGTH && text.includes(name));
}
