import {
  AccountLockedError,
  AccountTokenInvalidError,
  EmailTakenError,
  InvalidCredentialsError,
  MailLimitError,
  MailUnavailableError,
  WeakPasswordError,
} from '../auth/errors.ts';
import { FreshSignInRequiredError } from '../auth/oauth-errors.ts';
import { ValidationError } from '../lib/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import './domain-errors.ts';
import './oauth-errors.ts';
import { messageDescription, ownPasswordDescription, successDescription } from './result-descriptions.ts';

/** What is done about an account by way of its mail. */

const tokenDescription = 'The token of the mail, good once.';

/** A success that has nothing more to say. */
const plainSuccess = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<object>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
    }),
  });

const VerifyEmailSuccessType = builder.objectRef<{ readonly email: string }>('VerifyEmailSuccess').implement({
  description: 'The address is the account’s.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The e-mail address is confirmed.' }),
    email: t.expose('email', { type: 'EmailAddress', description: 'Which address that is.' }),
  }),
});

const VerifyEmailInput = builder.inputType('VerifyEmailInput', {
  description: 'What shows that somebody reads the mail of an address.',
  fields: (t) => ({ token: t.string({ required: true, description: tokenDescription }) }),
});

builder.mutationField('verifyEmail', (t) =>
  t.field({
    type: VerifyEmailSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: true,
    description:
      'Confirms an e-mail address with the token that was sent to it within 24 hours: the one somebody registered with, or the one `changeEmail` named, which becomes the account’s by this.',
    args: {
      input: t.arg({
        type: VerifyEmailInput,
        required: true,
        description: 'What shows that somebody reads the mail of an address.',
      }),
    },
    errors: { types: [AccountTokenInvalidError, EmailTakenError], directResult: true },
    resolve: async (_root, { input }, { auth, client }) => ({
      email: await auth.accounts.verifyEmail(input.token, client),
    }),
  }),
);

const EmailInput = (name: string) =>
  builder.inputType(name, {
    description: 'Where the mail is to go.',
    fields: (t) => ({
      email: t.field({
        type: 'EmailAddress',
        required: true,
        description: 'The e-mail address of the account, in any case (ValidationError).',
      }),
    }),
  });

const ON_ITS_WAY = 'If there is a use for it, a mail is on its way.';

builder.mutationField('resendVerification', (t) =>
  t.field({
    type: plainSuccess('ResendVerificationSuccess', {
      description: 'The same whether there is such an account or not.',
      message: ON_ITS_WAY,
    }),
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: ({ input }) => input.email,
    description:
      'Has the mail for `verifyEmail` sent again, if an account waits for it; three an hour at most. The answer does not say.',
    args: {
      input: t.arg({
        type: EmailInput('ResendVerificationInput'),
        required: true,
        description: 'Where the mail is to go.',
      }),
    },
    errors: { types: [ValidationError, MailUnavailableError], directResult: true },
    resolve: async (_root, { input }, { auth, client }) => {
      await auth.accounts.resendVerification(input.email, client);
      return {};
    },
  }),
);

builder.mutationField('requestPasswordReset', (t) =>
  t.field({
    type: plainSuccess('RequestPasswordResetSuccess', {
      description: 'The same whether there is such an account or not.',
      message: ON_ITS_WAY,
    }),
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: ({ input }) => input.email,
    description:
      'Has a mail for `resetPassword` sent, if there is an account with this address; three an hour at most. The answer does not say.',
    args: {
      input: t.arg({
        type: EmailInput('RequestPasswordResetInput'),
        required: true,
        description: 'Where the mail is to go.',
      }),
    },
    errors: { types: [ValidationError, MailUnavailableError], directResult: true },
    resolve: async (_root, { input }, { auth, client }) => {
      await auth.accounts.requestPasswordReset(input.email, client);
      return {};
    },
  }),
);

const ResetPasswordSuccessType = builder
  .objectRef<{ readonly endedSessions: number }>('ResetPasswordSuccess')
  .implement({
    description: 'The new password is good, and every sign-in with the old one is over.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The password was changed.' }),
      endedSessions: t.exposeInt('endedSessions', { description: 'How many sessions of the user ended.' }),
    }),
  });

const ResetPasswordInput = builder.inputType('ResetPasswordInput', {
  description: 'Another password, and what allows it.',
  fields: (t) => ({
    token: t.string({ required: true, description: tokenDescription }),
    newPassword: t.string({
      required: true,
      description:
        'Of at most 256 characters, neither common nor containing the username or e-mail address (WeakPasswordError). A weak one leaves the token good.',
    }),
  }),
});

builder.mutationField('resetPassword', (t) =>
  t.field({
    type: ResetPasswordSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: true,
    description:
      'Gives an account another password with the token that was sent within the hour, and ends all its sessions; wrong passwords of before lock nobody out any more. It signs nobody in. The e-mail address counts as confirmed; was it not before, what lets others in ends as well, because somebody else may have registered with it: linked identities, calendar feeds and the second factor. Otherwise the second factor is asked for as before.',
    args: {
      input: t.arg({
        type: ResetPasswordInput,
        required: true,
        description: 'Another password, and what allows it.',
      }),
    },
    errors: { types: [AccountTokenInvalidError, WeakPasswordError], directResult: true },
    resolve: async (_root, { input }, { auth, client }) => ({
      endedSessions: await auth.accounts.resetPassword(input, client),
    }),
  }),
);

const ChangeEmailInput = builder.inputType('ChangeEmailInput', {
  description: 'The address the account is to get.',
  fields: (t) => ({
    newEmail: t.field({
      type: 'EmailAddress',
      required: true,
      description: 'Not the one it has (ValidationError), nor another account’s (EmailTakenError).',
    }),
    password: t.string({ description: ownPasswordDescription }),
  }),
});

builder.mutationField('changeEmail', (t) =>
  t.field({
    type: plainSuccess('ChangeEmailSuccess', {
      description: 'The account keeps its address until the new one is confirmed.',
      message: 'Confirm the new e-mail address with the token that was sent to it.',
    }),
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Begins to give the account of the caller another e-mail address: `verifyEmail` with the token that is sent there ends it, within 24 hours, unless another password or a lock of the account comes before. The present address is told. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: ChangeEmailInput,
        required: true,
        description: 'The address the account is to get.',
      }),
    },
    errors: {
      types: [
        ValidationError,
        InvalidCredentialsError,
        FreshSignInRequiredError,
        AccountLockedError,
        EmailTakenError,
        MailLimitError,
        MailUnavailableError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, { auth, actor, client }) => {
      const { newEmail, password = null } = input;
      await auth.accounts.changeEmail(signedInUser(actor), { newEmail, password }, client);
      return {};
    },
  }),
);
