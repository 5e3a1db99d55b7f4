import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { graphql as execute, print } from 'graphql';
import { expect, test } from 'vitest';
import { type Context, createContext, type Services } from '../../src/graphql/context.ts';
import { ERROR_CATALOG, ERROR_CODES } from '../../src/graphql/error-catalog.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { DEFAULT_LIMITS, realtimeFacts } from '../../src/http/limits.ts';
import { DEFAULT_RATE_LIMITS } from '../../src/http/rate-limiter.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { graphql } from '../support/gql/index.ts';

const schema = buildSchema();
const services: Partial<Services> = {
  info: {
    name: 'floorwire',
    version: '1.2.3',
    url: 'http://127.0.0.1:8000',
    webSocketUrl: 'ws://127.0.0.1:8000/graphql',
    startedAt: new Date('2026-01-02T03:04:05.678Z'),
    connections: () => 3,
    realtime: {
      ...realtimeFacts(DEFAULT_LIMITS, DEFAULT_RATE_LIMITS),
      authentication: 'access',
      resumeWindowSeconds: 604_800,
    },
  },
  health: async () => ({
    status: 'DEGRADED',
    checks: [{ name: 'sas', status: 'DEGRADED', message: 'One line is offline.', latencyMs: null }],
    timestamp: new Date('2026-01-02T03:04:05.678Z'),
  }),
};

async function ask<Data>(document: TypedDocumentNode<Data, Record<string, never>>): Promise<Data> {
  const client = { address: null, userAgent: null };
  const contextValue: Context = createContext(services as Services, {
    actor: ANONYMOUS,
    requestId: 'r',
    client,
  });
  const { data, errors } = await execute({ schema, source: print(document), contextValue });
  expect(errors).toBeUndefined();
  // GraphQL's objects have no prototype.
  return JSON.parse(JSON.stringify(data));
}

test('apiInfo says what answers, and where', async () => {
  const { apiInfo } = await ask(
    graphql(
      `query ApiInfo { apiInfo { name version url webSocketUrl schemaUrl startedAt openConnections } }`,
    ),
  );
  expect(apiInfo).toEqual({
    name: 'floorwire',
    version: '1.2.3',
    url: 'http://127.0.0.1:8000/graphql',
    webSocketUrl: 'ws://127.0.0.1:8000/graphql',
    schemaUrl: 'http://127.0.0.1:8000/schema.graphql',
    startedAt: '2026-01-02T03:04:05.678Z',
    openConnections: 3,
  });
});

test('health says how the server and its parts are doing', async () => {
  const { health } = await ask(
    graphql(`query Health { health { status timestamp checks { name status message latencyMs } } }`),
  );
  expect(health).toEqual({
    status: 'DEGRADED',
    timestamp: '2026-01-02T03:04:05.678Z',
    checks: [{ name: 'sas', status: 'DEGRADED', message: 'One line is offline.', latencyMs: null }],
  });
});

test('realtimeInfo says how to hold a connection, to anybody', async () => {
  const { realtimeInfo } = await ask(
    graphql(`
      query RealtimeInfo {
        realtimeInfo {
          url
          protocols
          tokenParameters
          authentication
          subscriptions
          heartbeatIntervalSeconds
          initTimeoutSeconds
          maxMessageBytes
          maxOperationsPerSocket
          expiryNoticeSeconds
          maxBufferedBytes
          maxConnectionsPerAddress
          maxConnectionsPerUser
          maxConnectsPerAddress
          maxConnectsPerUser
          sseHeartbeatIntervalSeconds
          resumeWindowSeconds
          serverTime
          backoff { initialDelayMs stepMs maxDelayMs maxAttempts factor jitter }
          fallback { pollIntervalMs retryIntervalMs }
          streams { name takesAfter beginsWithState pollArguments }
          closeCodes { code meaning errorCode reconnect }
        }
      }
    `),
  );
  expect(realtimeInfo).toMatchObject({
    url: 'ws://127.0.0.1:8000/graphql',
    protocols: ['graphql-transport-ws'],
    tokenParameters: ['realtimeToken', 'accessToken'],
    authentication: 'ACCESS',
    subscriptions: [
      'aftTransfers',
      'alerts',
      'balance',
      'billEvents',
      'bookings',
      'bulkExports',
      'channels',
      'contentSync',
      'deviceStatus',
      'events',
      'handpays',
      'jackpots',
      'layoutUpdates',
      'machineEvents',
      'meters',
      'notifications',
      'parking',
      'parkingReservations',
      'player',
      'slots',
      'systemStatus',
      'waitlist',
    ],
    heartbeatIntervalSeconds: 30,
    initTimeoutSeconds: 3,
    maxMessageBytes: 262_144,
    maxOperationsPerSocket: 100,
    expiryNoticeSeconds: 60,
    maxBufferedBytes: 1_048_576,
    maxConnectionsPerAddress: 1_000,
    maxConnectionsPerUser: 100,
    maxConnectsPerAddress: 1_000,
    maxConnectsPerUser: 20,
    sseHeartbeatIntervalSeconds: 15,
    resumeWindowSeconds: 604_800,
    backoff: {
      initialDelayMs: 1_000,
      stepMs: 1_000,
      maxDelayMs: 30_000,
      maxAttempts: 5,
      factor: 1,
      jitter: true,
    },
    fallback: { pollIntervalMs: 5_000, retryIntervalMs: 30_000 },
  });
  expect(Math.abs(Date.parse(String(realtimeInfo.serverTime)) - Date.now())).toBeLessThan(10_000);
  // A list of events is another type than an event: only states are asked with the same selection.
  expect(realtimeInfo.streams).toEqual(
    expect.arrayContaining([
      { name: 'machineEvents', takesAfter: true, beginsWithState: false, pollArguments: null },
      { name: 'slots', takesAfter: true, beginsWithState: true, pollArguments: ['date', 'resourceId'] },
      {
        name: 'meters',
        takesAfter: false,
        beginsWithState: true,
        pollArguments: ['codes', 'machineIds', 'set'],
      },
    ]),
  );
  expect(realtimeInfo.closeCodes).toContainEqual({
    code: 4491,
    meaning: 'The socket was read too slowly. Resume after the last cursor.',
    errorCode: 'WS_004',
    reconnect: true,
  });
});

test('the close codes say to reconnect exactly where the stock client does, but not with a session that was ended', async () => {
  const { realtimeInfo } = await ask(
    graphql(`query CloseCodes { realtimeInfo { closeCodes { code reconnect } } }`),
  );
  const fatal = (code: number) =>
    code === 4493 ||
    [4400, 4401, 4004, 4005, 4406, 4409, 4429, 4500].includes(code) ||
    (code >= 1000 && code <= 1999 && ![1000, 1001, 1005, 1006, 1012, 1013, 1014].includes(code));
  for (const { code, reconnect } of realtimeInfo.closeCodes)
    expect([code, reconnect]).toEqual([code, !fatal(code)]);
});

test('the catalog has every code, and says what to do about it', async () => {
  const { errorCatalog } = await ask(
    graphql(
      `query Catalog { errorCatalog { code family title httpStatus closeCode closeCodes retryable action } }`,
    ),
  );
  expect(errorCatalog.map(({ code }) => code)).toEqual([...ERROR_CODES]);
  expect(errorCatalog.find(({ code }) => code === 'AUTH_001')).toEqual({
    code: 'AUTH_001',
    family: 'AUTH',
    title: ERROR_CATALOG.AUTH_001.title,
    httpStatus: 401,
    closeCode: null,
    closeCodes: [],
    retryable: false,
    action: 'LOGIN',
  });
});

test('what an expired token can cause says REFRESH, and whatever refuses the refresh says LOGIN', () => {
  const codes = ERROR_CODES.filter((code) => ERROR_CATALOG[code].action === 'REFRESH');
  // A socket closes alike for a token that has expired and for one that never was any.
  expect(codes).toEqual(['AUTH_002', 'WS_002']);
  for (const code of ['AUTH_001', 'AUTH_003', 'AUTH_009', 'AUTH_012', 'WS_006'] as const)
    expect([code, ERROR_CATALOG[code].action]).toEqual([code, 'LOGIN']);
});

test('the catalog and the close codes say the same of each other', async () => {
  const { errorCatalog, realtimeInfo } = await ask(
    graphql(`
      query Closes {
        errorCatalog { code closeCode closeCodes }
        realtimeInfo { closeCodes { code errorCode } }
      }
    `),
  );
  for (const { code, closeCode, closeCodes } of errorCatalog) {
    const closes = realtimeInfo.closeCodes.filter(({ errorCode }) => errorCode === code);
    expect([code, closeCodes]).toEqual([code, closes.map((close) => close.code)]);
    expect([code, closeCode === null]).toEqual([code, closeCodes.length === 0]);
    if (closeCode !== null) expect(closeCodes).toContain(closeCode);
  }
  expect(errorCatalog.find(({ code }) => code === 'WS_001')?.closeCodes).toEqual([4401, 4408]);
});
