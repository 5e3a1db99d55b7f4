import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ANONYMOUS, type Role } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { RunWork } from '../work.ts';
import { admit, type Opening, prepareOpening } from './admission.ts';
import {
  AccountLockedError,
  InvalidCredentialsError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SecondFactorRequiredError,
  SecondFactorWrongError,
  SignInChallengeInvalidError,
} from './errors.ts';
import type { Attempt, FailureReason } from './lock-out.ts';
import type { LockOut } from './lock-out-service.ts';
import { makeOpaqueToken, opaqueTokenHash } from './opaque-token.ts';
import { normalizePassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { strengthenHash } from './rehashing.ts';
import type { Sealer } from './sealing.ts';
import { type ClientTrace, originOf, type Session } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { type OpenSession, type RenewedSession, renewSession } from './session-service.ts';
import { answerChallenge, type SignInOutcome } from './sign-in-challenge-service.ts';
import type { Tokens } from './token.ts';
import { readIdentifier, type User } from './user.ts';
import { type Credentials, findCredentials } from './user-store.ts';
import { findDefaultVenue, findNamedVenue } from './venue-store.ts';

export interface SignIn {
  /** A username or an e-mail address, in any case. */
  readonly identifier: string;
  readonly password: string;
  /** A venue's slug; without it the user's home venue is meant. */
  readonly venue?: string | null | undefined;
}

/** A pair of tokens of one session. */
export interface SessionTokens {
  readonly accessToken: string;
  /** Good once, for the next pair of tokens. */
  readonly refreshToken: string;
  /** Of the access token. */
  readonly expiresAt: Date;
  readonly expiresInSeconds: number;
  readonly session: Session;
}

export interface SignedIn extends SessionTokens {
  readonly user: User;
}

/** The next pair of tokens, and whose they are. */
export type Renewed = SessionTokens & RenewedSession;

/** What signing in takes. */
export interface SignInParts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly sessionTtlSeconds: number;
  readonly tokens: Tokens;
  readonly hasher: PasswordHasher;
  readonly sessions: SessionActors;
  readonly lockOut: LockOut;
  /** Whether somebody has to have shown that his address is his before he signs in, or renews a session. */
  readonly requireVerifiedEmail: boolean;
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
 * Signs in by name and password. A name without an account is treated as one with: it costs the same
 * and is locked out the same. The names of one account are locked out together.
 *
 * @throws InvalidCredentialsError for anything that is wrong, after the same work
 * @throws AccountLockedError after too many wrong ones, before anything is compared
 * @throws EmailNotVerifiedError when all is right but that
 * @throws SecondFactorRequiredError when all is right and the account asks for a code besides
 * @throws TimeoutError when too many sign in at once
 */
export async function login(parts: SignInParts, input: SignIn, client: ClientTrace): Promise<SignedIn> {
  const { db, runWork, lockOut } = parts;
  const origin = originOf(client);
  const identifier = readIdentifier(input.identifier);
  const found = identifier && (await findCredentials(db, identifier));
  const attempt: Attempt = { kind: 'PASSWORD', subject: subjectOf(input, found), address: client.address };
  await runWork(ANONYMOUS, (work) => lockOut.check(work, attempt), origin);

  const { credentials, isRight } = await compared(parts, found, input.password);
  const venueId = await venueOf(db, input, credentials);
  const opening = prepareOpening(parts, client);
  const outcome = await runWork(
    ANONYMOUS,
    async (work) => {
      if (credentials && isRight && venueId !== null) {
        const admitted = await admit(work, parts, { opening, attempt, credentials, venueId });
        if (admitted) return admitted;
      }
      const recordAt = venueId ?? credentials?.homeVenueId ?? (await findDefaultVenue(work.tx))?.id;
      // Without a venue there is nobody yet who could sign in.
      if (recordAt === undefined) return null;
      const userId = credentials?.userId ?? null;
      const reason = reasonOf(credentials, isRight);
      return await lockOut.fail(work, attempt, { userId, venueId: recordAt, reason });
    },
    origin,
  );
  return await answerOf(parts, opening, outcome);
}

/**
 * What somebody is answered who was admitted, or was not.
 *
 * @param outcome of `admit`, or of `LockOut.fail` where that gave nothing
 * @throws SecondFactorRequiredError, InvalidCredentialsError, AccountLockedError
 */
export async function answerOf(
  parts: Pick<SignInParts, 'tokens'>,
  { challenge, refreshToken }: Opening,
  outcome: SignInOutcome | AccountLockedError | null,
): Promise<SignedIn> {
  if (outcome instanceof AccountLockedError) throw outcome;
  if (!outcome) throw new InvalidCredentialsError();
  if (outcome.kind === 'challenged')
    throw new SecondFactorRequiredError({ challenge, expiresAt: outcome.expiresAt });
  return await signedIn(parts, outcome, refreshToken);
}

/**
 * Failures count for an account, whichever of its names was typed, and for a name that nobody has. So each name by
 * itself behaves as any other. No name typed is the subject of anything else.
 */
const subjectOf = ({ identifier }: SignIn, found: Credentials | null): string =>
  found ? accountSubject(found.userId) : `name ${identifier.trim()}`;

/** What wrong guesses at an account count for. */
export const accountSubject = (userId: string): string => `account ${userId}`;

function reasonOf(credentials: Credentials | null, isRight: boolean): FailureReason {
  if (!credentials) return 'UNKNOWN_ACCOUNT';
  return isRight ? 'NOT_ADMITTED' : 'WRONG_PASSWORD';
}

/**
 * Whether the password is right, and the credentials a session is opened with. Asked in every case, so
 * that how long the answer takes tells nothing.
 */
async function compared(
  parts: SignInParts,
  credentials: Credentials | null,
  password: string,
): Promise<{ readonly credentials: Credentials | null; readonly isRight: boolean }> {
  const normal = normalizePassword(password);
  const isRight = normal !== null && (await parts.hasher.verify(credentials?.passwordHash ?? null, normal));
  if (!isRight || !credentials) return { credentials, isRight };
  const current = await strengthenHash(parts, credentials, normal);
  return { credentials: current ?? credentials, isRight: current !== null };
}

/** Where the sign-in leads; null when there is no such venue. */
async function venueOf(
  db: Kysely<Database>,
  { venue }: SignIn,
  credentials: Credentials | null,
): Promise<string | null> {
  if (venue == null) return credentials?.homeVenueId ?? null;
  return (await findNamedVenue(db, venue))?.id ?? null;
}

/**
 * @throws SecondFactorWrongError, SignInChallengeInvalidError
 * @throws AccountLockedError after too many wrong codes
 * @throws InvalidCredentialsError when the role is gone
 */
export async function verifySecondFactor(
  parts: SignInParts,
  { challenge, code }: SecondStep,
  client: ClientTrace,
): Promise<SignedIn> {
  const { runWork, sealer, sessionTtlSeconds } = parts;
  const hash = opaqueTokenHash(challenge);
  if (!hash) throw new SignInChallengeInvalidError();
  const id = newId();
  const { token: refreshToken, hash: refreshTokenHash } = makeOpaqueToken();
  const session = { id, lifetimeSeconds: sessionTtlSeconds, client, refreshTokenHash };
  const outcome = await runWork(
    ANONYMOUS,
    (work) => answerChallenge(work, sealer, { ...session, challengeHash: hash, code }),
    originOf(client),
  );
  if (outcome.kind === 'over') throw new SignInChallengeInvalidError();
  if (outcome.kind === 'locked') throw new AccountLockedError(outcome);
  if (outcome.kind === 'wrong') throw new SecondFactorWrongError(outcome.triesLeft);
  return await signedIn(parts, outcome, refreshToken);
}

/** @throws RefreshTokenInvalidError, RefreshTokenReusedError, SessionRevokedError, EmailNotVerifiedError */
export async function refresh(parts: SignInParts, shown: string, client: ClientTrace): Promise<Renewed> {
  const { runWork, sessions, requireVerifiedEmail } = parts;
  const hash = opaqueTokenHash(shown);
  if (!hash) throw new RefreshTokenInvalidError();
  const successor = makeOpaqueToken();
  const renewal = await runWork(
    ANONYMOUS,
    (work) => renewSession(work, { hash, successorHash: successor.hash, requireVerifiedEmail }),
    originOf(client),
  );
  if (renewal.kind === 'reused') {
    sessions.forget(renewal.sessionId);
    throw new RefreshTokenReusedError();
  }
  const { session, user, device } = renewal;
  const issued = await issueTokens(parts, { session, roles: user?.roles ?? ['DEVICE'] }, successor.token);
  return { ...issued, user, device };
}

async function signedIn(
  parts: Pick<SignInParts, 'tokens'>,
  { session, user }: OpenSession,
  refreshToken: string,
): Promise<SignedIn> {
  return { ...(await issueTokens(parts, { session, roles: user.roles }, refreshToken)), user };
}

/** An access token for the session beside the refresh token that was written down with it. */
export async function issueTokens(
  { tokens }: Pick<SignInParts, 'tokens'>,
  { session, roles }: { readonly session: Session; readonly roles: readonly Role[] },
  refreshToken: string,
): Promise<SessionTokens> {
  const { venueId, id: sessionId, expiresAt: sessionExpiresAt, holder } = session;
  const holderId = 'userId' in holder ? holder.userId : holder.deviceId;
  const issued = await tokens.issue({ holderId, venueId, sessionId, roles, sessionExpiresAt });
  return { ...issued, refreshToken, session };
}
