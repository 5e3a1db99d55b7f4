import { GRAPHQL_MAX_INT } from 'graphql';
import type { ErrorCode } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { BACKOFF, BackoffPolicyType, FALLBACK, RealtimeFallbackType } from './client-policy.ts';
import { CLOSE_CODES, type CloseCode } from './close-codes.ts';
import type { ServerInfo } from './context.ts';
import { ERROR_CATALOG, ERROR_CODES, type ErrorAction, familyOf } from './error-catalog.ts';
import { ErrorCodeEnum } from './error-type.ts';
import { StreamFactsType, streamFacts } from './stream-facts.ts';

export const ApiInfo = builder.objectRef<ServerInfo>('ApiInfo').implement({
  description: 'What answers here, and where.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The name of the server.' }),
    version: t.exposeString('version', { description: 'Its version by semver.' }),
    url: t.field({
      type: 'URL',
      description:
        'The GraphQL endpoint for queries, mutations and server-sent events. A browser gets GraphiQL there.',
      resolve: ({ url }) => `${url}/graphql`,
    }),
    webSocketUrl: t.expose('webSocketUrl', {
      type: 'URL',
      description: 'The endpoint for subscriptions over WebSocket.',
    }),
    schemaUrl: t.field({
      type: 'URL',
      description: 'This schema as a document in the schema definition language.',
      resolve: ({ url }) => `${url}/schema.graphql`,
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'Since when this process runs.' }),
    openConnections: t.int({
      description: 'WebSocket connections open in this process.',
      resolve: ({ connections }) => connections(),
    }),
  }),
});

const CloseCodeType = builder.objectRef<CloseCode>('CloseCode').implement({
  description: 'A code with which the server closes a WebSocket.',
  fields: (t) => ({
    code: t.exposeInt('code', { description: 'The code of the close frame.' }),
    meaning: t.exposeString('meaning', { description: 'Why, in English.' }),
    errorCode: t.expose('errorCode', {
      type: ErrorCodeEnum,
      nullable: true,
      description: 'The error that says the same; null where the protocol itself speaks.',
    }),
    reconnect: t.exposeBoolean('reconnect', { description: 'Whether connecting again may help.' }),
  }),
});

const RealtimeAuthenticationEnum = builder.enumType('RealtimeAuthentication', {
  description: 'What opens a WebSocket. Anything else closes it with 4403.',
  values: {
    ACCESS: { value: 'access', description: 'A realtime token, an access token, or none for nobody.' },
    STRICT: { value: 'strict', description: 'A realtime token and nothing else.' },
  } as const,
});

const RealtimeInfo = builder.objectRef<ServerInfo>('RealtimeInfo').implement({
  description: 'What a client has to know to hold a connection.',
  fields: (t) => ({
    url: t.expose('webSocketUrl', { type: 'URL', description: 'Where to connect.' }),
    protocols: t.stringList({
      description: 'The WebSocket sub-protocols spoken.',
      resolve: ({ realtime }) => [...realtime.protocols],
    }),
    tokenParameters: t.stringList({
      description:
        'Under which names `connection_init` may carry a token, one of them at a time: `realtimeToken` for one of `issueRealtimeToken`, `accessToken` for one of `login` or an API key, without `Bearer`. Under another name, and in the URL, it is refused (4403, WS_002).',
      resolve: ({ realtime }) =>
        realtime.authentication === 'strict' ? ['realtimeToken'] : ['realtimeToken', 'accessToken'],
    }),
    authentication: t.field({
      type: RealtimeAuthenticationEnum,
      description: 'What opens a socket here.',
      resolve: ({ realtime }) => realtime.authentication,
    }),
    serverTime: t.field({
      type: 'DateTime',
      description: 'The clock of the server, by which its `expiresAt` are meant.',
      resolve: () => new Date(),
    }),
    subscriptions: t.stringList({
      description: 'The fields that can be subscribed to.',
      resolve: (_info, _args, _context, { schema }) => streamFacts(schema).map(({ name }) => name),
    }),
    heartbeatIntervalSeconds: t.int({
      description: 'How often the server pings. A socket that has not answered by the next ping ends.',
      resolve: ({ realtime }) => realtime.heartbeatIntervalSeconds,
    }),
    initTimeoutSeconds: t.int({
      description: 'How soon `connection_init` must come, or the socket closes with 4408.',
      resolve: ({ realtime }) => realtime.initTimeoutSeconds,
    }),
    maxMessageBytes: t.int({
      description: 'The largest message the server takes over WebSocket.',
      resolve: ({ realtime }) => realtime.maxMessageBytes,
    }),
    maxOperationsPerSocket: t.int({
      description: 'How many operations may run on one socket at a time.',
      resolve: ({ realtime }) => realtime.maxOperationsPerSocket,
    }),
    expiryNoticeSeconds: t.int({
      description:
        'How long before its token ends a WebSocket is told by a `ping` whose payload is `{ notice: "AUTH_EXPIRING", expiresAt }`: time to ask `refreshConnection` on it. Half-way to the end where less is left. `connection_ack` says when that is.',
      resolve: ({ realtime }) => realtime.expiryNoticeSeconds,
    }),
    maxBufferedBytes: t.int({
      description: 'How much may wait for one reader who does not take it; beyond that he is too slow.',
      resolve: ({ realtime }) => realtime.maxBufferedBytes,
    }),
    maxConnectionsPerAddress: t.int({
      description:
        'How many WebSockets and streams of server-sent events, counted together, one process holds open for a network address. One more: WS_005.',
      resolve: ({ realtime }) => realtime.maxConnectionsPerAddress,
    }),
    maxConnectionsPerUser: t.int({
      description: 'The same for one user, device or API key.',
      resolve: ({ realtime }) => realtime.maxConnectionsPerUser,
    }),
    maxConnectsPerAddress: t.int({
      description:
        'How many WebSockets may be opened in a minute from a network address. One more: WS_005, with when to come back.',
      resolve: ({ realtime }) => realtime.maxConnectsPerAddress,
    }),
    maxConnectsPerUser: t.int({
      description: 'The same for one user, device or API key.',
      resolve: ({ realtime }) => realtime.maxConnectsPerUser,
    }),
    sseHeartbeatIntervalSeconds: t.int({
      description: 'How often a stream of server-sent events carries a comment.',
      resolve: ({ realtime }) => realtime.sseHeartbeatIntervalSeconds,
    }),
    resumeWindowSeconds: t.int({
      description:
        'How long a cursor is good at least, and so how long a client may be away and miss nothing: events are kept for so long (EVENT_RETENTION). An older cursor gives WS_003: read anew, and go on behind that.',
      resolve: ({ realtime }) => Math.min(realtime.resumeWindowSeconds, GRAPHQL_MAX_INT),
    }),
    streams: t.field({
      type: [StreamFactsType],
      description: 'What is known of each of them.',
      resolve: (_info, _args, _context, { schema }) => streamFacts(schema),
    }),
    backoff: t.field({
      type: BackoffPolicyType,
      description: 'How a client should reconnect.',
      resolve: () => BACKOFF,
    }),
    fallback: t.field({
      type: RealtimeFallbackType,
      description: 'What a client should do where no socket can be had.',
      resolve: () => FALLBACK,
    }),
    closeCodes: t.field({
      type: [CloseCodeType],
      description: 'Every code the server closes a socket with.',
      resolve: () => [...CLOSE_CODES],
    }),
  }),
});

const ErrorActionEnum = builder.enumType('ErrorAction', {
  description: 'What a client does about an error.',
  values: {
    LOGIN: { value: 'LOGIN', description: 'Sign in (again).' },
    REFRESH: {
      value: 'REFRESH',
      description:
        'Get another token, with `refreshToken` or for a socket with `issueRealtimeToken`, and do it again. Where that is refused too, its code says LOGIN.',
    },
    RETRY: { value: 'RETRY', description: 'Send the same request again.' },
    FIX_INPUT: { value: 'FIX_INPUT', description: 'Send another request; this one will fail again.' },
    WAIT: { value: 'WAIT', description: 'Wait a little, then send the same request again.' },
    CONTACT: { value: 'CONTACT', description: 'Have somebody look at it; name the `requestId`.' },
  } satisfies Record<ErrorAction, { value: ErrorAction; description: string }>,
});

const ErrorCatalogEntry = builder.objectRef<ErrorCode>('ErrorCatalogEntry').implement({
  description: 'What is known of one error code.',
  fields: (t) => ({
    code: t.field({ type: ErrorCodeEnum, description: 'The code.', resolve: (code) => code }),
    family: t.string({
      description: 'The part of the system it speaks of: `AUTH`, `SAS`, `API`, `SYS` or `WS`.',
      resolve: familyOf,
    }),
    title: t.string({
      description: 'What it means, in English.',
      resolve: (code) => ERROR_CATALOG[code].title,
    }),
    httpStatus: t.int({
      description: 'The status of an HTTP answer that is nothing but this error.',
      resolve: (code) => ERROR_CATALOG[code].httpStatus,
    }),
    closeCode: t.int({
      nullable: true,
      description:
        'The code with which a WebSocket closes because of it; null when it ends an operation at most. Where there are several, the one after which connecting again helps.',
      resolve: (code) => ERROR_CATALOG[code].closeCode,
    }),
    closeCodes: t.intList({
      description:
        'Every code with which a WebSocket closes because of it: those that `realtimeInfo { closeCodes }` says it of.',
      resolve: (code) => CLOSE_CODES.filter(({ errorCode }) => errorCode === code).map((close) => close.code),
    }),
    retryable: t.boolean({
      description:
        'Whether the same request may succeed when it is sent again unchanged. The error itself says false where the idempotency key of the request keeps it.',
      resolve: (code) => ERROR_CATALOG[code].retryable,
    }),
    action: t.field({
      type: ErrorActionEnum,
      description: 'What a client does about it.',
      resolve: (code) => ERROR_CATALOG[code].action,
    }),
  }),
});

builder.queryFields((t) => ({
  apiInfo: t.field({
    type: ApiInfo,
    authScopes: { anonymous: true },
    description: 'What answers here, and where.',
    resolve: (_root, _args, { info }) => info,
  }),
  realtimeInfo: t.field({
    type: RealtimeInfo,
    authScopes: { anonymous: true },
    description: 'What a client has to know to subscribe.',
    resolve: (_root, _args, { info }) => info,
  }),
  errorCatalog: t.field({
    type: [ErrorCatalogEntry],
    authScopes: { anonymous: true },
    description: 'Every error code and what to do about it.',
    resolve: () => [...ERROR_CODES],
  }),
}));
