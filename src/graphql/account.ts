import {
  AccountLockedError,
  InvalidCredentialsError,
  UsernameTakenError,
  WeakPasswordError,
} from '../auth/errors.ts';
import { FreshSignInRequiredError } from '../auth/oauth-errors.ts';
import type { User } from '../auth/user.ts';
import { updateProfile } from '../auth/user-service.ts';
import { ValidationError, VersionConflictError } from '../lib/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import './domain-errors.ts';
import './oauth-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { UserType } from './user.ts';

const ChangePasswordSuccessType = builder
  .objectRef<{ readonly userId: string; readonly endedSessions: number }>('ChangePasswordSuccess')
  .implement({
    description: 'The new password is good, and this session goes on.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The password was changed.' }),
      endedSessions: t.exposeInt('endedSessions', {
        description: 'How many other sessions of the user ended.',
      }),
      user: t.field({ type: UserType, description: 'The account.', resolve: ({ userId }) => userId }),
    }),
  });

const ChangePasswordInput = builder.inputType('ChangePasswordInput', {
  description: 'The password as it is and as it shall be.',
  fields: (t) => ({
    currentPassword: t.string({
      description:
        'The password he signs in with now; left out by who has none yet (`viewer { hasPassword }`) and signed in less than ten minutes ago (FreshSignInRequiredError).',
    }),
    newPassword: t.string({
      required: true,
      description:
        'Of at most 256 characters, neither common nor containing the username or e-mail address, and not the current one (WeakPasswordError).',
    }),
  }),
});

builder.mutationField('changePassword', (t) =>
  t.field({
    type: ChangePasswordSuccessType,
    nullable: true,
    authScopes: { user: true },
    takesCredentials: true,
    description:
      'Gives the caller another password and ends his other sessions; tokens that were mailed for another password or address are void. Whoever has to choose one (AUTH_013) may do everything his roles allow from then on.',
    args: {
      input: t.arg({
        type: ChangePasswordInput,
        required: true,
        description: 'The password as it is and as it shall be.',
      }),
    },
    errors: {
      types: [InvalidCredentialsError, FreshSignInRequiredError, AccountLockedError, WeakPasswordError],
      directResult: true,
    },
    resolve: async (_root, { input }, { auth, actor, client }) => {
      const user = signedInUser(actor);
      return { userId: user.userId, endedSessions: await auth.changePassword(user, input, client) };
    },
  }),
);

const UpdateProfileSuccessType = builder.objectRef<User>('UpdateProfileSuccess').implement({
  description: 'The profile as it is now.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The profile was changed.' }),
    user: t.field({ type: UserType, description: 'The account.', resolve: (user) => user }),
  }),
});

const UpdateProfileInput = builder.inputType('UpdateProfileInput', {
  description: 'What is to change: what is left out stays, and null removes.',
  fields: (t) => ({
    expectedVersion: t.int({
      required: true,
      description: '`User.version` as the caller read it (VersionConflictError).',
    }),
    username: t.string({
      description:
        'Another name to sign in with: 3 to 32 letters, digits, dots, hyphens and underscores (ValidationError, UsernameTakenError).',
    }),
    displayName: t.string({ description: 'What to call the person, 1 to 100 characters (ValidationError).' }),
  }),
});

builder.mutationField('updateProfile', (t) =>
  t.field({
    type: UpdateProfileSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description:
      'Changes what the caller is called. What changes nothing leaves the version as it is. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({ type: UpdateProfileInput, required: true, description: 'What is to change.' }),
    },
    errors: { types: [ValidationError, UsernameTakenError, VersionConflictError], directResult: true },
    resolve: (_root, { input }, { runWork, actor }) => {
      const user = signedInUser(actor);
      return runWork(user, (work) => updateProfile(work, user, input));
    },
  }),
);
