import { type ApiKey, makeSecret } from '../auth/api-key.ts';
import { createApiKey, revokeApiKey } from '../auth/api-key-service.ts';
import { countApiKeys, listApiKeys } from '../auth/api-key-store.ts';
import { PARTNER_SCOPES } from '../auth/scopes.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { ApiKeyType } from './api-key-type.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { venueIdOf } from './caller.ts';
import { PARTNER_EVENTS } from './followable-events.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { successDescription } from './result-descriptions.ts';
import { ScopeEnum } from './scope.ts';

builder.queryField('apiKeys', (t) =>
  t.connection(
    {
      type: ApiKeyType,
      nullable: true,
      authScopes: { scope: 'API_KEYS_READ' },
      description:
        'The API keys of the venue, those that are over too, the newest first. Needs API_KEYS_READ (AUTH_004).',
      resolve: (_root, args, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: ApiKey) => ({ at: createdAt, id }),
          load: (range) => listApiKeys(db, venueId, range),
          count: () => countApiKeys(db, venueId),
        });
      },
    },
    { name: 'ApiKeyConnection', description: 'One page of API keys, the newest first.' },
    { name: 'ApiKeyEdge' },
  ),
);

const CreateApiKeySuccessType = builder
  .objectRef<{ readonly apiKey: ApiKey; readonly secret: string }>('CreateApiKeySuccess')
  .implement({
    description: 'The new key. Nobody can be shown its secret again.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: 'What happened, in English, for a person.',
        resolve: () => 'The API key was made. Keep it now: it is shown this once.',
      }),
      apiKey: t.expose('apiKey', { type: ApiKeyType, description: 'What is kept of it.' }),
      secret: t.exposeString('secret', {
        description:
          'The key itself, `fw_…`, to be sent as `Authorization: Bearer …`, and as `accessToken` in `connection_init`.',
      }),
    }),
  });

const CreateApiKeyInput = builder.inputType('CreateApiKeyInput', {
  description: 'What a new key is for.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Which system it is for, 1 to 100 printable characters.' }),
    scopes: t.field({
      type: [ScopeEnum],
      required: true,
      description: `What it may: at least one of ${PARTNER_SCOPES.join(', ')}, and none the caller does not have.`,
    }),
    eventTypes: t.stringList({
      description: `The types of event it may follow, and the scope that it needs for each: ${[...PARTNER_EVENTS].map(([type, scope]) => `\`${type}\` (${scope})`).join(', ')}. None by default.`,
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'When it is over by itself, within ten years; never when not given.',
    }),
  }),
});

builder.mutationField('createApiKey', (t) =>
  t.field({
    type: CreateApiKeySuccessType,
    nullable: true,
    authScopes: { scope: 'API_KEYS_WRITE' },
    description:
      'Makes a key with which a partner system asks in its own name. It stays good whatever becomes of who made it: `revokeApiKey` ends it. Needs API_KEYS_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: CreateApiKeyInput, required: true, description: 'What the key is for.' }),
    },
    errors: { types: [ValidationError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const made = makeSecret();
      const apiKey = await context.runWork(context.actor, (work) =>
        createApiKey(work, {
          venueId: venueIdOf(context),
          name: input.name,
          scopes: input.scopes,
          eventTypes: input.eventTypes ?? [],
          expiresAt: input.expiresAt ?? null,
          made,
          followable: PARTNER_EVENTS,
        }),
      );
      return { apiKey, secret: made.secret };
    },
  }),
);

const RevokeApiKeySuccessType = builder.objectRef<ApiKey>('RevokeApiKeySuccess').implement({
  description: 'It is over: the key is refused, and its sockets and streams are closed.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: 'What happened, in English, for a person.',
      resolve: () => 'The API key was revoked.',
    }),
    apiKey: t.field({ type: ApiKeyType, description: 'The key as it is now.', resolve: (key) => key }),
  }),
});

const RevokeApiKeyInput = builder.inputType('RevokeApiKeyInput', {
  description: 'Which key to revoke.',
  fields: (t) => ({
    apiKeyId: t.id({ required: true, description: 'One of `apiKeys` (NotFoundError).' }),
  }),
});

builder.mutationField('revokeApiKey', (t) =>
  t.field({
    type: RevokeApiKeySuccessType,
    nullable: true,
    authScopes: { scope: 'API_KEYS_WRITE' },
    description:
      'Ends a key of the venue for good. Asked again it answers the same. Needs API_KEYS_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: RevokeApiKeyInput, required: true, description: 'Which key to revoke.' }),
    },
    errors: { types: [NotFoundError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const { auth, runWork, actor } = context;
      const apiKeyId = decodeIdOf('ApiKey', input.apiKeyId);
      const revoked = await runWork(actor, (work) =>
        revokeApiKey(work, { venueId: venueIdOf(context), apiKeyId }),
      );
      auth.forgetApiKeys();
      return revoked;
    },
  }),
);
