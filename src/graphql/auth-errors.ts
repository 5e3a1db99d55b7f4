import {
  EmailTakenError,
  InvalidCredentialsError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SessionRevokedError,
  UsernameTakenError,
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
    'The username, the password or the venue is wrong, or the account may not sign in: all are answered alike. Code AUTH_001.',
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
    'The session is over: ended, expired, or its user is locked or has no role any more. Code AUTH_012.',
});

errorType(EmailTakenError, {
  name: 'EmailTakenError',
  description: 'The e-mail address is already registered, in whatever case. Code AUTH_010.',
});

errorType(UsernameTakenError, {
  name: 'UsernameTakenError',
  description: 'The username is already taken, in whatever case. Code API_001.',
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
    minLength: t.exposeInt('minLength', { description: 'How many characters a password has at least.' }),
  }),
});
