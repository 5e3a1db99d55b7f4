import { networkOf } from '../lib/network.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { principalKeyOf, type RateLimitBucket, type RateLimitStanding } from './rate-limits.ts';

const RateLimitType = builder.objectRef<RateLimitStanding>('RateLimit').implement({
  description: 'How much of one limit is used. What is over it is answered with API_005 and `retryAfterMs`.',
  fields: (t) => ({
    limit: t.exposeInt('limit', { description: 'How many there are in a window.' }),
    used: t.int({
      description: 'How many of them were used in the window that runs.',
      resolve: ({ limit, remaining }) => limit - remaining,
    }),
    remaining: t.exposeInt('remaining', { description: 'How many are left of them.' }),
    resetAt: t.expose('resetAt', {
      type: 'DateTime',
      description: 'When all are there again; now when none is used.',
    }),
  }),
});

const RateLimitsType = builder.objectRef<object>('RateLimits').implement({
  description: 'The limits the caller is counted by. Each is refused by itself.',
  fields: (t) => ({
    operationsPerAddress: t.field({
      type: RateLimitType,
      description: 'Operations from this network address, whoever sends them. This one is counted.',
      resolve: (_parent, _args, context) => standing(context, 'OPERATIONS_PER_ADDRESS'),
    }),
    operationsPerUser: t.field({
      type: RateLimitType,
      nullable: true,
      description:
        'Operations of this user, API key or device, from wherever; null when nobody is signed in.',
      resolve: (_parent, _args, context) => standingOfCaller(context, 'OPERATIONS_PER_USER'),
    }),
    connectsPerAddress: t.field({
      type: RateLimitType,
      description:
        'WebSockets opened from this network address. What is over it closes with 4492 and WS_005.',
      resolve: (_parent, _args, context) => standing(context, 'CONNECTS_PER_ADDRESS'),
    }),
    connectsPerUser: t.field({
      type: RateLimitType,
      nullable: true,
      description:
        'WebSockets opened by this user, API key or device, from wherever; null when nobody is signed in.',
      resolve: (_parent, _args, context) => standingOfCaller(context, 'CONNECTS_PER_USER'),
    }),
    broadcastsPerUser: t.field({
      type: RateLimitType,
      nullable: true,
      description: 'Messages broadcast by this user or API key; null when nobody is signed in.',
      resolve: (_parent, _args, context) => standingOfCaller(context, 'BROADCASTS_PER_USER'),
    }),
    renewalsPerAddress: t.field({
      type: RateLimitType,
      description:
        'Tokens renewed by `refreshToken` and `refreshConnection` from this network address. Each alias counts.',
      resolve: (_parent, _args, context) => standing(context, 'RENEWALS_PER_ADDRESS'),
    }),
    credentialsPerAddress: t.field({
      type: RateLimitType,
      description:
        'Uses of fields that take a password, code or token, such as `login`, from this network address. Each alias counts.',
      resolve: (_parent, _args, context) => standing(context, 'CREDENTIALS_PER_ADDRESS'),
    }),
  }),
});

builder.queryField('rateLimit', (t) =>
  t.field({
    type: RateLimitsType,
    authScopes: { anonymous: true },
    description: 'How much of his limits the caller has used.',
    resolve: () => ({}),
  }),
);

const standing = ({ client, rateLimits }: Context, bucket: RateLimitBucket) =>
  rateLimits.standing(bucket, networkOf(client.address) ?? 'unknown');

function standingOfCaller({ actor, rateLimits }: Context, bucket: RateLimitBucket) {
  const key = principalKeyOf(actor);
  return key === null ? null : rateLimits.standing(bucket, key);
}
