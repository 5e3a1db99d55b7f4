import { type ApiKey, type ApiKeyStatus, statusOf } from '../auth/api-key.ts';
import { findVisibleApiKeys } from '../auth/api-key-service.ts';
import { NotFoundError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { ScopeEnum } from './scope.ts';
import { seenUser, UserType } from './user.ts';

const ApiKeyStatusEnum = builder.enumType('ApiKeyStatus', {
  description: 'Whether an API key is good for anything.',
  values: {
    ACTIVE: { description: 'It is good.' },
    EXPIRED: { description: 'Its time is over: AUTH_002.' },
    REVOKED: { description: 'It was revoked: AUTH_012.' },
  } satisfies Record<ApiKeyStatus, { description: string }>,
});

/** Whoever may not see a key does not find it. */
export const ApiKeyType = builder.loadableNodeRef('ApiKey', {
  id: { resolve: ({ id }: ApiKey) => id },
  load: loadApiKeys,
});

ApiKeyType.implement({
  description:
    'What a partner system asks with, without its secret. Seen by ADMIN and AUDITOR of the venue, and by the partner itself.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Which system it is for, at most 100 characters.' }),
    prefix: t.exposeString('prefix', {
      description: 'How the key begins, to tell which one a system has. It is no secret.',
    }),
    scopes: t.field({
      type: [ScopeEnum],
      description: 'What it may: exactly this.',
      resolve: ({ scopes }) => [...scopes],
    }),
    eventTypes: t.stringList({
      description: 'The types of event it may follow, by name.',
      resolve: ({ eventTypes }) => [...eventTypes],
    }),
    status: t.field({
      type: ApiKeyStatusEnum,
      description: 'Whether it is good for anything.',
      resolve: (key, _args, { now }) => statusOf(key, now),
    }),
    createdBy: t.field({
      type: UserType,
      nullable: true,
      description: 'Who made it; null when floorwire did, and for who may not see him.',
      resolve: async ({ createdBy }, _args, context) =>
        createdBy === null ? null : await seenUser(context, createdBy),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it exists.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it is over by itself; null when it is not.',
    }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last asked with, to about a minute; null when it never was.',
    }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was revoked; null when it was not.',
    }),
  }),
});

async function loadApiKeys(ids: readonly string[], context: Context): Promise<(ApiKey | NotFoundError)[]> {
  const keys = await findVisibleApiKeys(context.read, venueIdOf(context), ids);
  const byId = new Map(keys.map((key) => [key.id, key]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('API key'));
}
