/** What is guessed at. Failures of one kind do not count against another. */
export type AttemptKind = 'PASSWORD' | 'SECOND_FACTOR' | 'PAIRING_CODE';

/** How far a lock reaches: to one address, or to everybody who tries this subject. */
export type LockScope = 'ADDRESS' | 'ACCOUNT';

/** One try at something that can be guessed. */
export interface Attempt {
  readonly kind: AttemptKind;
  /** What was tried, in whatever case: an account, a sign-in name that nobody has, the number of a device. */
  readonly subject: string;
  /** Where it came from; null when that is not known. */
  readonly address: string | null | undefined;
}

/** Why a try failed, for the log. The caller is never told. */
export type FailureReason =
  | 'UNKNOWN_ACCOUNT'
  | 'WRONG_PASSWORD'
  /** The password was right; the account is closed, or has no role at the venue. */
  | 'NOT_ADMITTED'
  | 'WRONG_SECOND_FACTOR'
  | 'UNKNOWN_DEVICE'
  | 'WRONG_PAIRING_CODE';

export interface LockOutPolicy {
  /** How many failures within the window lock. */
  readonly failures: number;
  /** How long a failure counts, and how long a lock lasts. */
  readonly windowMs: number;
  /** From how many addresses failures must come to lock the account for all of them (RULES 48). */
  readonly addresses: number;
}

export const DEFAULT_LOCK_OUT: LockOutPolicy = { failures: 5, windowMs: 15 * 60_000, addresses: 3 };

/** The failures that count when one is added, itself among them. */
export interface FailureCount {
  /** From the address it came from. */
  readonly fromAddress: number;
  readonly inAll: number;
  /** Different addresses. */
  readonly addresses: number;
}

/** The lock that a failure brings about, null when there may be more. The wider one wins. */
export function lockAfter(
  { fromAddress, inAll, addresses }: FailureCount,
  policy: LockOutPolicy,
): LockScope | null {
  if (inAll >= policy.failures && addresses >= policy.addresses) return 'ACCOUNT';
  return fromAddress >= policy.failures ? 'ADDRESS' : null;
}
