import { ANONYMOUS } from '../lib/actor.ts';
import type { RunWork, Work } from '../work.ts';
import { accountTokenHash } from './account-token.ts';
import { findAccountToken, takeAccountToken, voidAccountTokens } from './account-token-store.ts';
import { AccountTokenInvalidError } from './errors.ts';
import { unlinkAll } from './identity-linking.ts';
import { deleteFailuresOfUser } from './lock-out-store.ts';
import { findOwnCredentials } from './own-credentials-store.ts';
import { type PasswordPolicy, parseNewPassword } from './password.ts';
import type { PasswordHasher } from './password-hasher.ts';
import { resetPasswordHash } from './password-store.ts';
import { deleteSecondFactor, findSecondFactor } from './second-factor-store.ts';
import { type ClientTrace, originOf } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { endSessions } from './session-service.ts';
import { type Account, lockAccount } from './user-store.ts';

export interface ResetPassword {
  /** From the mail. */
  readonly token: string;
  readonly newPassword: string;
}

const PURPOSES = ['RESET_PASSWORD'] as const;

/**
 * What another domain ends, in the same work, of what lets somebody read an account without signing in to it. Each
 * gives its own; `app.ts` lists them.
 */
export type BeforeTakeover = (work: Work, userId: string) => Promise<void>;

/**
 * Gives an account another password by the token of a mail, which shows besides that the address is the
 * user's. All his sessions end, and what else was sent to him is void. Nobody had shown the address to be his before:
 * then whoever registered with it may have been somebody else, and his ways in are good for nothing any more, nor does
 * his second factor keep the owner of the address out of it. Where the address was shown before, the second factor
 * stays: a mail alone is no way around it. Guesses at the password before count no more, and lock nobody out. A
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
    readonly beforeTakeover: readonly BeforeTakeover[];
  },
  input: ResetPassword,
  client: ClientTrace,
): Promise<number> {
  const { runWork, hasher, passwordPolicy, sessions, beforeTakeover } = parts;
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
      if (!account.isEmailVerified) await endWaysIn(work, account, beforeTakeover);
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

/** Of whoever had the account before the owner of its address. */
async function endWaysIn(
  work: Work,
  account: Pick<Account, 'id' | 'homeVenueId'>,
  beforeTakeover: readonly BeforeTakeover[],
): Promise<void> {
  const { id: userId, homeVenueId: venueId } = account;
  await unlinkAll(work, account);
  if (await findSecondFactor(work.tx, userId))
    work.emit({ type: 'auth.second-factor-disabled', venueId, userId });
  await deleteSecondFactor(work.tx, userId);
  for (const end of beforeTakeover) await end(work, userId);
}
