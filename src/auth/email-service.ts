import type { UserActor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { type AccountMail, sendChangeNotice, sendToken } from './account-mail-service.ts';
import { takeAccountToken, voidAccountTokens } from './account-token-store.ts';
import { AccountTokenInvalidError, EmailTakenError, MailLimitError } from './errors.ts';
import { lockShownAccount } from './own-credentials.ts';
import type { OwnCredentials } from './own-credentials-store.ts';
import { findAccountIdByEmail, markEmailVerified, replaceEmail } from './user-store.ts';

/**
 * Takes the token of a mail as proof that its address is the user's: of the address he has, or of the
 * one he is to get. Answers the address.
 *
 * @throws AccountTokenInvalidError, EmailTakenError when another account got the address meanwhile
 */
export async function confirmEmail(work: Work, hash: Buffer): Promise<string> {
  const token = await takeAccountToken(work.tx, {
    hash,
    purposes: ['VERIFY_EMAIL', 'CHANGE_EMAIL'],
    now: work.now,
  });
  if (!token) throw new AccountTokenInvalidError();
  const { userId, venueId, email } = token;
  const isChange = token.purpose === 'CHANGE_EMAIL';
  const change = { userId, email, at: work.now };
  const isDone = await (isChange ? replaceEmail(work.tx, change) : markEmailVerified(work.tx, change));
  if (!isDone) throw new AccountTokenInvalidError();
  // What was sent to the address before is no proof of anything any more.
  const purposes = isChange
    ? (['VERIFY_EMAIL', 'RESET_PASSWORD', 'CHANGE_EMAIL'] as const)
    : (['VERIFY_EMAIL'] as const);
  await voidAccountTokens(work.tx, { userId, purposes, at: work.now });
  work.emit({ type: isChange ? 'auth.email-changed' : 'auth.email-verified', venueId, userId });
  return email;
}

/**
 * Sends a token to the address an account is to get, and word of it to the one it has. Only the newest
 * such token is good: a mistyped address must not stay a way in.
 *
 * @throws ValidationError, EmailTakenError, MailLimitError
 * @throws InvalidCredentialsError when the password is not what it was, SessionRevokedError, FreshSignInRequiredError
 */
export async function startEmailChange(
  work: Work,
  mail: AccountMail,
  {
    actor,
    credentials,
    email,
  }: { readonly actor: UserActor; readonly credentials: OwnCredentials; readonly email: string },
): Promise<void> {
  const account = await lockShownAccount(work, credentials, actor);
  if (email === account.email)
    throw new ValidationError('newEmail is the address the account has.', { field: 'newEmail' });
  const holder = await findAccountIdByEmail(work.tx, email);
  if (holder !== null && holder !== account.id) throw new EmailTakenError();
  const { id: userId } = account;
  await voidAccountTokens(work.tx, { userId, purposes: ['CHANGE_EMAIL'], at: work.now });
  if (!(await sendToken(work, mail, { account, purpose: 'CHANGE_EMAIL', email }))) throw new MailLimitError();
  await sendChangeNotice(work, mail, account);
}
