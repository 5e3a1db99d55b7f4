import type { JSONWebKeySet } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ANONYMOUS, type UserActor } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { RunWork } from '../work.ts';
import { InvalidCredentialsError, RefreshTokenInvalidError, RefreshTokenReusedError } from './errors.ts';
import { openKeyring, publicKeysOf } from './keyring.ts';
import { normalizePassword, parseNewPassword } from './password.ts';
import { createPasswordHasher, type HashingStatistics, type PasswordHasher } from './password-hasher.ts';
import { makeRefreshToken, refreshTokenHash } from './refresh-token.ts';
import type { ClientTrace, Session } from './session.ts';
import { createSessionActors, type SessionActors } from './session-actors.ts';
import { type OpenSession, openSession, renewSession } from './session-service.ts';
import { createTokens, type Tokens } from './token.ts';
import { parseUserIdentity, readIdentifier, type User } from './user.ts';
import { createUser } from './user-service.ts';
import { findCredentials } from './user-store.ts';
import { isVenueSlug, type Venue } from './venue.ts';
import { findDefaultVenue, findVenueBySlug } from './venue-store.ts';

export interface AuthOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  /** At least 32 characters or bytes of randomness; the same on every process. */
  readonly secretKey: string | Uint8Array;
  /** The URL of this installation, the `iss` of its tokens. */
  readonly issuer: string;
  readonly accessTokenTtlSeconds: number;
  /** From sign-in, however often it is renewed. */
  readonly sessionTtlSeconds: number;
  /** Default: the system's. */
  readonly clock?: () => Date;
}

export interface RegisterUser {
  readonly email: string;
  readonly password: string;
  readonly username?: string | null | undefined;
  readonly displayName?: string | null | undefined;
  /** A venue's slug; without it the default venue is meant. */
  readonly venue?: string | null | undefined;
}

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

export interface Authenticated {
  readonly actor: UserActor;
  /** When the token ends; a socket closes then. */
  readonly expiresAt: Date;
}

/** What the rest of floorwire asks of identity. Made once; holds the keys and the hash pool. */
export interface AuthServices {
  /**
   * @throws InvalidCredentialsError for anything that is wrong, after the same work
   * @throws TimeoutError when too many sign in at once
   */
  login(input: SignIn, client: ClientTrace): Promise<SignedIn>;
  /**
   * Exchanges a refresh token for a new pair of tokens.
   *
   * @throws RefreshTokenInvalidError, SessionRevokedError
   * @throws RefreshTokenReusedError when it was exchanged before; its session has ended then
   */
  refresh(refreshToken: string): Promise<SignedIn>;
  /**
   * Makes an account with the role PLAYER.
   *
   * @throws ValidationError, WeakPasswordError, EmailTakenError, UsernameTakenError, TimeoutError
   * @throws NotFoundError when there is no such venue
   */
  registerUser(input: RegisterUser): Promise<User>;
  /** @throws TokenExpiredError, TokenInvalidError, SessionRevokedError */
  authenticate(accessToken: string): Promise<Authenticated>;
  /** The actor alone. Throws as `authenticate` does. */
  actorOf(accessToken: string): Promise<UserActor>;
  /** The actor as his session row has him now, at most a second old. @throws SessionRevokedError */
  refreshActor(actor: UserActor): Promise<UserActor>;
  /** Makes a change of this session, its user or his roles felt at once in this process. */
  forgetSession(sessionId: string): void;
  /** The public keys, for `/.well-known/jwks.json`. */
  jwks(): JSONWebKeySet;
  /** Takes up a rotation of the keys. @throws KeyDecryptionError */
  reloadKeys(): Promise<void>;
  /** For `createUser`, before its Work. @throws WeakPasswordError, TimeoutError */
  hashNewPassword(password: string, owner: PasswordOwner): Promise<string>;
  hashingStatistics(): HashingStatistics;
}

export interface PasswordOwner {
  readonly email: string;
  readonly username?: string | null | undefined;
}

/**
 * Starts identity: opens the signing key, or makes it on the first start.
 *
 * @throws KeyDecryptionError when the database was used with another SECRET_KEY
 */
export async function createAuth(options: AuthOptions): Promise<AuthServices> {
  const { db, runWork, secretKey, issuer, sessionTtlSeconds } = options;
  const lifetimeSeconds = options.accessTokenTtlSeconds;
  const keyring = await openKeyring({ db, runWork, secretKey, tokenLifetimeSeconds: lifetimeSeconds });
  const clock = options.clock ?? (() => new Date());
  const tokens = createTokens({ keyring, issuer, lifetimeSeconds, clock });
  const hasher = await createPasswordHasher();
  const sessions = createSessionActors(db);
  const parts: Parts = { db, runWork, sessionTtlSeconds, tokens, hasher, sessions };

  async function authenticate(accessToken: string): Promise<Authenticated> {
    const token = await tokens.verify(accessToken);
    return { actor: await sessions.actorOf(token), expiresAt: token.expiresAt };
  }

  return {
    login: (input, client) => login(parts, input, client),
    refresh: (refreshToken) => refresh(parts, refreshToken),
    registerUser: (input) => registerUser(parts, input),
    authenticate,
    actorOf: async (accessToken) => (await authenticate(accessToken)).actor,
    refreshActor: (actor) => sessions.actorOf(actor),
    forgetSession: (sessionId) => sessions.forget(sessionId),
    jwks: () => publicKeysOf(keyring, clock()),
    reloadKeys: () => keyring.reload(),
    hashNewPassword: async (password, owner) => await hasher.hash(parseNewPassword(password, owner)),
    hashingStatistics: () => hasher.statistics(),
  };
}

interface Parts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly sessionTtlSeconds: number;
  readonly tokens: Tokens;
  readonly hasher: PasswordHasher;
  readonly sessions: SessionActors;
}

async function login(parts: Parts, input: SignIn, client: ClientTrace): Promise<SignedIn> {
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
  const opened = await runWork(ANONYMOUS, (work) =>
    openSession(work, {
      id,
      venueId,
      credentials,
      lifetimeSeconds: sessionTtlSeconds,
      client,
      refreshTokenHash: hash,
    }),
  );
  return await signedIn(parts, opened, refreshToken);
}

async function refresh(parts: Parts, shown: string): Promise<SignedIn> {
  const { runWork, sessions } = parts;
  const hash = refreshTokenHash(shown);
  if (!hash) throw new RefreshTokenInvalidError();
  const successor = makeRefreshToken();
  const renewal = await runWork(ANONYMOUS, (work) =>
    renewSession(work, { hash, successorHash: successor.hash }),
  );
  if (renewal.kind === 'reused') {
    sessions.forget(renewal.sessionId);
    throw new RefreshTokenReusedError();
  }
  return await signedIn(parts, renewal, successor.refreshToken);
}

async function signedIn(
  { tokens }: Parts,
  { session, user }: OpenSession,
  refreshToken: string,
): Promise<SignedIn> {
  const { venueId, id: sessionId, expiresAt: sessionExpiresAt } = session;
  const subject = { userId: user.id, venueId, sessionId };
  const issued = await tokens.issue({ ...subject, roles: user.roles, sessionExpiresAt });
  return { ...issued, refreshToken, user, session };
}

async function registerUser({ db, runWork, hasher }: Parts, input: RegisterUser): Promise<User> {
  const identity = parseUserIdentity(input);
  const password = parseNewPassword(input.password, identity);
  const venue = input.venue == null ? await findDefaultVenue(db) : await findNamedVenue(db, input.venue);
  if (!venue) throw new NotFoundError('venue');
  const passwordHash = await hasher.hash(password);
  return await runWork(ANONYMOUS, (work) =>
    createUser(work, { ...identity, venueId: venue.id, roles: ['PLAYER'], passwordHash }),
  );
}

async function findNamedVenue(db: Kysely<Database>, slug: string): Promise<Venue | null> {
  return isVenueSlug(slug) ? await findVenueBySlug(db, slug) : null;
}
