import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { InvalidCredentialsError } from './errors.ts';
import type { Attempt } from './lock-out.ts';
import { makeOpaqueToken } from './opaque-token.ts';
import type { ClientTrace } from './session.ts';
import type { NewSession } from './session-service.ts';
import type { SignInParts } from './sign-in.ts';
import { openOrChallenge, type SignInOutcome } from './sign-in-challenge-service.ts';
import type { Credentials } from './user-store.ts';

/** A session that is about to be opened, and what its client alone is told. */
export interface Opening {
  readonly session: Omit<NewSession, 'venueId' | 'credentials'>;
  /** Of `challenge`, which is given instead of the session where a code is asked for besides. */
  readonly challengeHash: Buffer;
  readonly challenge: string;
  readonly refreshToken: string;
}

/** Before its Work, which may run several times and opens the same session each time. */
export function prepareOpening(
  { sessionTtlSeconds }: Pick<SignInParts, 'sessionTtlSeconds'>,
  client: ClientTrace,
): Opening {
  const { token: refreshToken, hash: refreshTokenHash } = makeOpaqueToken();
  const { token: challenge, hash: challengeHash } = makeOpaqueToken();
  const session = { id: newId(), lifetimeSeconds: sessionTtlSeconds, client, refreshTokenHash };
  return { session, challengeHash, challenge, refreshToken };
}

/** Whom to admit: somebody who has shown who he is, whichever way. */
export interface Admission {
  readonly opening: Opening;
  readonly attempt: Attempt;
  readonly credentials: Pick<Credentials, 'userId' | 'passwordHash'>;
  readonly venueId: string;
}

/**
 * Opens his session, or keeps a challenge when his account asks for a code besides. Null for an account that
 * may not sign in, or not there: the caller puts that on record as a failure.
 *
 * @throws EmailNotVerifiedError when that is asked for
 * @throws AccountLockedError when the account was locked out meanwhile
 */
export async function admit(
  work: Work,
  { lockOut, requireVerifiedEmail }: Pick<SignInParts, 'lockOut' | 'requireVerifiedEmail'>,
  { opening: { session, challengeHash }, attempt, ...who }: Admission,
): Promise<SignInOutcome | null> {
  try {
    const { credentials, venueId } = who;
    const outcome = await openOrChallenge(
      work,
      { ...session, venueId, credentials },
      { challengeHash, requireVerifiedEmail },
    );
    await lockOut.pass(work, attempt);
    return outcome;
  } catch (error) {
    if (error instanceof InvalidCredentialsError) return null;
    throw error;
  }
}
