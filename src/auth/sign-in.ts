import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ANONYMOUS } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { RunWork } from '../work.ts';
import {
  InvalidCredentialsError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SecondFactorRequiredError,
  SecondFactorWrongError,
  SignInChallengeInvalidError,
} from './errors.ts';
import { normalizePassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { makeRefreshToken, refreshTokenHash } from './refresh-token.ts';
import type { Sealer } from './sealing.ts';
import { type ClientTrace, originOf, type Session } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { type OpenSession, renewSession } from './session-service.ts';
import { challengeHash, makeChallenge } from './sign-in-challenge.ts';
import { answerChallenge, openOrChallenge } from './sign-in-challenge-service.ts';
import type { Tokens } from './token.ts';
import { readIdentifier, type User } from './user.ts';
import { findCredentials } from './user-store.ts';
import { findNamedVenue } from './venue-store.ts';

export interface SignIn {
  /** A username or an e-mail address, in any case. */
  readonly identifier: string;
  readonly password: string;
  /** A venue's slug; without it the user's home venue is meant. */
  readonly venue?: string | null | undefined;
}

export interface SignedIn {
  readonly accessToken: string;
  /** Good once, for the next pair of tokens. */
  readonly refreshToken: string;
  /** Of the access token. */
  readonly expiresAt: Date;
  readonly expiresInSeconds: number;
  readonly user: User;
  readonly session: Session;
}

/** What signing in takes. */
export interface SignInParts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly sessionTtlSeconds: number;
  readonly tokens: Tokens;
  readonly hasher: PasswordHasher;
  readonly sessions: SessionActors;
  /** Opens the secrets of second factors. */
  readonly sealer: Sealer;
}

/** The other half of a sign-in whose account asks for a code. */
export interface SecondStep {
  /** From SecondFactorRequiredError. */
  readonly challenge: string;
  /** Of the app, or a recovery code. */
  readonly code: string;
}

/**
 * @throws InvalidCredentialsError for anything that is wrong, after the same work
 * @throws SecondFactorRequiredError when all is right and the account asks for a code besides
 * @throws TimeoutError when too many sign in at once
 */
export async function login(parts: SignInParts, input: SignIn, client: ClientTrace): Promise<SignedIn> {
  const { db, runWork, sessionTtlSeconds, hasher } = parts;
  const password = normalizePassword(input.password);
  if (password === null) throw new InvalidCredentialsError();
  const identifier = readIdentifier(input.identifier);
  const credentials = identifier && (await findCredentials(db, identifier));
  // Asked in every case: how long the answer takes tells nothing.
  const isRight = await hasher.verify(credentials?.passwordHash ?? null, password);
  if (!credentials || !isRight) throw new InvalidCredentialsError();

  const venueId = input.venue == null ? credentials.homeVenueId : (await findNamedVenue(db, input.venue))?.id;
  if (venueId === undefined) throw new InvalidCredentialsError();
  const id = newId();
  const { refreshToken, hash } = makeRefreshToken();
  const step = makeChallenge();
  const outcome = await runWork(
    ANONYMOUS,
    (work) =>
      openOrChallenge(
        work,
        { id, venueId, credentials, lifetimeSeconds: sessionTtlSeconds, client, refreshTokenHash: hash },
        step.hash,
      ),
    originOf(client),
  );
  if (outcome.kind === 'challenged')
    throw new SecondFactorRequiredError({ challenge: step.challenge, expiresAt: outcome.expiresAt });
  return await signedIn(parts, outcome, refreshToken);
}

/** @throws SecondFactorWrongError, SignInChallengeInvalidError, InvalidCredentialsError when the role is gone */
export async function verifySecondFactor(
  parts: SignInParts,
  { challenge, code }: SecondStep,
  client: ClientTrace,
): Promise<SignedIn> {
  const { runWork, sealer, sessionTtlSeconds } = parts;
  const hash = challengeHash(challenge);
  if (!hash) throw new SignInChallengeInvalidError();
  const id = newId();
  const { refreshToken, hash: refreshTokenHash } = makeRefreshToken();
  const session = { id, lifetimeSeconds: sessionTtlSeconds, client, refreshTokenHash };
  const outcome = await runWork(
    ANONYMOUS,
    (work) => answerChallenge(work, sealer, { ...session, challengeHash: hash, code }),
    originOf(client),
  );
  if (outcome.kind === 'over') throw new SignInChallengeInvalidError();
  if (outcome.kind === 'wrong') throw new SecondFactorWrongError(outcome);
  return await signedIn(parts, outcome, refreshToken);
}

/** @throws RefreshTokenInvalidError, RefreshTokenReusedError, SessionRevokedError */
export async function refresh(parts: SignInParts, shown: string, client: ClientTrace): Promise<SignedIn> {
  const { runWork, sessions } = parts;
  const hash = refreshTokenHash(shown);
  if (!hash) throw new RefreshTokenInvalidError();
  const successor = makeRefreshToken();
  const renewal = await runWork(
    ANONYMOUS,
    (work) => renewSession(work, { hash, successorHash: successor.hash }),
    originOf(client),
  );
  if (renewal.kind === 'reused') {
    sessions.forget(renewal.sessionId);
    throw new RefreshTokenReusedError();
  }
  return await signedIn(parts, renewal, successor.refreshToken);
}

async function signedIn(
  { tokens }: SignInParts,
  { session, user }: OpenSession,
  refreshToken: string,
): Promise<SignedIn> {
  const { venueId, id: sessionId, expiresAt: sessionExpiresAt } = session;
  const subject = { userId: user.id, venueId, sessionId };
  const issued = await tokens.issue({ ...subject, roles: user.roles, sessionExpiresAt });
  return { ...issued, refreshToken, user, session };
}
