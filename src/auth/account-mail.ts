import type { Message } from '../mail/mail.ts';
import { TOKEN_SECONDS, type TokenPurpose } from './account-token.ts';

/** Where a frontend takes a token up; the name of the page for each purpose. */
const PAGES: Readonly<Record<TokenPurpose, string>> = {
  VERIFY_EMAIL: 'verify-email',
  RESET_PASSWORD: 'reset-password',
  CHANGE_EMAIL: 'verify-email',
};

const WORDS: Readonly<Record<TokenPurpose, { subject: string; reason: string; operation: string }>> = {
  VERIFY_EMAIL: {
    subject: 'Confirm your e-mail address',
    reason: 'An account was made with this e-mail address. Confirm that it is yours.',
    operation: 'verifyEmail(input: { token })',
  },
  RESET_PASSWORD: {
    subject: 'Choose another password',
    reason: 'Somebody asked for another password for the account with this e-mail address.',
    operation: 'resetPassword(input: { token, newPassword })',
  },
  CHANGE_EMAIL: {
    subject: 'Confirm your new e-mail address',
    reason: 'An account is to get this e-mail address. Confirm that it is yours.',
    operation: 'verifyEmail(input: { token })',
  },
};

/**
 * The mail that carries a token, and a link when there is a frontend to follow it to. The token stands
 * behind `#`, which browsers keep to themselves, so no web server logs it.
 */
export function tokenMail(
  purpose: TokenPurpose,
  {
    to,
    token,
    accountUrl,
  }: { readonly to: string; readonly token: string; readonly accountUrl: string | null },
): Message {
  const { subject, reason, operation } = WORDS[purpose];
  const hours = TOKEN_SECONDS[purpose] / 3_600;
  const lines = [
    reason,
    '',
    ...(accountUrl === null ? [] : [`${accountUrl}/${PAGES[purpose]}#token=${token}`, '']),
    `Token: ${token}`,
    `It is good once, for ${hours === 1 ? 'an hour' : `${hours} hours`}, in ${operation}.`,
    '',
    'If you did not ask for this, do nothing.',
  ];
  return { to, subject, text: `${lines.join('\n')}\n` };
}

/** Tells the owner of an account that somebody can sign in to it who could not before. */
export const linkNotice = (to: string, provider: string): Message => ({
  to,
  subject: `Your account is linked with ${provider}`,
  text: [
    `Whoever signs in with the ${provider} account that was linked a moment ago signs in to your account.`,
    '',
    'If that was not you, choose another password and unlink it now.',
    '',
  ].join('\n'),
});

/** Tells the owner of an address that his account is about to get another. */
export const changeNotice = (to: string): Message => ({
  to,
  subject: 'Your e-mail address is being changed',
  text: [
    'Somebody who knows the password asked to give your account another e-mail address.',
    'It changes when the new address is confirmed, and this one is good for nothing then.',
    '',
    'If that was not you, change your password now: that stops it.',
    '',
  ].join('\n'),
});
