import { ANONYMOUS, type UserActor } from '../lib/actor.ts';
import { type BeforeDeletion, deleteAccount } from './account-deletion.ts';
import type { MailRequest } from './account-mail-request-store.ts';
import { type AccountMail, requestMail, requireMail } from './account-mail-service.ts';
import { accountTokenHash } from './account-token.ts';
import { confirmEmail, startEmailChange } from './email-service.ts';
import { AccountTokenInvalidError } from './errors.ts';
import { credentialsOf, type OwnPasswordParts } from './own-credentials.ts';
import type { PasswordPolicy } from './password.ts';
import { type BeforeTakeover, type ResetPassword, resetPassword } from './password-reset.ts';
import { type ClientTrace, originOf } from './session.ts';
import type { SessionActors } from './session-actors.ts';
import { parseEmail } from './user.ts';

/** What somebody does about an account by way of its mail. */
export interface Accounts {
  /** Takes the token of a mail; answers the address that is the user's now. @throws AccountTokenInvalidError, EmailTakenError */
  verifyEmail(token: string, client: ClientTrace): Promise<string>;
  /** Has the mail sent again, if the address awaits it. @throws ValidationError, MailUnavailableError */
  resendVerification(email: string, client: ClientTrace): Promise<void>;
  /** Has a token sent, if it is the address of an account. @throws ValidationError, MailUnavailableError */
  requestPasswordReset(email: string, client: ClientTrace): Promise<void>;
  /**
   * Gives the account another password and ends its sessions; answers how many.
   *
   * @throws AccountTokenInvalidError, WeakPasswordError, TimeoutError
   */
  resetPassword(input: ResetPassword, client: ClientTrace): Promise<number>;
  /**
   * Begins to give the actor another address.
   *
   * @throws ValidationError, InvalidCredentialsError, FreshSignInRequiredError, AccountLockedError, EmailTakenError
   * @throws SessionRevokedError, MailLimitError, MailUnavailableError, TimeoutError
   */
  changeEmail(actor: UserActor, input: ChangeEmail, client: ClientTrace): Promise<void>;
  /**
   * Deletes the account of the actor, as `deleteAccount` says; answers how many sessions ended.
   *
   * @throws InvalidCredentialsError, FreshSignInRequiredError, AccountLockedError, LastAdminError,
   * AccountHasMoneyError, SessionRevokedError, TimeoutError
   */
  deleteAccount(actor: UserActor, password: string | null, client: ClientTrace): Promise<number>;
}

export interface ChangeEmail {
  readonly newEmail: string;
  /** Null from who has none. */
  readonly password: string | null;
}

export interface AccountParts extends OwnPasswordParts {
  readonly sessions: SessionActors;
  readonly beforeDeletion: readonly BeforeDeletion[];
  readonly beforeTakeover: readonly BeforeTakeover[];
  readonly passwordPolicy: PasswordPolicy;
  readonly mail: AccountMail;
}

export function createAccounts(parts: AccountParts): Accounts {
  const { runWork, mail } = parts;

  /** The same work and the same answer for every address. */
  async function want(purpose: MailRequest['purpose'], text: string, client: ClientTrace): Promise<void> {
    requireMail(mail);
    const email = parseEmail(text);
    await runWork(ANONYMOUS, (work) => requestMail(work, { purpose, email }), originOf(client));
    mail.requested();
  }

  return {
    async verifyEmail(token, client) {
      const hash = accountTokenHash(token);
      if (!hash) throw new AccountTokenInvalidError();
      return await runWork(ANONYMOUS, (work) => confirmEmail(work, hash), originOf(client));
    },
    resendVerification: (email, client) => want('VERIFY_EMAIL', email, client),
    requestPasswordReset: (email, client) => want('RESET_PASSWORD', email, client),
    resetPassword: (input, client) => resetPassword(parts, input, client),
    async changeEmail(actor, { newEmail, password }, client) {
      requireMail(mail);
      const email = parseEmail(newEmail, 'newEmail');
      const credentials = await credentialsOf(parts, { actor, password, client });
      await runWork(
        actor,
        (work) => startEmailChange(work, mail, { actor, credentials, email }),
        originOf(client),
      );
      mail.mailroom.wake();
    },
    deleteAccount: (actor, password, client) => deleteAccount(parts, { actor, password, client }),
  };
}
