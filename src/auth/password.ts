import { isCommonPassword } from './common-passwords.ts';
import { WeakPasswordError } from './errors.ts';

/** What a password is refused for. There are no rules of composition (NIST 800-63B). */
export type PasswordRule = 'TOO_SHORT' | 'TOO_LONG' | 'COMMON' | 'CONTAINS_IDENTITY' | 'UNCHANGED';

/** How many characters (code points) a password has at least, after normalisation. */
export interface PasswordPolicy {
  /** Of an account that asks for a code besides. */
  readonly minLengthWithCode: number;
  /** Of one that nothing else guards. */
  readonly minLengthAlone: number;
}

export const DEFAULT_MIN_PASSWORD_LENGTH = 12;
export const DEFAULT_PASSWORD_POLICY: PasswordPolicy = {
  minLengthWithCode: DEFAULT_MIN_PASSWORD_LENGTH,
  minLengthAlone: DEFAULT_MIN_PASSWORD_LENGTH,
};

/** NIST 800-63B-4 for a password that is the only thing asked for. */
const NIST_MIN_LENGTH_ALONE = 15;

/** `default` has one floor for everybody; `nist` a higher one for whoever has no second factor. */
export function passwordPolicy(kind: 'default' | 'nist', minLength: number): PasswordPolicy {
  const minLengthAlone = kind === 'nist' ? Math.max(minLength, NIST_MIN_LENGTH_ALONE) : minLength;
  return { minLengthWithCode: minLength, minLengthAlone };
}

/** In characters after normalisation. */
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
  /** Whether sign-ins ask for a code besides. Default: no, as for an account that is new. */
  readonly hasSecondFactor?: boolean;
}

/**
 * A password somebody chooses, normalised.
 *
 * @throws WeakPasswordError
 */
export function parseNewPassword(password: string, owner: PasswordOwner, policy: PasswordPolicy): string {
  const minLength = owner.hasSecondFactor ? policy.minLengthWithCode : policy.minLengthAlone;
  const weak = (failedRules: readonly PasswordRule[]) => new WeakPasswordError({ failedRules, minLength });
  const normal = normalizePassword(password);
  if (normal === null) throw weak(['TOO_LONG']);
  const failedRules: PasswordRule[] = [];
  if (lengthOf(normal) < minLength) failedRules.push('TOO_SHORT');
  if (isCommonPassword(normal)) failedRules.push('COMMON');
  if (containsIdentity(normal, owner)) failedRules.push('CONTAINS_IDENTITY');
  if (owner.currentPassword !== undefined && normalizePassword(owner.currentPassword) === normal)
    failedRules.push('UNCHANGED');
  if (failedRules.length > 0) throw weak(failedRules);
  return normal;
}

/**
 * Whether a password that a code was asked for besides does without one.
 *
 * @throws WeakPasswordError where the policy let it be shorter because of the code
 */
export function refuseTooShortAlone(
  password: string,
  { minLengthAlone, minLengthWithCode }: PasswordPolicy,
): void {
  if (minLengthAlone === minLengthWithCode) return;
  const normal = normalizePassword(password);
  if (normal !== null && lengthOf(normal) < minLengthAlone)
    throw new WeakPasswordError({ failedRules: ['TOO_SHORT'], minLength: minLengthAlone });
}

const lengthOf = (text: string) => [...text].length;

function containsIdentity(password: string, { email, username }: PasswordOwner): boolean {
  const text = password.toLowerCase();
  const [localPart = ''] = email.split('@');
  return [email, localPart, username ?? '']
    .map((name) => name.trim().toLowerCase())
    .some((name) => name.length >= MIN_IDENTITY_LENGTH && text.includes(name));
}
