import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { UserActor } from '../lib/actor.ts';
import type { RunWork, Work } from '../work.ts';
import { InvalidCredentialsError, SessionRevokedError } from './errors.ts';
import type { Attempt } from './lock-out.ts';
import type { LockOut } from './lock-out-service.ts';
import { FreshSignInRequiredError } from './oauth-errors.ts';
import { findOwnCredentials, type OwnCredentials } from './own-credentials-store.ts';
import { normalizePassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { type ClientTrace, originOf } from './session.ts';
import { findSession, lockSessionEnd } from './session-store.ts';
import { type Account, lockAccount } from './user-store.ts';

/** What comparing somebody's own password takes. */
export interface OwnPasswordParts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly hasher: PasswordHasher;
  readonly lockOut: LockOut;
}

/** A password that somebody who is signed in shows once more, or null from who has none. */
export interface ShownPassword {
  readonly actor: UserActor;
  readonly password: string | null;
  readonly client: ClientTrace;
}

/** For how long a sign-in shows that its owner is still there. */
const FRESH_MS = 10 * 60_000;

/**
 * The credentials of the actor, whose password was right a moment ago. It may change before they are
 * used: the Work that follows looks at the hash again.
 *
 * @throws InvalidCredentialsError, FreshSignInRequiredError, AccountLockedError, TimeoutError
 * @throws SessionRevokedError when the account is locked or gone
 */
export async function credentialsOf(parts: OwnPasswordParts, shown: ShownPassword): Promise<OwnCredentials> {
  const credentials = await findOwnCredentials(parts.db, shown.actor.userId);
  if (!credentials) throw new SessionRevokedError();
  await comparePassword(parts, credentials, shown);
  return credentials;
}

/**
 * Wrong ones lock out further ones, apart from the names to sign in with: a thief of a session keeps
 * nobody from signing in. Who has none shows by a sign-in of just now that it is he.
 *
 * @throws InvalidCredentialsError, AccountLockedError after too many wrong ones, TimeoutError
 * @throws FreshSignInRequiredError when that sign-in is too long ago
 */
export async function comparePassword(
  { runWork, hasher, lockOut }: Omit<OwnPasswordParts, 'db'>,
  { passwordHash, hasPassword, homeVenueId }: OwnCredentials,
  { actor, password, client }: ShownPassword,
): Promise<void> {
  if (password === null && !hasPassword)
    return await runWork(actor, (work) => requireFreshSession(work, actor));
  const { userId } = actor;
  const origin = originOf(client);
  const attempt: Attempt = { kind: 'PASSWORD', subject: userId, address: client.address };
  await runWork(actor, (work) => lockOut.check(work, attempt), origin);
  const normal = normalizePassword(password ?? '');
  if (normal !== null && (await hasher.verify(passwordHash, normal))) {
    await runWork(actor, (work) => lockOut.pass(work, attempt), origin);
    return;
  }
  const failure = { userId, venueId: homeVenueId, reason: 'WRONG_PASSWORD' } as const;
  const locked = await runWork(actor, (work) => lockOut.fail(work, attempt, failure), origin);
  throw locked ?? new InvalidCredentialsError();
}

/**
 * Another process may have ended it a moment ago; it is not ended before the Work is over.
 *
 * @throws SessionRevokedError, FreshSignInRequiredError
 */
async function requireFreshSession(work: Work, { userId, sessionId }: UserActor): Promise<void> {
  const { tx, now } = work;
  const session = await findSession(tx, { userId }, sessionId);
  if (!session) throw new SessionRevokedError();
  await lockSession(work, { sessionId });
  if (now.getTime() - session.createdAt.getTime() > FRESH_MS) throw new FreshSignInRequiredError();
}

/**
 * The account of who showed these credentials a moment ago, for nobody else to change. His session is looked at again:
 * the password alone may not be enough for another one.
 *
 * @throws InvalidCredentialsError when they are its no more, SessionRevokedError, FreshSignInRequiredError
 */
export async function lockShownAccount(
  work: Work,
  { userId, passwordHash, hasPassword }: OwnCredentials,
  actor: UserActor,
): Promise<Account> {
  const account = await lockAccount(work.tx, userId);
  if (account?.status !== 'ACTIVE' || account.passwordHash !== passwordHash)
    throw new InvalidCredentialsError();
  if (hasPassword) await lockSession(work, actor);
  else await requireFreshSession(work, actor);
  return account;
}

/** Nobody links, unlinks or signs in to it meanwhile. @throws SessionRevokedError when it is locked or gone */
export async function lockOwnAccount({ tx }: Work, { userId }: Pick<UserActor, 'userId'>): Promise<Account> {
  const account = await lockAccount(tx, userId);
  if (account?.status !== 'ACTIVE') throw new SessionRevokedError();
  return account;
}

/**
 * For what outlives a session: whoever ends the actor's does so before, and then this throws, or after the Work, and then
 * he sees what it made.
 *
 * @throws SessionRevokedError
 */
export async function lockOwnSession(
  work: Work,
  { userId, sessionId }: Pick<UserActor, 'userId' | 'sessionId'>,
): Promise<Account> {
  const account = await lockOwnAccount(work, { userId });
  await lockSession(work, { sessionId });
  return account;
}

async function lockSession({ tx, now }: Work, { sessionId }: Pick<UserActor, 'sessionId'>): Promise<void> {
  if (!(await lockSessionEnd(tx, { sessionId, now }))) throw new SessionRevokedError();
}
