import { canListUsers, canSearchEmail } from '../auth/policy.ts';
import { parseNamePrefix } from '../auth/user-list.ts';
import { countUsers, listUsers, type UserFilter } from '../auth/user-list-store.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { resolvePage } from './page.ts';
import { RoleEnum, type SeenUser, seenBy, UserStatusEnum, UserType } from './user.ts';

const UserConnection = builder.connectionObject(
  {
    type: UserType,
    name: 'UserConnection',
    description: 'One page of users, the newest first.',
  },
  { name: 'UserEdge' },
);

builder.queryField('users', (t) =>
  t.connection(
    {
      type: UserType,
      nullable: true,
      authScopes: { scope: 'USERS_READ' },
      description:
        'Everybody who is at home at the venue or has a role there, the newest account first. Needs USERS_READ (AUTH_004).',
      args: {
        roles: t.arg({
          type: [RoleEnum],
          description: 'Only who is one of these at the venue, at least one (API_001).',
        }),
        status: t.arg({ type: UserStatusEnum, description: 'Only accounts that stand like this.' }),
        search: t.arg.string({
          description:
            'Only whose username or display name begins like this, or whose e-mail address does where the caller may see it; in any case, 1 to 254 characters (API_001).',
        }),
      },
      resolve: async (_root, { roles, status, search, ...args }, context) => {
        const { actor, db } = context;
        const venueId = venueIdOf(context);
        if (!canListUsers(actor, venueId)) throw new PermissionDeniedError('see the users of this venue');
        const filter: UserFilter = {
          roles: roles ?? null,
          status: status ?? null,
          name: search == null ? null : { prefix: parseNamePrefix(search), withEmail: canSearchEmail(actor) },
        };
        return await resolvePage(args, {
          keyOf: ({ createdAt, id }: SeenUser) => ({ at: createdAt, id }),
          load: async (range) =>
            (await listUsers(db, venueId, { filter, range })).map((user) => seenBy(actor, user)),
          count: () => countUsers(db, venueId, filter),
        });
      },
    },
    UserConnection,
  ),
);
