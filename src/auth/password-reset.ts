import { ANONYMOUS } from '../lib/actor.ts';
import type { RunWork } from '../work.ts';
import { accountTokenHash } from './account-token.ts';
import { findAccountToken, takeAccountToken, voidAccountTokens } from './account-token-store.ts';
import { AccountTokenInvalidError } from './errors.ts';
import { unlinkAll } from './identity-linking.ts';
import { deleteFailuresOfUser } from './lock-out-store.ts';
import { findOwnCredentials } from './own-credentials-store.ts';
import { type PasswordPolicy, parseNewPassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { resetPasswordHash } from './password-store.ts';
import { type ClientTrace, originOf } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { endSessions } from './session-service.ts';
import { lockAccount } from './user-store.ts';

export interface ResetPassword {
  /** From the mail. */
  readonly token: string;
  readonly newPassword: string;
}

const PURPOSES = ['RESET_PASSWORD'] as const;

/**
 * Gives an account another password by the token of a mail, which shows besides that the address is the
 * user's. All his sessions end, what else was sent to him is void, and whom somebody linked before the address
 * was shown to be anybody's signs in no more. Guesses at the password before count no more, and lock nobody out. A
 * weak password leaves the token good.
 *
 * @throws AccountTokenInvalidError before anything is hashed
 * @throws WeakPasswordError, TimeoutError
 */
export async function resetPassword(
  parts: {
    readonly runWork: RunWork;
    readonly hasher: PasswordHasher;
    readonly passwordPolicy: PasswordPolicy;
    readonly sessions: SessionActors;
  },
  input: ResetPassword,
  client: ClientTrace,
): Promise<number> {
  const { runWork, hasher, passwordPolicy, sessions } = parts;
  const hash = accountTokenHash(input.token);
  if (!hash) throw new AccountTokenInvalidError();
  const owner = await runWork(ANONYMOUS, async ({ tx, now }) => {
    const token = await findAccountToken(tx, { hash, purposes: PURPOSES, now });
    return token && (await findOwnCredentials(tx, token.userId));
  });
  if (!owner) throw new AccountTokenInvalidError();
  const passwordHash = await hasher.hash(parseNewPassword(input.newPassword, owner, passwordPolicy));

  const ended = await runWork(
    ANONYMOUS,
    async (work) => {
      const token = await takeAccountToken(work.tx, { hash, purposes: PURPOSES, now: work.now });
      const account = token && (await lockAccount(work.tx, token.userId));
      const isReset = token && (await resetPasswordHash(work.tx, token, { to: passwordHash, at: work.now }));
      if (!isReset || !account) throw new AccountTokenInvalidError();
      const { userId, venueId } = token;
      // Nobody had shown that the address is his, and somebody else may have registered with it.
      if (!account.isEmailVerified) await unlinkAll(work, account);
      const purposes = ['RESET_PASSWORD', 'VERIFY_EMAIL', 'CHANGE_EMAIL'] as const;
      await voidAccountTokens(work.tx, { userId, purposes, at: work.now });
      await deleteFailuresOfUser(work.tx, userId);
      work.emit({ type: 'auth.password-reset', venueId, userId });
      return await endSessions(work, { userId, which: 'all', reason: 'PASSWORD_RESET' });
    },
    originOf(client),
  );
  for (const id of ended) sessions.forget(id);
  return ended.length;
}
