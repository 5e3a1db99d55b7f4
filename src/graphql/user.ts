import { canSeeEmail } from '../auth/policy.ts';
import type { User } from '../auth/user.ts';
import { findVisibleUsers } from '../auth/user-service.ts';
import type { Rights } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { foundOrNull } from './found.ts';
import { ScopeEnum } from './scope.ts';

/** A user as the caller may see him: what is not for him is null. */
export type SeenUser = Omit<User, Private> & { readonly [Key in Private]: User[Key] | null };
type Private = 'email' | 'mustChangePassword';

export const RoleEnum = builder.enumType('Role', {
  description: 'What somebody is at a venue. A user may have several roles.',
  values: {
    ADMIN: { description: 'Everything in its venue.' },
    OPERATOR: {
      description: 'Sees and controls the machines of the venue and its bookings, and sees its wallets.',
    },
    PLAYER: { description: 'Plays and books: its own profile, wallets and bookings.' },
    DEVICE: { description: 'A screen, board, gate or sensor: its own stream and reports.' },
    PARTNER: { description: 'A partner system: exactly the scopes of its API key.' },
    AUDITOR: { description: 'Reads everything and changes nothing.' },
  },
});

export const UserStatusEnum = builder.enumType('UserStatus', {
  description: 'Whether an account can be used.',
  values: {
    ACTIVE: { description: 'The account can sign in.' },
    LOCKED: { description: 'The account cannot sign in, and its sessions are over.' },
    DELETED: { description: 'The account is gone; what it did remains.' },
  },
});

export const UserType = builder.loadableNodeRef<SeenUser, never, string, string>('User', {
  id: { resolve: ({ id }: SeenUser) => id },
  load: loadUsers,
});

UserType.implement({
  description: 'A person with an account. Seen by himself and by ADMIN, OPERATOR and AUDITOR of the venue.',
  fields: (t) => ({
    email: t.expose('email', {
      type: 'EmailAddress',
      nullable: true,
      description:
        'How he is reached. Shown to himself and to ADMIN and OPERATOR of the venue; null to others.',
    }),
    username: t.exposeString('username', {
      nullable: true,
      description: 'The name to sign in with besides the e-mail address; null when there is none.',
    }),
    displayName: t.exposeString('displayName', {
      nullable: true,
      description: 'What to call him, at most 100 characters; null when he has not said.',
    }),
    roles: t.field({
      type: [RoleEnum],
      description: 'What he is at the venue of the caller.',
      resolve: ({ roles }) => [...roles],
    }),
    grants: t.field({
      type: [ScopeEnum],
      description: 'What he may at the venue of the caller besides what his roles allow.',
      resolve: ({ grants }) => [...grants],
    }),
    status: t.expose('status', { type: UserStatusEnum, description: 'Whether the account can be used.' }),
    emailVerified: t.boolean({
      nullable: true,
      description:
        'Whether he has shown that he reads the mail of this address. Shown to whom the address is; null to others.',
      resolve: ({ email, emailVerifiedAt }) => (email === null ? null : emailVerifiedAt !== null),
    }),
    mustChangePassword: t.exposeBoolean('mustChangePassword', {
      nullable: true,
      description:
        'Whether somebody else chose the password: until `changePassword` everything else is answered with AUTH_013. Shown to whom the address is; null to others.',
    }),
    version: t.exposeInt('version', {
      description:
        'Counts the changes of the account: `expectedVersion` of `updateProfile` and `setUserRoles`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when the account exists.' }),
  }),
});

/** The user, or null when the caller may not see him. */
export const seenUser = (context: Context, id: string): Promise<SeenUser | null> =>
  foundOrNull(UserType.getDataloader(context), id);

/** What of a user whom the actor may see is for him. */
export const seenBy = (actor: Rights, user: User): SeenUser =>
  canSeeEmail(actor, user) ? user : { ...user, email: null, mustChangePassword: null };

async function loadUsers(ids: readonly string[], context: Context): Promise<(SeenUser | NotFoundError)[]> {
  const users = new Map((await findVisibleUsers(context, ids)).map((user) => [user.id, user]));
  return ids.map((id) => {
    const user = users.get(id);
    if (!user) return new NotFoundError('user');
    return seenBy(context.viewer, user);
  });
}
