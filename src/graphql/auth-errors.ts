import {
  AccountHasMoneyError,
  AccountLockedError,
  AccountTokenInvalidError,
  DeviceCredentialsError,
  EmailNotVerifiedError,
  EmailTakenError,
  InvalidCredentialsError,
  LastAdminError,
  MailLimitError,
  MailUnavailableError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SecondFactorEnabledError,
  SecondFactorRequiredError,
  SecondFactorWrongError,
  SessionRevokedError,
  SignInChallengeInvalidError,
  SocketTokenRefusedError,
  UsernameTakenError,
  VenueSlugTakenError,
  WeakPasswordError,
} from '../auth/errors.ts';
import { builder } from './builder.ts';
import { errorType } from './error-type.ts';

/** What sign-in and registration may answer with; importing this file puts it into the schema. */

const PasswordRuleEnum = builder.enumType('PasswordRule', {
  description: 'What a password can be refused for. Capitals, digits and signs are not asked for.',
  values: {
    TOO_SHORT: { description: 'It has fewer characters than `minLength`.' },
    TOO_LONG: { description: 'It has more than 256 characters.' },
    COMMON: {
      description: 'Many people would hit on it: common words, a repetition, or a run of neighbouring keys.',
    },
    UNCHANGED: { description: 'It is the password it was to replace.' },
    CONTAINS_IDENTITY: { description: 'It contains the username or the e-mail address.' },
  },
});

errorType(InvalidCredentialsError, {
  name: 'InvalidCredentialsError',
  description:
    'The username, the password or the venue is wrong, or the account may not sign in: all are answered alike. Where somebody who is signed in shows his password once more his session goes on: ask him for it again. Code AUTH_001.',
});

errorType(AccountLockedError, {
  name: 'AccountLockedError',
  description:
    'Too many wrong guesses lately: until `lockedUntil` even the right one is refused, and nothing is tried. A name without an account is locked like any other. Open sessions, `refreshToken` and `resetPassword` go on working. Code AUTH_005.',
  fields: (t) => ({
    lockedUntil: t.expose('until', { type: 'DateTime', description: 'When it may be tried again.' }),
    retryAfterMs: t.exposeInt('retryAfterMs', {
      description: 'The time until then, in milliseconds.',
    }),
  }),
});

errorType(DeviceCredentialsError, {
  name: 'DeviceCredentialsError',
  description:
    'The venue, the device number, the serial number or the pairing code is wrong, or the device was removed: all are answered alike. Code AUTH_001.',
});

errorType(RefreshTokenInvalidError, {
  name: 'RefreshTokenInvalidError',
  description: 'The refresh token was never given out, or its session is long over. Code AUTH_003.',
});

errorType(RefreshTokenReusedError, {
  name: 'RefreshTokenReusedError',
  description:
    'The refresh token was used before: somebody has a copy of it. Its session was ended, with all its tokens, sockets and streams. Code AUTH_009.',
});

errorType(SessionRevokedError, {
  name: 'SessionRevokedError',
  description:
    'The session is over: ended, expired, or its user is locked or has no role any more, or its device was removed. Code AUTH_012.',
});

errorType(SecondFactorRequiredError, {
  name: 'SecondFactorRequiredError',
  description:
    'The password is right, or the provider has confirmed who it is, and the account asks for a code of its second factor besides. Code AUTH_006.',
  fields: (t) => ({
    challenge: t.exposeString('challenge', {
      description: 'What `verifySecondFactor` takes beside the code. Good for one session. Keep it secret.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      description: 'When the challenge is over: five minutes from now.',
    }),
  }),
});

errorType(SecondFactorWrongError, {
  name: 'SecondFactorWrongError',
  description: 'The code is wrong or was used before. Code AUTH_007.',
  fields: (t) => ({
    triesLeft: t.exposeInt('triesLeft', {
      nullable: true,
      description:
        'How many more codes the challenge takes, at most 4; at 0 start again with the password. Null where there is no challenge.',
    }),
  }),
});

errorType(SignInChallengeInvalidError, {
  name: 'SignInChallengeInvalidError',
  description:
    'The challenge was never given out, was used, is older than five minutes, has no tries left, or the account was locked or its password or second factor changed since. Start again with the password. Code AUTH_003.',
});

errorType(SecondFactorEnabledError, {
  name: 'SecondFactorEnabledError',
  description: 'The account has a second factor already; disable it first. Code API_001.',
});

errorType(AccountTokenInvalidError, {
  name: 'AccountTokenInvalidError',
  description:
    'The token of a mail was never given out, is used, void or too old, or its account is not what it was. Code AUTH_003.',
});

errorType(EmailNotVerifiedError, {
  name: 'EmailNotVerifiedError',
  description:
    'The password or token is right, and the e-mail address has to be confirmed first: `verifyEmail`, without a token of the session. What was shown is good afterwards. Code AUTH_008.',
});

errorType(MailUnavailableError, {
  name: 'MailUnavailableError',
  description: 'No mail leaves this server: whoever runs it has named no mail server. Code SYS_001.',
});

errorType(MailLimitError, {
  name: 'MailLimitError',
  description: 'The account has had its three mails of this hour. Code API_005.',
});

errorType(EmailTakenError, {
  name: 'EmailTakenError',
  description: 'The e-mail address is already registered, in whatever case. Code AUTH_010.',
});

errorType(UsernameTakenError, {
  name: 'UsernameTakenError',
  description: 'The username is already taken, in whatever case. Code API_001.',
});

errorType(VenueSlugTakenError, {
  name: 'VenueSlugTakenError',
  description: 'Another venue has this slug. Code API_001.',
});

errorType(LastAdminError, {
  name: 'LastAdminError',
  description:
    'A venue would be left without an ADMIN who can sign in: make somebody else ADMIN first. Code API_001.',
});

errorType(AccountHasMoneyError, {
  name: 'AccountHasMoneyError',
  description:
    'A wallet of the account has money, at whichever venue, or a transfer between it and a machine is under way: have it paid out first. Code API_001.',
});

errorType(WeakPasswordError, {
  name: 'WeakPasswordError',
  description: 'The password is too weak. Code AUTH_011.',
  fields: (t) => ({
    failedRules: t.field({
      type: [PasswordRuleEnum],
      description: 'Every rule it breaks.',
      resolve: ({ failedRules }) => [...failedRules],
    }),
    minLength: t.exposeInt('minLength', {
      description:
        'How many characters this password has at least: 6 to 64. It may be fewer for an account that asks for a code besides.',
    }),
  }),
});

errorType(SocketTokenRefusedError, {
  name: 'SocketTokenRefusedError',
  description:
    'The token is not good for this socket; `message` says what would be. The socket is as it was. Code WS_002.',
});
