import { isDeepStrictEqual } from 'node:util';
import type { JSONWebKeySet } from 'jose';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Actor, SignedInActor, UserActor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import { type CreateAccount, type CreatedAccount, createAccount } from './account-creation.ts';
import type { BeforeDeletion } from './account-deletion.ts';
import { type AccountMail, NO_ACCOUNT_MAIL } from './account-mail-service.ts';
import { type Accounts, createAccounts } from './accounts.ts';
import { API_KEY_MARK } from './api-key.ts';
import { createApiKeyActors } from './api-key-actors.ts';
import { authenticateDevice, type DeviceSignedIn, type DeviceSignIn } from './device-sign-in.ts';
import { createSecondFactors, type SecondFactors, TOTP_PURPOSE } from './enrolment.ts';
import { TokenInvalidError, TokenKindError } from './errors.ts';
import { createFirstAdmin, type FirstAdmin } from './first-admin.ts';
import { listGuessableAccounts } from './guessable-password.ts';
import { keyPairs, openKeyring } from './keyring.ts';
import { DEFAULT_LOCK_OUT, type LockOutPolicy } from './lock-out.ts';
import { createLockOut } from './lock-out-service.ts';
import { NO_OAUTH, type OAuthSettings } from './oauth.ts';
import { createOAuth, type OAuth } from './oauth-service.ts';
import { DEFAULT_PASSWORD_POLICY, normalizePassword, type PasswordPolicy } from './password.ts';
import { type ChangePassword, changePassword } from './password-change.ts';
import { createPasswordHasher, type HashCost, type HashingStatistics } from './password-hasher.ts';
import type { BeforeTakeover } from './password-reset.ts';
import { isRealtimeToken } from './realtime-token.ts';
import { authenticateRealtime } from './realtime-token-service.ts';
import { type RegisterUser, registerUser } from './registration.ts';
import { checkSecretKeys } from './sealed-columns.ts';
import { createSealer, type SecretKeys } from './sealing.ts';
import type { ClientTrace } from './session.ts';
import { createSessionActors } from './session-actors.ts';
import {
  login,
  type Renewed,
  refresh,
  type SecondStep,
  type SignedIn,
  type SignIn,
  type SignInParts,
  verifySecondFactor,
} from './sign-in.ts';
import { createTokens } from './token.ts';
import { sharedSecretKeys } from './token-keys.ts';
import type { User } from './user.ts';

/** `secretKey` is at least 32 characters or bytes of randomness; the same on every process. */
export interface AuthOptions extends SecretKeys {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  /**
   * Secrets of HS256, which then is the only algorithm: the first signs, each verifies. None: Ed25519
   * with keys of our own.
   */
  readonly jwtSecrets?: readonly string[];
  /** The URL of this installation, the `iss` of its tokens. */
  readonly issuer: string;
  readonly accessTokenTtlSeconds: number;
  /** From sign-in, however often it is renewed. */
  readonly sessionTtlSeconds: number;
  /** When wrong guesses lock. Default: DEFAULT_LOCK_OUT. */
  readonly lockOut?: LockOutPolicy;
  /** How long passwords have to be. Default: DEFAULT_PASSWORD_POLICY. */
  readonly passwordPolicy?: PasswordPolicy;
  /** Of passwords. Default: DEFAULT_HASH_COST. */
  readonly hashCost?: HashCost;
  /** Told of what fails behind a request's back. Default: nobody is. */
  readonly onError?: (error: unknown) => void;
  /** Whether an address has to be shown to be one's own before one signs in, or goes on with a session. Default: no. */
  readonly requireVerifiedEmail?: boolean;
  /** Default: none leaves. */
  readonly mail?: AccountMail;
  /** The providers that are offered. Default: none. */
  readonly oauth?: OAuthSettings;
  /** Default: nothing; an account with wallets stays. */
  readonly beforeDeletion?: readonly BeforeDeletion[];
  /** Default: nothing. */
  readonly beforeTakeover?: readonly BeforeTakeover[];
  /** Default: the system's. */
  readonly clock?: () => Date;
}

export interface Authenticated {
  readonly actor: SignedInActor;
  /** When the token or key ends; a socket closes then. Null for a key that does not end by itself. */
  readonly expiresAt: Date | null;
  /**
   * Which of our keys signed the token, or the one a realtime token was asked for with; null for an API key, and where
   * shared secrets sign.
   */
  readonly keyId: string | null;
}

/** What the rest of floorwire asks of identity. Made once; holds the keys and the hash pool. */
export interface AuthServices {
  /**
   * @throws InvalidCredentialsError for anything that is wrong, after the same work
   * @throws AccountLockedError after too many wrong ones, before anything is compared
   * @throws EmailNotVerifiedError when all is right but that
   * @throws SecondFactorRequiredError when all is right and the account asks for a code besides
   * @throws TimeoutError when too many sign in at once
   */
  login(input: SignIn, client: ClientTrace): Promise<SignedIn>;
  /**
   * Finishes a sign-in that was answered with SecondFactorRequiredError.
   *
   * @throws SecondFactorWrongError, SignInChallengeInvalidError
   * @throws AccountLockedError after too many wrong codes
   * @throws InvalidCredentialsError when the user has no role at the venue any more
   */
  verifySecondFactor(input: SecondStep, client: ClientTrace): Promise<SignedIn>;
  readonly secondFactors: SecondFactors;
  readonly accounts: Accounts;
  readonly oauth: OAuth;
  /**
   * Exchanges a refresh token for a new pair of tokens.
   *
   * @throws RefreshTokenInvalidError, SessionRevokedError
   * @throws EmailNotVerifiedError; the token is as good as before
   * @throws RefreshTokenReusedError when it was exchanged before; its session has ended then
   */
  refresh(refreshToken: string, client?: ClientTrace): Promise<Renewed>;
  /**
   * @throws DeviceCredentialsError for anything that is wrong, after the same work
   * @throws AccountLockedError after too many wrong ones
   */
  authenticateDevice(input: DeviceSignIn, client: ClientTrace): Promise<DeviceSignedIn>;
  /**
   * Makes an account with the role PLAYER.
   *
   * @throws ValidationError, WeakPasswordError, EmailTakenError, UsernameTakenError, TimeoutError
   * @throws NotFoundError when there is no such venue
   */
  registerUser(input: RegisterUser, client?: ClientTrace): Promise<User>;
  /**
   * Makes an account for somebody else.
   *
   * @throws PermissionDeniedError unless the actor governs the users of the venue
   * @throws ValidationError, WeakPasswordError, EmailTakenError, UsernameTakenError, TimeoutError
   */
  createAccount(actor: Actor, input: CreateAccount, client?: ClientTrace): Promise<CreatedAccount>;
  /**
   * Makes the first ADMIN of an installation that has none; answers whether it did.
   *
   * @throws UsernameTakenError, EmailTakenError when somebody who is no ADMIN is called like this
   */
  createFirstAdmin(input: FirstAdmin): Promise<boolean>;
  /** The names of those who can sign in with a password that anybody hits on. @throws TimeoutError */
  guessableAccounts(): Promise<readonly string[]>;
  /**
   * Gives somebody another password and ends his other sessions; answers how many.
   *
   * @throws InvalidCredentialsError when the current password is wrong, AccountLockedError after too many
   * @throws FreshSignInRequiredError when there is none, and the sign-in is too long ago
   * @throws WeakPasswordError, SessionRevokedError, TimeoutError
   */
  changePassword(actor: UserActor, input: ChangePassword, client?: ClientTrace): Promise<number>;
  /**
   * Whose access token or API key this is.
   *
   * @throws TokenInvalidError, TokenKindError, TokenExpiredError, SessionRevokedError, EmailNotVerifiedError,
   * ApiKeyExpiredError, ApiKeyRevokedError
   */
  authenticate(credential: string): Promise<Authenticated>;
  /**
   * Who opens a socket with a realtime token, which is used up when it is good once.
   *
   * @throws SocketTokenRefusedError, SessionRevokedError, EmailNotVerifiedError
   */
  authenticateRealtime(realtimeToken: string): Promise<Authenticated>;
  /** The person behind the access token of a sign-in. Throws as `authenticate` does, and TokenInvalidError for a device's. */
  actorOf(accessToken: string): Promise<UserActor>;
  /** The actor as his session or key has him now, at most a second old. @throws SessionRevokedError, EmailNotVerifiedError, ApiKeyExpiredError, ApiKeyRevokedError */
  refreshActor<A extends SignedInActor>(actor: A): Promise<A>;
  /** Makes a change of this session, its user or his roles felt at once in this process. */
  forgetSession(sessionId: string): void;
  /** The same for every session: somebody's roles or standing changed. */
  forgetSessions(): void;
  /** Makes it felt at once in this process that a key was revoked. */
  forgetApiKeys(): void;
  /** The public keys, for `/.well-known/jwks.json`; none with HS256. */
  jwks(): JSONWebKeySet;
  /** Takes up a rotation of the keys. @throws KeyDecryptionError */
  reloadKeys(): Promise<void>;
  /** For `createUser`, before its Work; however weak the password is. @throws ValidationError, TimeoutError */
  hashPassword(password: string): Promise<string>;
  /** Compares a password with the hash of an account, null for one that is not there: it costs the same. @throws TimeoutError */
  isPassword(storedHash: string | null, password: string): Promise<boolean>;
  hashingStatistics(): HashingStatistics;
}

/**
 * Starts identity: opens the signing key, or makes it on the first start.
 *
 * @throws KeyDecryptionError when the database was used with another SECRET_KEY
 */
export async function createAuth(options: AuthOptions): Promise<AuthServices> {
  const { db, runWork, issuer, sessionTtlSeconds } = options;
  const secretKeys = { secretKey: options.secretKey, secretKeyOld: options.secretKeyOld ?? null };
  await checkSecretKeys(db, secretKeys);
  const lifetimeSeconds = options.accessTokenTtlSeconds;
  const [secret, ...oldSecrets] = options.jwtSecrets ?? [];
  const keys =
    secret === undefined
      ? keyPairs(await openKeyring({ db, runWork, ...secretKeys, tokenLifetimeSeconds: lifetimeSeconds }))
      : sharedSecretKeys([secret, ...oldSecrets]);
  const clock = options.clock ?? (() => new Date());
  const tokens = createTokens({ keys, issuer, lifetimeSeconds, clock });
  const hasher = await createPasswordHasher(options.hashCost ? { cost: options.hashCost } : {});
  const { requireVerifiedEmail = false } = options;
  const sessions = createSessionActors(db, { requireVerifiedEmail });
  const sealer = createSealer(secretKeys, TOTP_PURPOSE);
  const lockOut = createLockOut({
    secretKey: options.secretKey,
    policy: options.lockOut ?? DEFAULT_LOCK_OUT,
  });
  const { passwordPolicy = DEFAULT_PASSWORD_POLICY, mail = NO_ACCOUNT_MAIL, onError = () => {} } = options;
  const shared = { db, runWork, hasher, passwordPolicy, sessions, lockOut, mail };
  const parts: SignInParts = { ...shared, sessionTtlSeconds, tokens, sealer, requireVerifiedEmail };
  const apiKeys = createApiKeyActors({ db, runWork, clock, onError });

  async function refreshActor<A extends SignedInActor>(actor: A): Promise<A> {
    if (actor.kind === 'partner') return (await apiKeys.refresh(actor)) as A;
    const holderId = actor.kind === 'user' ? actor.userId : actor.deviceId;
    const present = (await sessions.actorOf({ ...actor, holderId })) as A;
    // Most often nothing has changed, and whoever keeps him for long then keeps one of him.
    return isDeepStrictEqual(present, actor) ? actor : present;
  }

  async function authenticate(credential: string): Promise<Authenticated> {
    if (credential.startsWith(API_KEY_MARK))
      return { ...(await apiKeys.authenticate(credential)), keyId: null };
    if (isRealtimeToken(credential)) throw new TokenKindError();
    const token = await tokens.verify(credential);
    const { expiresAt } = token;
    const keyId = keys.signing.kid === null ? null : token.keyId;
    return { actor: await sessions.actorOf(token), expiresAt, keyId };
  }

  return {
    login: (input, client) => login(parts, input, client),
    verifySecondFactor: (input, client) => verifySecondFactor(parts, input, client),
    secondFactors: createSecondFactors({ db, runWork, hasher, lockOut, sealer, passwordPolicy }),
    accounts: createAccounts({
      ...shared,
      beforeDeletion: options.beforeDeletion ?? [],
      beforeTakeover: options.beforeTakeover ?? [],
    }),
    oauth: createOAuth({ ...parts, mail }, { settings: options.oauth ?? NO_OAUTH, onError }),
    refresh: (refreshToken, client = {}) => refresh(parts, refreshToken, client),
    authenticateDevice: (input, client) => authenticateDevice(parts, input, client),
    registerUser: (input, client = {}) => registerUser(shared, input, client),
    createFirstAdmin: (input) => createFirstAdmin(shared, input),
    guessableAccounts: () => listGuessableAccounts(shared),
    createAccount: (actor, input, client = {}) => createAccount(shared, { actor, input, client }),
    changePassword: (actor, input, client = {}) => changePassword(shared, { actor, input, client }),
    authenticate,
    authenticateRealtime: (realtimeToken) => authenticateRealtime({ runWork, refreshActor }, realtimeToken),
    async actorOf(accessToken) {
      const actor = await sessions.actorOf(await tokens.verify(accessToken));
      if (actor.kind !== 'user') throw new TokenInvalidError();
      return actor;
    },
    refreshActor,
    forgetSession: (sessionId) => sessions.forget(sessionId),
    forgetSessions: () => sessions.forgetAll(),
    forgetApiKeys: () => apiKeys.forgetAll(),
    jwks: () => keys.published(clock()),
    reloadKeys: () => keys.reload(),
    async hashPassword(password) {
      const normal = normalizePassword(password);
      if (normal === null) throw new ValidationError('The password is too long.');
      return await hasher.hash(normal);
    },
    async isPassword(storedHash, password) {
      const normal = normalizePassword(password);
      return normal !== null && (await hasher.verify(storedHash, normal));
    },
    hashingStatistics: () => hasher.statistics(),
  };
}
