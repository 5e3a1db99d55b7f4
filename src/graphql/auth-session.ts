import {
  EmailNotVerifiedError,
  RefreshTokenInvalidError,
  RefreshTokenReusedError,
  SessionRevokedError,
} from '../auth/errors.ts';
import type { Session } from '../auth/session.ts';
import { logout, revokeOwnSession } from '../auth/session-service.ts';
import type { Renewed, SessionTokens, SignedIn } from '../auth/sign-in.ts';
import { credentialOf } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import { signedInHolder, signedInUser } from './caller.ts';
import { DeviceType } from './device-type.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { UserType } from './user.ts';

export const AuthSessionType = builder.objectRef<Session>('AuthSession').implement({
  description: 'One sign-in of one user or device at one venue.',
  fields: (t) => ({
    id: t.globalID({
      description: 'Opaque global id.',
      resolve: ({ id }) => ({ type: 'AuthSession', id }),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was opened.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When it was opened or last renewed by `refreshToken`.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it is over by itself.' }),
    current: t.boolean({
      description: 'Whether this very request is made in it.',
      resolve: ({ id }, _args, { actor }) => credentialOf(actor) === id,
    }),
    userAgent: t.exposeString('userAgent', {
      nullable: true,
      description:
        'What the program that signed in called itself, at most 256 characters; null when it did not.',
    }),
    address: t.exposeString('address', {
      nullable: true,
      description: 'The network address the sign-in came from; null when it is not known.',
    }),
  }),
});

/** A pair of tokens and what they are for; whose they are is added by who answers. */
export const sessionAnswer = <Answer extends SessionTokens>(
  name: string,
  { description, message }: { description: string; message: string },
) =>
  builder.objectRef<Answer>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      accessToken: t.string({
        description:
          'To be sent as `Authorization: Bearer …`, and as `accessToken` in `connection_init`. Keep it secret.',
        resolve: ({ accessToken }) => accessToken,
      }),
      tokenType: t.string({ description: 'Always `Bearer`.', resolve: () => 'Bearer' }),
      expiresIn: t.int({
        description: 'How long the access token is good for, in seconds.',
        resolve: ({ expiresInSeconds }) => expiresInSeconds,
      }),
      expiresAt: t.field({
        type: 'DateTime',
        description: 'When the access token ends.',
        resolve: ({ expiresAt }) => expiresAt,
      }),
      refreshToken: t.string({
        description:
          'For `refreshToken`, once, until the session expires. Keep it secret, and apart from the access token.',
        resolve: ({ refreshToken }) => refreshToken,
      }),
      session: t.field({
        type: AuthSessionType,
        description: 'The session they belong to.',
        resolve: ({ session }) => session,
      }),
    }),
  });

/** As sign-in answers a person. */
export const tokenAnswer = (name: string, texts: { description: string; message: string }) => {
  const ref = sessionAnswer<SignedIn>(name, texts);
  builder.objectField(ref, 'user', (t) =>
    t.field({ type: UserType, description: 'Whose tokens they are.', resolve: ({ user }) => user }),
  );
  return ref;
};

export const LoginSuccessType = tokenAnswer('LoginSuccess', {
  description: 'A sign-in and its tokens.',
  message: 'Signed in.',
});

const RefreshTokenSuccessType = sessionAnswer<Renewed>('RefreshTokenSuccess', {
  description: 'The next pair of tokens of a session. The refresh token that was shown is used up.',
  message: 'Renewed.',
});

builder.objectFields(RefreshTokenSuccessType, (t) => ({
  user: t.field({
    type: UserType,
    nullable: true,
    description: 'Whose tokens they are; null when a device’s.',
    resolve: ({ user }) => user,
  }),
  device: t.field({
    type: DeviceType,
    nullable: true,
    description: 'Whose tokens they are; null when a person’s.',
    resolve: ({ device }) => device,
  }),
}));

const RefreshTokenInput = builder.inputType('RefreshTokenInput', {
  description: 'What the session is renewed with.',
  fields: (t) => ({
    refreshToken: t.string({
      required: true,
      description:
        'The refresh token of the last `login`, `completeOAuth`, `authenticateDevice` or `refreshToken`.',
    }),
  }),
});

builder.mutationField('refreshToken', (t) =>
  t.field({
    type: RefreshTokenSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: 'RENEWAL',
    description:
      'Exchanges a refresh token for a new pair of tokens. It is good once: shown again, it ends its session for everybody who holds it, so never send it twice at a time. Send no expired access token along.',
    args: {
      input: t.arg({
        type: RefreshTokenInput,
        required: true,
        description: 'What the session is renewed with.',
      }),
    },
    errors: {
      types: [RefreshTokenInvalidError, RefreshTokenReusedError, SessionRevokedError, EmailNotVerifiedError],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, client }) => auth.refresh(input.refreshToken, client),
  }),
);

const LogoutSuccessType = builder.objectRef<readonly string[]>('LogoutSuccess').implement({
  description: 'It is over: its tokens are refused, and its sockets and streams are closed.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'Signed out.' }),
    endedSessions: t.int({
      description: 'How many sessions ended.',
      resolve: (ended) => ended.length,
    }),
  }),
});

const LogoutInput = builder.inputType('LogoutInput', {
  description: 'What to sign out of.',
  fields: (t) => ({
    allSessions: t.boolean({
      defaultValue: false,
      description: 'Whether all sessions of the user end, at every venue, and not just this one.',
    }),
  }),
});

builder.mutationField('logout', (t) =>
  t.field({
    type: LogoutSuccessType,
    nullable: true,
    authScopes: { session: true },
    description:
      'Ends the session of the token this is asked with, or all of the user’s. For people and devices (AUTH_004).',
    args: {
      input: t.arg({ type: LogoutInput, description: 'What to sign out of; this session by default.' }),
    },
    errors: { types: [SessionRevokedError], directResult: true },
    resolve: async (_root, { input }, { auth, runWork, actor }) => {
      const holder = signedInHolder(actor);
      const allSessions = input?.allSessions ?? false;
      const ended = await runWork(holder, (work) => logout(work, holder, { allSessions }));
      for (const sessionId of ended) auth.forgetSession(sessionId);
      return ended;
    },
  }),
);

const RevokeSessionSuccessType = builder
  .objectRef<{ readonly sessionId: string }>('RevokeSessionSuccess')
  .implement({
    description: 'It is over: its tokens are refused, and its sockets and streams are closed.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The session was ended.' }),
      sessionId: t.globalID({
        description: 'Which session ended.',
        resolve: ({ sessionId }) => ({ type: 'AuthSession', id: sessionId }),
      }),
    }),
  });

const RevokeSessionInput = builder.inputType('RevokeSessionInput', {
  description: 'Which session to end.',
  fields: (t) => ({
    sessionId: t.id({ required: true, description: 'One of `viewer { sessions }`.' }),
  }),
});

builder.mutationField('revokeSession', (t) =>
  t.field({
    type: RevokeSessionSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description: 'Ends one of the caller’s own sessions, at whichever venue. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({ type: RevokeSessionInput, required: true, description: 'Which session to end.' }),
    },
    errors: { types: [NotFoundError], directResult: true },
    resolve: async (_root, { input }, { auth, runWork, actor }) => {
      const user = signedInUser(actor);
      const sessionId = decodeIdOf('AuthSession', input.sessionId);
      await runWork(user, (work) => revokeOwnSession(work, user, sessionId));
      auth.forgetSession(sessionId);
      return { sessionId };
    },
  }),
);
