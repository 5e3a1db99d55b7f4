import { newId } from '../lib/ids.ts';
import { CLOSED_MAILROOM, type Mailroom } from '../mail/mailroom.ts';
import type { Work } from '../work.ts';
import { changeNotice, linkNotice, tokenMail } from './account-mail.ts';
import { insertMailRequest, type MailRequest, takeMailRequest } from './account-mail-request-store.ts';
import { MAILS_PER_HOUR, TOKEN_SECONDS, type TokenPurpose } from './account-token.ts';
import { countAccountTokens, insertAccountToken } from './account-token-store.ts';
import { MailUnavailableError } from './errors.ts';
import { type OAuthProviderName, PROVIDER_NAMES } from './oauth.ts';
import { makeOpaqueToken } from './opaque-token.ts';
import { type Account, findAccountIdByEmail, lockAccount } from './user-store.ts';

/** How accounts send mail. */
export interface AccountMail {
  readonly mailroom: Mailroom;
  /** Where the frontend has its pages for tokens, without a trailing slash; null without one. */
  readonly accountUrl: string | null;
  /** Wakes whoever answers requests, after a commit. */
  readonly requested: () => void;
}

/** What sending takes. */
type Post = Omit<AccountMail, 'requested'>;

/** For an installation that sends none. */
export const NO_ACCOUNT_MAIL: AccountMail = {
  mailroom: CLOSED_MAILROOM,
  accountUrl: null,
  requested() {},
};

/** @throws MailUnavailableError */
export function requireMail({ mailroom }: AccountMail): void {
  if (!mailroom.isOpen) throw new MailUnavailableError();
}

/** Notes that a mail is wanted. The same work whether there is such an account or not. */
export async function requestMail(
  work: Work,
  { purpose, email }: Pick<MailRequest, 'purpose' | 'email'>,
): Promise<void> {
  await insertMailRequest(work.tx, { id: newId(), purpose, email, origin: work.origin }, work.now);
}

/** Answers a request: with a mail, or for an address that has no use for one, with nothing. */
export async function answerMailRequest(work: Work, mail: Post, request: MailRequest): Promise<void> {
  if (!(await takeMailRequest(work.tx, request.id))) return;
  const userId = await findAccountIdByEmail(work.tx, request.email);
  const account = userId === null ? null : await lockAccount(work.tx, userId);
  if (account?.status !== 'ACTIVE') return;
  const { purpose } = request;
  if (purpose === 'VERIFY_EMAIL' && account.isEmailVerified) return;
  const isSent = await sendToken(work, mail, { account, purpose, email: account.email });
  if (isSent && purpose === 'RESET_PASSWORD')
    work.emit({ type: 'auth.password-reset-requested', venueId: account.homeVenueId, userId: account.id });
}

/** Posts a mail with a token to that address; false when the account has had its mails of this hour. */
export async function sendToken(
  work: Work,
  { mailroom, accountUrl }: Post,
  {
    account,
    purpose,
    email,
  }: { readonly account: Account; readonly purpose: TokenPurpose; readonly email: string },
): Promise<boolean> {
  const { id: userId, homeVenueId: venueId } = account;
  const since = new Date(work.now.getTime() - 3_600_000);
  if ((await countAccountTokens(work.tx, { userId, purpose, since })) >= MAILS_PER_HOUR) return false;
  const { token, hash } = makeOpaqueToken();
  const expiresAt = new Date(work.now.getTime() + TOKEN_SECONDS[purpose] * 1_000);
  await insertAccountToken(work.tx, { userId, venueId, purpose, email }, { hash, at: work.now, expiresAt });
  const message = tokenMail(purpose, { to: email, token, accountUrl });
  await mailroom.post(work, { venueId, userId, kind: purpose, message, expiresAt });
  return true;
}

/** How long a notice waits for a mail server. */
const NOTICE_SECONDS = 24 * 60 * 60;

/** Tells an account that somebody at a provider signs in to it from now on; nobody where no mail leaves. */
export async function sendLinkNotice(
  work: Work,
  { mailroom }: Pick<Post, 'mailroom'>,
  { account, provider }: { readonly account: Account; readonly provider: OAuthProviderName },
): Promise<void> {
  if (!mailroom.isOpen) return;
  const { id: userId, homeVenueId: venueId, email } = account;
  const expiresAt = new Date(work.now.getTime() + NOTICE_SECONDS * 1_000);
  const message = linkNotice(email, PROVIDER_NAMES[provider]);
  await mailroom.post(work, { venueId, userId, kind: 'IDENTITY_LINKED_NOTICE', message, expiresAt });
}

/** Tells the present address of an account that another is to take its place. */
export async function sendChangeNotice(
  work: Work,
  { mailroom }: Pick<Post, 'mailroom'>,
  account: Account,
): Promise<void> {
  const expiresAt = new Date(work.now.getTime() + TOKEN_SECONDS.CHANGE_EMAIL * 1_000);
  const message = changeNotice(account.email);
  await mailroom.post(work, {
    venueId: account.homeVenueId,
    userId: account.id,
    kind: 'EMAIL_CHANGE_NOTICE',
    message,
    expiresAt,
  });
}
