/** What its owner may know of a second factor that is asked for. */
export interface SecondFactor {
  readonly enabledAt: Date;
  readonly recoveryCodesLeft: number;
}

/** A second factor as it is kept. */
export interface StoredSecondFactor {
  /** Sealed, bound to the user. */
  readonly secretEncrypted: Buffer;
  /** Null while no code of it was shown. */
  readonly enabledAt: Date | null;
  /** The step of the last code that was taken. */
  readonly lastStep: number | null;
  /** Wrong codes in a row. */
  readonly failures: number;
  readonly failedAt: Date | null;
}

const FREE_FAILURES = 4;
const FIRST_REST_MS = 15 * 60_000;
const LONGEST_REST_MS = 24 * 60 * 60_000;

/**
 * How long no code of the app is looked at, zero when the next one is: fifteen minutes after the fifth
 * wrong one in a row, twice as long after each further, a day at most. So whoever has the password gets
 * about one guess a day, of a million. A recovery code is looked at all the same: nobody guesses one.
 */
export function restOf({ failures, failedAt }: StoredSecondFactor, now: Date): number {
  if (failures <= FREE_FAILURES || failedAt === null) return 0;
  const rest = Math.min(FIRST_REST_MS * 2 ** (failures - FREE_FAILURES - 1), LONGEST_REST_MS);
  return Math.max(failedAt.getTime() + rest - now.getTime(), 0);
}
