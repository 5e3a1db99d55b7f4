import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ANONYMOUS } from '../lib/actor.ts';
import { newId } from '../lib/ids.ts';
import type { RunWork } from '../work.ts';
import { InvalidCredentialsError, RefreshTokenInvalidError, RefreshTokenReusedError } from './errors.ts';
import { normalizePassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { makeRefreshToken, refreshTokenHash } from './refresh-token.ts';
import { type ClientTrace, originOf, type Session } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { type OpenSession, openSession, renewSession } from './session-service.ts';
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
}

/**
 * @throws InvalidCredentialsError for anything that is wrong, after the same work
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
  const opened = await runWork(
    ANONYMOUS,
    (work) =>
      openSession(work, {
        id,
        venueId,
        credentials,
        lifetimeSeconds: sessionTtlSeconds,
        client,
        refreshTokenHash: hash,
      }),
    originOf(client),
  );
  return await signedIn(parts, opened, refreshToken);
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
