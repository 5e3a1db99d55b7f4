import type { Confirmation, Enrolment } from '../auth/enrolment.ts';
import {
  AccountLockedError,
  InvalidCredentialsError,
  SecondFactorEnabledError,
  SecondFactorWrongError,
  SignInChallengeInvalidError,
  WeakPasswordError,
} from '../auth/errors.ts';
import { FreshSignInRequiredError } from '../auth/oauth-errors.ts';
import type { SecondFactor } from '../auth/second-factor.ts';
import { findSecondFactor } from '../auth/second-factor-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { ViewerType } from './auth.ts';
import './auth-errors.ts';
import { tokenAnswer } from './auth-session.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import './domain-errors.ts';
import './oauth-errors.ts';
import { messageDescription, ownPasswordDescription, successDescription } from './result-descriptions.ts';

const SecondFactorType = builder.objectRef<SecondFactor>('SecondFactor').implement({
  description: 'The second factor of an account: the codes of an authenticator app (TOTP, RFC 6238).',
  fields: (t) => ({
    enabledAt: t.expose('enabledAt', {
      type: 'DateTime',
      description: 'Since when sign-ins ask for a code.',
    }),
    recoveryCodesLeft: t.exposeInt('recoveryCodesLeft', {
      description:
        'How many of the ten recovery codes are unused. For new ones disable the factor and enrol again.',
    }),
  }),
});

builder.objectField(ViewerType, 'secondFactor', (t) =>
  t.field({
    type: SecondFactorType,
    nullable: true,
    description: 'The second factor of a person; null when his sign-ins ask for the password alone.',
    resolve: async (actor, _args, { db }) =>
      actor.kind === 'user' ? await findSecondFactor(db, actor.userId) : null,
  }),
);

const EnrollSecondFactorSuccessType = builder.objectRef<Enrolment>('EnrollSecondFactorSuccess').implement({
  description: 'A secret for an authenticator app, shown this once. Confirm it with a code of the app.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: () => 'Add the account to your app, then confirm it with a code.',
    }),
    secret: t.exposeString('secret', { description: 'The secret in base32, to be typed in.' }),
    uri: t.exposeString('uri', { description: 'The same as an `otpauth://` URI, to be shown as a QR code.' }),
  }),
});

const EnrollSecondFactorInput = builder.inputType('EnrollSecondFactorInput', {
  description: 'Who asks for a second factor.',
  fields: (t) => ({ password: t.string({ description: ownPasswordDescription }) }),
});

builder.mutationField('enrollSecondFactor', (t) =>
  t.field({
    type: EnrollSecondFactorSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Begins a second factor with the codes of an authenticator app. Nothing asks for it before `confirmSecondFactor`; asked again until then, it makes another secret. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: EnrollSecondFactorInput,
        required: true,
        description: 'Who asks for a second factor.',
      }),
    },
    errors: {
      types: [
        InvalidCredentialsError,
        FreshSignInRequiredError,
        AccountLockedError,
        SecondFactorEnabledError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, actor, client }) =>
      auth.secondFactors.enroll(signedInUser(actor), input.password ?? null, client),
  }),
);

const ConfirmSecondFactorSuccessType = builder
  .objectRef<Confirmation>('ConfirmSecondFactorSuccess')
  .implement({
    description: 'Sign-ins ask for a code from now on.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'The second factor is enabled. Keep the recovery codes in a safe place.',
      }),
      recoveryCodes: t.stringList({
        description: 'Ten codes, shown this once, each good for one sign-in without the app.',
        resolve: ({ recoveryCodes }) => [...recoveryCodes],
      }),
      endedSessions: t.int({
        description: 'How many other sessions of the user ended, as they were opened without a code.',
        resolve: ({ endedSessions }) => endedSessions.length,
      }),
    }),
  });

const ConfirmSecondFactorInput = builder.inputType('ConfirmSecondFactorInput', {
  description: 'The proof that the app has the secret.',
  fields: (t) => ({
    code: t.string({ required: true, description: 'The six digits the app shows now.' }),
  }),
});

builder.mutationField('confirmSecondFactor', (t) =>
  t.field({
    type: ConfirmSecondFactorSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Enables the second factor that `enrollSecondFactor` began, and ends the other sessions of the caller at every venue. NotFoundError when none waits for its first code. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: ConfirmSecondFactorInput,
        required: true,
        description: 'The proof that the app has the secret.',
      }),
    },
    errors: { types: [SecondFactorWrongError, AccountLockedError, NotFoundError], directResult: true },
    resolve: async (_root, { input }, { auth, actor, client }) => {
      const confirmation = await auth.secondFactors.confirm(signedInUser(actor), input.code, client);
      for (const sessionId of confirmation.endedSessions) auth.forgetSession(sessionId);
      return confirmation;
    },
  }),
);

const DisableSecondFactorSuccessType = builder
  .objectRef<Record<never, never>>('DisableSecondFactorSuccess')
  .implement({
    description: 'Sign-ins ask for the password alone, and the recovery codes are worth nothing.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'The second factor was removed.',
      }),
    }),
  });

const DisableSecondFactorInput = builder.inputType('DisableSecondFactorInput', {
  description: 'Who gives up his second factor.',
  fields: (t) => ({
    password: t.string({ description: ownPasswordDescription }),
    code: t.string({
      required: true,
      description: 'A code of the app that was not used yet, or a recovery code.',
    }),
  }),
});

builder.mutationField('disableSecondFactor', (t) =>
  t.field({
    type: DisableSecondFactorSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Removes the second factor of the caller. NotFoundError when there is none; WeakPasswordError where the installation lets a password be shorter because of the code and his is: he changes it first. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: DisableSecondFactorInput,
        required: true,
        description: 'Who gives up his second factor.',
      }),
    },
    errors: {
      types: [
        InvalidCredentialsError,
        FreshSignInRequiredError,
        SecondFactorWrongError,
        AccountLockedError,
        WeakPasswordError,
        NotFoundError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, { auth, actor, client }) => {
      const { password = null, code } = input;
      await auth.secondFactors.disable(signedInUser(actor), { password, code }, client);
      return {};
    },
  }),
);

const VerifySecondFactorSuccessType = tokenAnswer('VerifySecondFactorSuccess', {
  description: 'A sign-in and its tokens.',
  message: 'Signed in.',
});

const VerifySecondFactorInput = builder.inputType('VerifySecondFactorInput', {
  description: 'The other half of a sign-in.',
  fields: (t) => ({
    challenge: t.string({
      required: true,
      description:
        'The `challenge` of the SecondFactorRequiredError that `login` or `completeOAuth` answered.',
    }),
    code: t.string({
      required: true,
      description: 'The six digits the app shows now, or a recovery code. Each is taken once.',
    }),
  }),
});

builder.mutationField('verifySecondFactor', (t) =>
  t.field({
    type: VerifySecondFactorSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: true,
    description:
      'Finishes a sign-in that `login` or `completeOAuth` answered with SecondFactorRequiredError. After the fifth wrong code in a row no code of the app is looked at for fifteen minutes, after further ones for longer, a day at most (AccountLockedError); a recovery code is. InvalidCredentialsError when the user has no role at the venue any more.',
    args: {
      input: t.arg({
        type: VerifySecondFactorInput,
        required: true,
        description: 'The other half of a sign-in.',
      }),
    },
    errors: {
      types: [
        SecondFactorWrongError,
        AccountLockedError,
        SignInChallengeInvalidError,
        InvalidCredentialsError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, client }) => auth.verifySecondFactor(input, client),
  }),
);
