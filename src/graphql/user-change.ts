import type { CreatedAccount } from '../auth/account-creation.ts';
import { EmailTakenError, LastAdminError, UsernameTakenError, WeakPasswordError } from '../auth/errors.ts';
import { ROLE_OF_GRANT } from '../auth/scopes.ts';
import type { User } from '../auth/user.ts';
import { type ChangedStanding, lockUser, setUserRoles, unlockUser } from '../auth/user-standing-service.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { ScopeEnum } from './scope.ts';
import { RoleEnum, UserType } from './user.ts';

/** What an ADMIN does to the accounts of others. */

const userIdDescription = 'The user’s id.';

const CreateUserSuccessType = builder.objectRef<CreatedAccount>('CreateUserSuccess').implement({
  description: 'The new account. It can sign in at once.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The account was created.' }),
    user: t.field({ type: UserType, description: 'The account.', resolve: ({ user }) => user }),
    temporaryPassword: t.exposeString('temporaryPassword', {
      nullable: true,
      description:
        'The password that was made for it, shown here and never again: hand it over. Null when the input had one.',
    }),
  }),
});

const CreateUserInput = builder.inputType('CreateUserInput', {
  description: 'Whose account, and what he is at the venue of the caller, which becomes his home.',
  fields: (t) => ({
    email: t.field({
      type: 'EmailAddress',
      required: true,
      description:
        'The e-mail address, at most 254 ASCII characters; no two accounts have the same in any case (EmailTakenError). It counts as verified.',
    }),
    username: t.string({
      description:
        'Another name to sign in with: 3 to 32 letters, digits, dots, hyphens and underscores (ValidationError, UsernameTakenError).',
    }),
    displayName: t.string({ description: 'What to call the person, 1 to 100 characters (ValidationError).' }),
    password: t.string({
      description:
        'Of at most 256 characters, neither common nor containing the username or e-mail address (WeakPasswordError). Without it one is made and shown once.',
    }),
    roles: t.field({
      type: [RoleEnum],
      required: true,
      description: 'At least one of ADMIN, OPERATOR, PLAYER and AUDITOR (ValidationError).',
    }),
    mustChangePassword: t.boolean({
      defaultValue: true,
      description: 'Whether he has to choose another password before anything else (AUTH_013).',
    }),
  }),
});

builder.mutationField('createUser', (t) =>
  t.field({
    type: CreateUserSuccessType,
    nullable: true,
    authScopes: { scope: 'USERS_WRITE' },
    description:
      'Makes an account for somebody else. Too many at once are answered with SYS_003: try again shortly. Needs USERS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CreateUserInput, required: true, description: 'Whose account.' }) },
    errors: {
      types: [EmailTakenError, UsernameTakenError, WeakPasswordError, ValidationError],
      directResult: true,
    },
    resolve: (_root, { input }, context) =>
      context.auth.createAccount(
        context.actor,
        { ...input, venueId: venueIdOf(context), mustChangePassword: input.mustChangePassword ?? true },
        context.client,
      ),
  }),
);

const changedStanding = (name: string, message: string) =>
  builder.objectRef<ChangedStanding>(name).implement({
    description: 'The account as it stands now.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      user: t.field({ type: UserType, description: 'The account.', resolve: ({ user }) => user }),
      endedSessions: t.int({
        description: 'How many sessions of the user ended with it.',
        resolve: ({ endedSessions }) => endedSessions.length,
      }),
    }),
  });

const SetUserRolesSuccessType = changedStanding('SetUserRolesSuccess', 'The roles were set.');
const LockUserSuccessType = changedStanding('LockUserSuccess', 'The account was locked.');

const grantsDescription = [...ROLE_OF_GRANT]
  .map(([scope, role]) => `${scope} for whoever is ${role}`)
  .join(', ');

const SetUserRolesInput = builder.inputType('SetUserRolesInput', {
  description: 'What a user is, and may besides, at the venue of the caller.',
  fields: (t) => ({
    userId: t.id({ required: true, description: userIdDescription }),
    roles: t.field({
      type: [RoleEnum],
      required: true,
      description:
        'All he is there from now on, of ADMIN, OPERATOR, PLAYER and AUDITOR (ValidationError). None ends his sessions there.',
    }),
    grants: t.field({
      type: [ScopeEnum],
      description: `All he may there besides what these roles allow: ${grantsDescription} (ValidationError), and nothing the caller may not himself (AUTH_004). Left out, he keeps what he was granted beside a role that he keeps.`,
    }),
    expectedVersion: t.int({
      description: '`User.version` as the caller read it; when given and no longer so, VersionConflictError.',
    }),
  }),
});

builder.mutationField('setUserRoles', (t) =>
  t.field({
    type: SetUserRolesSuccessType,
    nullable: true,
    authScopes: { scope: 'USERS_WRITE' },
    description:
      'Says what a user is, and may besides, at the venue of the caller; elsewhere nothing changes. It is felt at once, by open sockets and streams too. The last ADMIN of a venue stays one (LastAdminError). Needs USERS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: SetUserRolesInput, required: true, description: 'Who is what.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError, LastAdminError, VersionConflictError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const which = { userId: decodeIdOf('User', input.userId), venueId: venueIdOf(context) };
      const changed = await context.runWork(context.actor, (work) =>
        setUserRoles(work, { ...input, ...which }),
      );
      context.auth.forgetSessions();
      return changed;
    },
  }),
);

const LockUserInput = builder.inputType('LockUserInput', {
  description: 'Whose account is locked, and why.',
  fields: (t) => ({
    userId: t.id({ required: true, description: userIdDescription }),
    reason: t.string({
      required: true,
      description: 'Why, in 1 to 200 characters (ValidationError). Whoever reads the log can read it.',
    }),
  }),
});

builder.mutationField('lockUser', (t) =>
  t.field({
    type: LockUserSuccessType,
    nullable: true,
    authScopes: { scope: 'USERS_WRITE' },
    description:
      'Shuts an account at every venue: its sessions, sockets and streams end at once, nobody signs in to it, and tokens that were mailed for another password or address are void for good. Only at its home venue (NotOwnerError), nobody his own (ValidationError), and never that of a venue’s last ADMIN (LastAdminError). Needs USERS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: LockUserInput, required: true, description: 'Whose, and why.' }) },
    errors: { types: [NotFoundError, NotOwnerError, ValidationError, LastAdminError], directResult: true },
    resolve: async (_root, { input: { userId, reason } }, context) => {
      const which = { userId: decodeIdOf('User', userId), venueId: venueIdOf(context) };
      const changed = await context.runWork(context.actor, (work) => lockUser(work, { ...which, reason }));
      context.auth.forgetSessions();
      return changed;
    },
  }),
);

const UnlockUserSuccessType = builder.objectRef<User>('UnlockUserSuccess').implement({
  description: 'The account as it stands now.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The account was unlocked.' }),
    user: t.field({ type: UserType, description: 'The account.', resolve: (user) => user }),
  }),
});

const UnlockUserInput = builder.inputType('UnlockUserInput', {
  description: 'Whose account is opened again.',
  fields: (t) => ({ userId: t.id({ required: true, description: userIdDescription }) }),
});

builder.mutationField('unlockUser', (t) =>
  t.field({
    type: UnlockUserSuccessType,
    nullable: true,
    authScopes: { scope: 'USERS_WRITE' },
    description:
      'Opens a locked account again, and one that wrong sign-ins have locked out (AUTH_005); at its home venue only (NotOwnerError). Sessions that ended stay over. Needs USERS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: UnlockUserInput, required: true, description: 'Whose.' }) },
    errors: { types: [NotFoundError, NotOwnerError, ValidationError], directResult: true },
    resolve: (_root, { input: { userId } }, context) =>
      context.runWork(context.actor, (work) =>
        unlockUser(work, { userId: decodeIdOf('User', userId), venueId: venueIdOf(context) }),
      ),
  }),
);
