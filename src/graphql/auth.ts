import {
  AccountLockedError,
  EmailNotVerifiedError,
  EmailTakenError,
  InvalidCredentialsError,
  SecondFactorRequiredError,
  SessionRevokedError,
  UsernameTakenError,
  WeakPasswordError,
} from '../auth/errors.ts';
import type { AuthServices } from '../auth/service.ts';
import type { Session } from '../auth/session.ts';
import { findSession, listOpenSessions } from '../auth/session-store.ts';
import type { User } from '../auth/user.ts';
import {
  type DeviceActor,
  isSignedIn,
  type Role,
  SCOPES,
  type SignedInActor,
  type UserActor,
} from '../lib/actor.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { ApiKeyType } from './api-key-type.ts';
import { AuthSessionType, LoginSuccessType } from './auth-session.ts';
import { builder } from './builder.ts';
import './auth-errors.ts';
import type { Context } from './context.ts';
import { DeviceType } from './device-type.ts';
import './domain-errors.ts';
import { successDescription } from './result-descriptions.ts';
import { ScopeEnum } from './scope.ts';
import { RoleEnum, UserType } from './user.ts';
import { VenueType } from './venue.ts';

declare module './context.ts' {
  interface Services {
    readonly auth: AuthServices;
  }
}

export const ViewerType = builder.objectRef<SignedInActor>('Viewer').implement({
  description: 'Who is asking, and what it may do, as it stands now: a person, a partner or a device.',
  fields: (t) => ({
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'The account of a person; null for others.',
      resolve: (actor) => (actor.kind === 'user' ? actor.userId : null),
    }),
    apiKey: t.field({
      type: ApiKeyType,
      nullable: true,
      description: 'The key of a partner; null for others.',
      resolve: (actor) => (actor.kind === 'partner' ? actor.apiKeyId : null),
    }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'The device that signed in; null for others.',
      resolve: (actor) => (actor.kind === 'device' ? actor.deviceId : null),
    }),
    roles: t.field({
      type: [RoleEnum],
      description: 'What it is at this venue.',
      resolve: rolesOf,
    }),
    scopes: t.field({
      type: [ScopeEnum],
      description: 'What its roles and grants, or its key, allow.',
      resolve: (_actor, _args, { scopes }) => SCOPES.filter((scope) => scopes.has(scope)),
    }),
    venue: t.field({
      type: VenueType,
      description: 'The venue this sign-in or key is for.',
      resolve: ({ venueId }) => venueId,
    }),
    session: t.field({
      type: AuthSessionType,
      nullable: true,
      description: 'The sign-in itself; null for a partner, which needs none.',
      resolve: (actor, _args, { db }) => (actor.kind === 'partner' ? null : sessionOf(db, actor)),
    }),
    sessions: t.field({
      type: [AuthSessionType],
      description:
        'The sign-ins of a person that are not over, at every venue, the newest first, at most 100: end one with `revokeSession`. Of a device its only one, of a partner none.',
      resolve: async (actor, _args, { db }) => {
        if (actor.kind === 'user') return await listOpenSessions(db, actor.userId);
        return actor.kind === 'device' ? [await sessionOf(db, actor)] : [];
      },
    }),
  }),
});

async function sessionOf(db: Context['db'], actor: UserActor | DeviceActor): Promise<Session> {
  const holder = actor.kind === 'user' ? { userId: actor.userId } : { deviceId: actor.deviceId };
  const session = await findSession(db, holder, actor.sessionId);
  if (!session) throw new SessionRevokedError();
  return session;
}

function rolesOf(actor: SignedInActor): Role[] {
  if (actor.kind === 'user') return [...actor.roles];
  return [actor.kind === 'partner' ? 'PARTNER' : 'DEVICE'];
}

builder.queryField('viewer', (t) =>
  t.field({
    type: ViewerType,
    nullable: true,
    authScopes: { anonymous: true },
    description: 'Who is asking; null when nobody is signed in.',
    resolve: (_root, _args, { actor }) => (isSignedIn(actor) ? actor : null),
  }),
);

const LoginInput = builder.inputType('LoginInput', {
  description: 'Who signs in, and where.',
  fields: (t) => ({
    identifier: t.string({ required: true, description: 'The username or the e-mail address, in any case.' }),
    password: t.string({ required: true, description: 'The password.' }),
    venue: t.string({
      description: 'The slug of the venue to sign in to; without it the user’s home venue.',
    }),
  }),
});

builder.mutationField('login', (t) =>
  t.field({
    type: LoginSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: ({ input }) => input.identifier,
    description:
      'Signs in. An account with a second factor is answered with SecondFactorRequiredError, and `verifySecondFactor` finishes it. Wrong passwords lock the name out for a while (AccountLockedError). Too many at once are answered with SYS_003: try again shortly.',
    args: { input: t.arg({ type: LoginInput, required: true, description: 'Who signs in, and where.' }) },
    errors: {
      types: [InvalidCredentialsError, AccountLockedError, SecondFactorRequiredError, EmailNotVerifiedError],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, client }) => auth.login(input, client),
  }),
);

const RegisterSuccessType = builder.objectRef<User>('RegisterSuccess').implement({
  description:
    'The new account. It can sign in, at once or when its address is confirmed, as the server is set.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: 'What happened, in English, for a person.',
      resolve: () => 'The account was created.',
    }),
    user: t.field({ type: UserType, description: 'The account.', resolve: (user) => user }),
  }),
});

const RegisterInput = builder.inputType('RegisterInput', {
  description: 'Whose account, and where.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description:
        'The e-mail address, at most 254 ASCII characters; no two accounts have the same in any case.',
    }),
    password: t.string({
      required: true,
      description:
        'Of at most 256 characters, at least as many as WeakPasswordError.minLength says, neither common nor containing the username or e-mail address (WeakPasswordError).',
    }),
    username: t.string({
      description:
        'Another name to sign in with: 3 to 32 letters, digits, dots, hyphens and underscores (ValidationError).',
    }),
    displayName: t.string({ description: 'What to call the person, 1 to 100 characters (ValidationError).' }),
    venue: t.string({
      description: 'The slug of the home venue; without it the oldest venue (NotFoundError).',
    }),
  }),
});

builder.mutationField('register', (t) =>
  t.field({
    type: RegisterSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: ({ input }) => input.email,
    description:
      'Makes an account with the role PLAYER, and has a mail for `verifyEmail` sent to its address. Too many at once are answered with SYS_003: try again shortly.',
    args: { input: t.arg({ type: RegisterInput, required: true, description: 'Whose account, and where.' }) },
    errors: {
      types: [EmailTakenError, UsernameTakenError, WeakPasswordError, NotFoundError, ValidationError],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, client }) => auth.registerUser(input, client),
  }),
);
