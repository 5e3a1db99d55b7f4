import type { UserActor } from '../lib/actor.ts';
import { type DomainError, NotFoundError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import {
  AccountLockedError,
  InvalidCredentialsError,
  SecondFactorEnabledError,
  SecondFactorWrongError,
} from './errors.ts';
import { lockOwnSession } from './own-credentials.ts';
import { recoveryCodeHash } from './recovery-code.ts';
import type { Sealer } from './sealing.ts';
import { restOf, type StoredSecondFactor } from './second-factor.ts';
import {
  deleteSecondFactor,
  enableSecondFactor,
  lockSecondFactor,
  markStepUsed,
  putPendingSecondFactor,
  recordWrongCode,
  useRecoveryCode,
} from './second-factor-store.ts';
import { endSessions } from './session-service.ts';
import { stepOfCode } from './totp.ts';
import { type Credentials, lockSignInUser } from './user-store.ts';

/** What came of a code. A refusal is an outcome and no error: that it was counted must stay. */
export type CodeOutcome = { readonly kind: 'right' } | CodeRefusal;
export type ConfirmOutcome =
  | { readonly kind: 'confirmed'; readonly endedSessions: readonly string[] }
  | CodeRefusal;

export type CodeRefusal =
  | { readonly kind: 'wrong' }
  /** No code of the app is looked at. */
  | { readonly kind: 'locked'; readonly until: Date; readonly retryAfterMs: number };

/** The refusal as it is thrown after the Work. */
export function refusalOf(refusal: CodeRefusal): DomainError {
  return refusal.kind === 'wrong' ? new SecondFactorWrongError() : new AccountLockedError(refusal);
}

export interface ShownCode {
  /** Of the app, or a recovery code. */
  readonly code: string;
  readonly userId: string;
  /** Whose log tells of it. */
  readonly venueId: string;
}

/**
 * Compares a code with the second factor of a user and uses it up. Each is taken once, also when it
 * comes many times at once: the row is locked before anything is compared.
 *
 * Null when sign-ins of the user ask for no code.
 */
export async function takeCode(work: Work, sealer: Sealer, shown: ShownCode): Promise<CodeOutcome | null> {
  const { userId, venueId, code } = shown;
  const factor = await lockSecondFactor(work.tx, userId);
  if (!factor || factor.enabledAt === null) return null;

  const recoveryHash = recoveryCodeHash(code);
  if (recoveryHash) {
    const codesLeft = await useRecoveryCode(work.tx, userId, { hash: recoveryHash, at: work.now });
    if (codesLeft === null) return lockOf(factor, work.now) ?? (await refuse(work, shown, factor));
    work.emit({ type: 'auth.recovery-code-used', venueId, userId, codesLeft });
    return { kind: 'right' };
  }
  const outcome = await compareWithApp(work, sealer, { shown, factor });
  if (outcome.kind !== 'right') return outcome;
  await markStepUsed(work.tx, userId, outcome.step);
  return { kind: 'right' };
}

/** @throws InvalidCredentialsError when the password is no longer the actor's, SecondFactorEnabledError */
export async function enrollSecondFactor(
  work: Work,
  actor: UserActor,
  { credentials, secretEncrypted }: { credentials: Credentials; secretEncrypted: Buffer },
): Promise<void> {
  const { userId, venueId } = actor;
  if (!(await lockSignInUser(work.tx, venueId, credentials))) throw new InvalidCredentialsError();
  const isPending = await putPendingSecondFactor(work.tx, { userId, secretEncrypted, at: work.now });
  if (!isPending) throw new SecondFactorEnabledError();
  work.emit({ type: 'auth.second-factor-enrolled', venueId, userId });
}

/**
 * Makes sign-ins of the actor ask for the factor whose code this is. His other sessions end, because
 * they were opened with the password alone: answers which.
 *
 * @throws NotFoundError when no secret waits for its first code
 * @throws SessionRevokedError when his session has ended: its owner, who ended it, would be asked for a code of the thief
 */
export async function confirmSecondFactor(
  work: Work,
  sealer: Sealer,
  { actor, code, codeHashes }: { actor: UserActor; code: string; codeHashes: readonly Buffer[] },
): Promise<ConfirmOutcome> {
  const { userId, venueId, sessionId } = actor;
  // A sign-in under way holds the account too: it is over before this and its session ends here, or it asks for a code.
  await lockOwnSession(work, actor);
  const factor = await lockSecondFactor(work.tx, userId);
  if (!factor || factor.enabledAt !== null)
    throw new NotFoundError('second factor that waits for its first code');
  const outcome = await compareWithApp(work, sealer, { shown: { code, userId, venueId }, factor });
  if (outcome.kind !== 'right') return outcome;
  await enableSecondFactor(work.tx, userId, { step: outcome.step, codeHashes, at: work.now });
  work.emit({ type: 'auth.second-factor-confirmed', venueId, userId });
  const reason = 'SECOND_FACTOR_ENABLED';
  const endedSessions = await endSessions(work, { userId, which: { except: sessionId }, reason });
  return { kind: 'confirmed', endedSessions };
}

/** @throws InvalidCredentialsError when the password is no longer the actor's, NotFoundError when there is none */
export async function disableSecondFactor(
  work: Work,
  sealer: Sealer,
  { actor, credentials, code }: { actor: UserActor; credentials: Credentials; code: string },
): Promise<CodeOutcome> {
  const { userId, venueId } = actor;
  if (!(await lockSignInUser(work.tx, venueId, credentials))) throw new InvalidCredentialsError();
  const outcome = await takeCode(work, sealer, { code, userId, venueId });
  if (!outcome) throw new NotFoundError('second factor');
  if (outcome.kind !== 'right') return outcome;
  await deleteSecondFactor(work.tx, userId);
  work.emit({ type: 'auth.second-factor-disabled', venueId, userId });
  return outcome;
}

/** Whose step the code of an app is of: one that no code was taken of yet, nor of any later one. */
async function compareWithApp(
  work: Work,
  sealer: Sealer,
  { shown, factor }: { shown: ShownCode; factor: StoredSecondFactor },
): Promise<{ readonly kind: 'right'; readonly step: number } | CodeRefusal> {
  const locked = lockOf(factor, work.now);
  if (locked) return locked;
  const step = stepOfCode(bare(shown.code), sealer.open(factor.secretEncrypted, shown.userId), work.now);
  if (step === null || step <= (factor.lastStep ?? 0)) return await refuse(work, shown, factor);
  return { kind: 'right', step };
}

/** Whoever guesses meanwhile learns nothing more, and does not make it longer. */
function lockOf(factor: StoredSecondFactor, now: Date): CodeRefusal | null {
  const retryAfterMs = restOf(factor, now);
  if (retryAfterMs === 0) return null;
  return { kind: 'locked', until: new Date(now.getTime() + retryAfterMs), retryAfterMs };
}

async function refuse(work: Work, shown: ShownCode, factor: StoredSecondFactor): Promise<CodeRefusal> {
  const { userId, venueId } = shown;
  const failures = factor.failures + 1;
  await recordWrongCode(work.tx, userId, { failures, at: work.now });
  work.emit({ type: 'auth.second-factor-failed', venueId, userId, failuresInARow: failures });
  if (lockOf({ ...factor, failures, failedAt: work.now }, work.now))
    work.emit({ type: 'auth.account-locked-out', venueId, userId, kind: 'SECOND_FACTOR', scope: 'ACCOUNT' });
  return { kind: 'wrong' };
}

/** As apps show it: `123 456`. */
const bare = (code: string): string => code.replace(/\s/g, '');
