import { createHmac, hkdfSync } from 'node:crypto';
import { networkOf } from '../lib/network.ts';
import type { Work } from '../work.ts';
import { AccountLockedError } from './errors.ts';
import { type Attempt, type FailureReason, type LockOutPolicy, lockAfter } from './lock-out.ts';
import {
  type AttemptKey,
  countFailures,
  deleteFailures,
  deleteFailuresOfUser,
  findLock,
  insertFailure,
  lockSubject,
} from './lock-out-store.ts';
import { forgetWrongCodes } from './second-factor-store.ts';

/** What the log is told of a failure. */
export interface Failure {
  /** Whose account it is; null when there is none. */
  readonly userId: string | null;
  /** Which device was meant, where it is one. */
  readonly deviceId?: string | undefined;
  /** Where it goes on record. */
  readonly venueId: string;
  readonly reason: FailureReason;
}

/**
 * Counts wrong guesses, the same on every process. Who guesses calls `check` before any costly
 * work, and `fail` or `pass` when he knows how it came out; a guess whose outcome was reached while
 * others locked the subject is not answered.
 */
export interface LockOut {
  /** @throws AccountLockedError while the subject is locked for this address */
  check(work: Work, attempt: Attempt): Promise<void>;
  /**
   * Puts a wrong guess on record. It does not throw, because what it writes must stay: when the
   * subject is locked already nothing is counted, and the caller throws what is given back after
   * the Work; null lets him say what was wrong.
   */
  fail(work: Work, attempt: Attempt, failure: Failure): Promise<AccountLockedError | null>;
  /**
   * Forgets the failures from this address after a right guess.
   *
   * @throws AccountLockedError when the subject was locked meanwhile
   */
  pass(work: Work, attempt: Attempt): Promise<void>;
}

const DIGEST_KEY_BYTES = 32;

/** @param options.secretKey the same on every process; with another one, counting begins anew */
export function createLockOut({
  secretKey,
  policy,
}: {
  readonly secretKey: string | Uint8Array;
  readonly policy: LockOutPolicy;
}): LockOut {
  const digestKey = Buffer.from(hkdfSync('sha256', secretKey, '', 'floorwire/lock-out/1', DIGEST_KEY_BYTES));
  const since = ({ now }: Work) => new Date(now.getTime() - policy.windowMs);

  function keyOf({ kind, subject, address }: Attempt): AttemptKey {
    const digest = createHmac('sha256', digestKey).update(`${kind}:${subject.trim().toLowerCase()}`).digest();
    return { kind, digest, address: networkOf(address) };
  }

  async function lockOf(work: Work, key: AttemptKey): Promise<AccountLockedError | null> {
    const lockedAt = await findLock(work.tx, key, since(work));
    if (!lockedAt) return null;
    const until = new Date(lockedAt.getTime() + policy.windowMs);
    return new AccountLockedError({ until, retryAfterMs: until.getTime() - work.now.getTime() });
  }

  return {
    async check(work, attempt) {
      const locked = await lockOf(work, keyOf(attempt));
      if (locked) throw locked;
    },
    async fail(work, attempt, { userId, deviceId, venueId, reason }) {
      const key = keyOf(attempt);
      await lockSubject(work.tx, key);
      const locked = await lockOf(work, key);
      if (locked) return locked;
      const at = work.now;
      const before = await countFailures(work.tx, key, since(work));
      const isNewAddress = key.address !== null && before.fromAddress === 0;
      const count = {
        fromAddress: before.fromAddress + 1,
        inAll: before.inAll + 1,
        addresses: before.addresses + (isNewAddress ? 1 : 0),
      };
      const locks = lockAfter(count, policy);
      await insertFailure(work.tx, { key, userId, at, locks });
      const subject = { userId, ...(deviceId !== undefined && { deviceId }) };
      work.emit({ type: 'auth.sign-in-failed', venueId, ...subject, reason });
      if (locks)
        work.emit({ type: 'auth.account-locked-out', venueId, ...subject, kind: key.kind, scope: locks });
      return null;
    },
    async pass(work, attempt) {
      const key = keyOf(attempt);
      await lockSubject(work.tx, key);
      const locked = await lockOf(work, key);
      if (locked) throw locked;
      await deleteFailures(work.tx, key);
    },
  };
}

/**
 * Lifts every lock-out of a user, of his second factor too, for an administrator who unlocks the account.
 * Answers whether anything had failed.
 */
export async function clearFailures(work: Work, userId: string): Promise<boolean> {
  const failures = await deleteFailuresOfUser(work.tx, userId);
  const hadWrongCodes = await forgetWrongCodes(work.tx, userId);
  return failures > 0 || hadWrongCodes;
}
