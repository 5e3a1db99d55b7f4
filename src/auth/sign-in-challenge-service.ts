import type { Work } from '../work.ts';
import { EmailNotVerifiedError } from './errors.ts';
import type { Sealer } from './sealing.ts';
import { type CodeRefusal, takeCode } from './second-factor-service.ts';
import { findSecondFactor } from './second-factor-store.ts';
import { type NewSession, type OpenSession, openSession } from './session-service.ts';
import { CHALLENGE_SECONDS, CHALLENGE_TRIES, digestOf } from './sign-in-challenge.ts';
import { countTry, deleteChallenge, insertChallenge, lockChallenge } from './sign-in-challenge-store.ts';
import { lockSignInUser } from './user-store.ts';

/** What showing who one is leads to. */
export type SignInOutcome =
  | ({ readonly kind: 'opened' } & OpenSession)
  | { readonly kind: 'challenged'; readonly expiresAt: Date };

/** What showing who one is is not enough for. */
export interface SignInConditions {
  /** SHA-256 of the challenge that is kept when the account asks for a code besides. */
  readonly challengeHash: Buffer;
  readonly requireVerifiedEmail: boolean;
}

/**
 * Opens a session for somebody who showed who he is a moment ago, or keeps a challenge when his account
 * asks for a code besides.
 *
 * @throws InvalidCredentialsError as `openSession` does
 * @throws EmailNotVerifiedError when that is asked for
 */
export async function openOrChallenge(
  work: Work,
  session: NewSession,
  { challengeHash, requireVerifiedEmail }: SignInConditions,
): Promise<SignInOutcome> {
  const { venueId, credentials } = session;
  // Locked first, so that no factor is enabled between the question and the session.
  const user = await lockSignInUser(work.tx, venueId, credentials);
  const mayOpen = user !== null && user.roles.length > 0;
  if (mayOpen && requireVerifiedEmail && user.emailVerifiedAt === null) throw new EmailNotVerifiedError();
  const asksForCode = mayOpen && (await findSecondFactor(work.tx, user.id));
  if (!asksForCode) return { kind: 'opened', ...(await openSession(work, session)) };
  const expiresAt = new Date(work.now.getTime() + CHALLENGE_SECONDS * 1_000);
  await insertChallenge(work.tx, {
    hash: challengeHash,
    venueId,
    userId: user.id,
    passwordDigest: digestOf(credentials.passwordHash),
    tries: CHALLENGE_TRIES,
    at: work.now,
    expiresAt,
  });
  work.emit({ type: 'auth.second-factor-required', venueId, userId: user.id });
  return { kind: 'challenged', expiresAt };
}

/** What came of answering a challenge. */
export type ChallengeOutcome =
  | ({ readonly kind: 'opened' } & OpenSession)
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  | Extract<CodeRefusal, { kind: 'locked' }>
  /** Unknown, over, or of an account that is not what it was. */
  | { readonly kind: 'over' };

export interface ChallengeAnswer extends Omit<NewSession, 'venueId' | 'credentials'> {
  /** SHA-256 of the challenge. */
  readonly challengeHash: Buffer;
  readonly code: string;
}

/** Opens the session of a challenge with a code. A challenge is good for one session and few tries. */
export async function answerChallenge(
  work: Work,
  sealer: Sealer,
  { challengeHash, code, ...session }: ChallengeAnswer,
): Promise<ChallengeOutcome> {
  const challenge = await lockChallenge(work.tx, challengeHash, work.now);
  if (!challenge) return { kind: 'over' };
  const { venueId, credentials, triesLeft } = challenge;
  const outcome = await takeCode(work, sealer, { code, userId: credentials.userId, venueId });
  if (!outcome) return { kind: 'over' };
  if (outcome.kind === 'locked') return outcome;
  if (outcome.kind === 'wrong') {
    const { userId } = credentials;
    work.emit({ type: 'auth.sign-in-failed', venueId, userId, reason: 'WRONG_SECOND_FACTOR' });
    return { kind: 'wrong', triesLeft: await countTry(work.tx, challengeHash, triesLeft) };
  }
  await deleteChallenge(work.tx, challengeHash);
  return { kind: 'opened', ...(await openSession(work, { ...session, venueId, credentials })) };
}
