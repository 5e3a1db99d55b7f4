import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { UserActor } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import { voidAccountTokens } from './account-token-store.ts';
import { SessionRevokedError } from './errors.ts';
import type { LockOut } from './lock-out-service.ts';
import { comparePassword, lockShownAccount } from './own-credentials.ts';
import { findOwnCredentials } from './own-credentials-store.ts';
import { type PasswordPolicy, parseNewPassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { replacePassword } from './password-store.ts';
import { type ClientTrace, originOf } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { endSessions } from './session-service.ts';

export interface ChangePassword {
  /** None from who has none yet. */
  readonly currentPassword?: string | null | undefined;
  readonly newPassword: string;
}

/** What changing a password takes. */
export interface PasswordChangeParts {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly hasher: PasswordHasher;
  readonly passwordPolicy: PasswordPolicy;
  readonly sessions: SessionActors;
  readonly lockOut: LockOut;
}

/**
 * Gives the actor another password, or his first. The session he asks in goes on, also when it was good for
 * nothing else before; his others end, and what was mailed to change the address or the password is void, because
 * whoever knew the old password may hold one or the other. Answers how many ended.
 *
 * @throws WeakPasswordError before anything is compared
 * @throws InvalidCredentialsError when the current password is wrong, or was changed meanwhile
 * @throws FreshSignInRequiredError when there is none, and the sign-in is too long ago
 * @throws AccountLockedError after too many wrong ones, before anything is compared
 * @throws SessionRevokedError when the session has ended, or the account is gone
 * @throws TimeoutError
 */
export async function changePassword(
  parts: PasswordChangeParts,
  {
    actor,
    input,
    client,
  }: { readonly actor: UserActor; readonly input: ChangePassword; readonly client: ClientTrace },
): Promise<number> {
  const { db, runWork, hasher, passwordPolicy, sessions } = parts;
  const { userId, sessionId } = actor;
  const credentials = await findOwnCredentials(db, userId);
  if (!credentials) throw new SessionRevokedError();
  const { currentPassword = null, newPassword } = input;
  const owner = { ...credentials, currentPassword: currentPassword ?? undefined };
  const password = parseNewPassword(newPassword, owner, passwordPolicy);
  await comparePassword(parts, credentials, { actor, password: currentPassword, client });
  const passwordHash = await hasher.hash(password);
  const ended = await runWork(
    actor,
    async (work) => {
      // Hashing takes its time.
      await lockShownAccount(work, credentials, actor);
      await replacePassword(work.tx, userId, { to: passwordHash, at: work.now });
      const purposes = ['RESET_PASSWORD', 'CHANGE_EMAIL'] as const;
      await voidAccountTokens(work.tx, { userId, purposes, at: work.now });
      work.emit({ type: 'auth.password-changed', venueId: credentials.homeVenueId, userId });
      return await endSessions(work, { userId, which: { except: sessionId }, reason: 'PASSWORD_CHANGED' });
    },
    originOf(client),
  );
  for (const id of [sessionId, ...ended]) sessions.forget(id);
  return ended.length;
}
