import { once } from 'node:events';
import { request as nodeRequest } from 'node:http';
import { expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import type { RateLimitOptions } from '../../src/http/rate-limiter.ts';
import { aFloorApp, type FloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { connect } from '../support/socket-client.ts';

/** No test uses a limit up in so long a time. */
const WINDOW_SECONDS = 600;

const aLimitedFloor = (limits: Partial<RateLimitOptions>, maxAliases = DEFAULT_LIMITS.maxAliases) =>
  aFloorApp({
    machines: 0,
    settings: {
      rateLimits: { ...NO_RATE_LIMITS, windowSeconds: WINDOW_SECONDS, ...limits },
      limits: { ...DEFAULT_LIMITS, maxAliases },
      // Of another subject; the names here are tried more often than that.
      lockOut: { failures: 1_000, windowMs: 60_000, addresses: 1_000 },
    },
  });

const [few, brief, named, many] = [
  await aLimitedFloor({ operationsPerAddress: 5 }),
  // A window to wait for.
  await aLimitedFloor({ operationsPerAddress: 5, windowSeconds: 2 }),
  await aLimitedFloor({ operationsPerUser: 4, credentialsPerAccount: 2 }),
  await aLimitedFloor({ credentialsPerAddress: 15, renewalsPerAddress: 20 }, 200),
];

/** Asks from an address of this machine: all of 127.0.0.0/8 is. */
async function askFrom(localAddress: string, floor: FloorApp, query: string, token?: string) {
  const request = nodeRequest(`${floor.app().url}/graphql`, {
    method: 'POST',
    localAddress,
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
  });
  request.end(JSON.stringify({ query }));
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return {
    status: response.statusCode,
    headers: response.headers,
    body: JSON.parse(String(Buffer.concat(chunks))),
  };
}

const codeOf = ({ body }: { body: { errors?: { extensions: { code: string } }[] } }) =>
  body.errors?.[0]?.extensions.code ?? null;

const login = (identifier: string, password = 'wrong', alias = 'login') =>
  `${alias}: login(input: { identifier: "${identifier}", password: "${password}" }) { __typename ... on Error { code } }`;

test('the operation after the last of an address is refused on HTTP, as a stream and on a socket', async () => {
  const { ask } = httpClient(few.app().url);
  const socket = await connect({ port: Number(new URL(few.app().url).port) });
  await socket.init();
  for (let i = 0; i < 5; i += 1) expect((await ask('{ apiInfo { name } }')).status).toBe(200);

  const refused = await ask('{ apiInfo { name } }');
  expect(refused.status).toBe(429);
  expect(refused.body).not.toHaveProperty('data');
  const { code, retryable, details } = refused.body.errors[0].extensions;
  expect({ code, retryable }).toEqual({ code: 'API_005', retryable: true });
  expect(details).toMatchObject({ reason: 'RateLimitedError', bucket: 'OPERATIONS_PER_ADDRESS' });
  expect(details.retryAfterMs).toBeGreaterThan(0);
  expect(details.retryAfterMs).toBeLessThanOrEqual(WINDOW_SECONDS * 1_000);
  expect(refused.headers.get('retry-after')).toBe(String(Math.ceil(details.retryAfterMs / 1_000)));

  const stream = await fetch(`${few.app().url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { machineEvents { type } }' }),
  });
  expect(stream.status).toBe(429);
  expect(await stream.text()).toContain('"code":"API_005"');
  socket.subscribe('1', '{ apiInfo { name } }');
  expect((await socket.message('1', 'error')).payload[0].extensions.code).toBe('API_005');
  socket.socket.close();
});

test('what was refused is answered when the window is over', async () => {
  const { ask } = httpClient(brief.app().url);
  const statusNow = async () => (await ask('{ apiInfo { name } }')).status;
  // More than a window has, as often as it takes until they are within one.
  await eventually(async () => (await Promise.all(Array.from({ length: 8 }, statusNow))).includes(429));
  await eventually(async () => (await statusNow()) === 200);
});

test('what comes by an address is not counted for another', async () => {
  const codes = [];
  for (let i = 0; i < 6; i += 1) codes.push(codeOf(await askFrom('127.0.0.2', few, '{ apiInfo { name } }')));
  expect(codes).toEqual([...Array(5).fill(null), 'API_005']);
  expect(codeOf(await askFrom('127.0.0.3', few, '{ apiInfo { name } }'))).toBeNull();
});

test('what a user asks is counted for him, on HTTP and sockets and from every address alike, and for nobody else', async () => {
  const floor = named;
  const [operator, player] = [await floor.token('OPERATOR'), await floor.token('PLAYER')];
  const QUERY = '{ viewer { roles } }';
  expect(codeOf(await askFrom('127.0.0.2', floor, QUERY, operator))).toBeNull();
  expect(codeOf(await askFrom('127.0.0.3', floor, QUERY, operator))).toBeNull();
  const socket = await connect({ port: Number(new URL(floor.app().url).port) });
  await socket.init({ accessToken: operator });
  for (const id of ['1', '2']) {
    socket.subscribe(id, QUERY);
    await socket.message(id, 'complete');
  }
  socket.subscribe('3', QUERY);
  const { details } = (await socket.message('3', 'error')).payload[0].extensions;
  expect(details.bucket).toBe('OPERATIONS_PER_USER');
  const refused = await askFrom('127.0.0.4', floor, QUERY, operator);
  expect([refused.status, codeOf(refused)]).toEqual([429, 'API_005']);
  expect(codeOf(await askFrom('127.0.0.2', floor, QUERY, player))).toBeNull();
  expect(codeOf(await askFrom('127.0.0.2', floor, QUERY))).toBeNull();
});

test('a name is tried only so often from one address, whether it has an account or not', async () => {
  const floor = named;
  for (const name of ['auditor', 'nobody']) {
    const tries = [];
    for (const typed of [name, name.toUpperCase(), ` ${name}`])
      tries.push(codeOf(await askFrom('127.0.0.2', floor, `mutation { ${login(typed)} }`)));
    expect([name, tries]).toEqual([name, [null, null, 'API_005']]);
  }
  expect(
    (await askFrom('127.0.0.2', floor, `mutation { ${login('player', PASSWORD)} }`)).body.data.login
      .__typename,
  ).toBe('LoginSuccess');
});

test('whoever tries a name without end from one address keeps nobody out who signs in at another', async () => {
  const floor = named;
  const tries = [];
  for (let i = 0; i < 10; i += 1)
    tries.push(codeOf(await askFrom('127.0.0.3', floor, `mutation { ${login('admin')} }`)));
  expect(tries).toEqual([null, null, ...Array(8).fill('API_005')]);
  const { body } = await askFrom('127.0.0.4', floor, `mutation { ${login('admin', PASSWORD)} }`);
  expect(body.data.login?.__typename).toBe('LoginSuccess');
});

/** Short, so that a hundred are within the limit of tokens. */
const logins = (count: number) =>
  `mutation { ${Array.from({ length: count }, (_, i) => `a${i}:login(input:{identifier:"n${i}",password:"x"}){__typename}`).join(' ')} }`;
const compared = (floor: FloorApp) => floor.app().services.auth.hashingStatistics().verified;

test('of a hundred logins in one request none is compared, for there are too many aliases', async () => {
  const before = compared(few);
  const refused = await askFrom('127.0.0.5', few, logins(100));
  expect(codeOf(refused)).toBe('API_006');
  expect(compared(few)).toBe(before);
});

test('where so many aliases are allowed each of them counts, and fewer than twenty are compared', async () => {
  const before = compared(many);
  const { body } = await askFrom('127.0.0.5', many, logins(100));
  expect(Object.values(body.data).map((answer) => answer !== null)).toEqual([
    ...Array(15).fill(true),
    ...Array(85).fill(false),
  ]);
  expect(body.errors).toHaveLength(85);
  expect(body.errors[0].extensions).toMatchObject({
    code: 'API_005',
    details: { bucket: 'CREDENTIALS_PER_ADDRESS' },
  });
  expect(compared(many)).toBe(before + 15);
  // Anything else goes on, from there and from elsewhere.
  expect(codeOf(await askFrom('127.0.0.5', many, '{ apiInfo { name } }'))).toBeNull();
  expect(codeOf(await askFrom('127.0.0.6', many, logins(1)))).toBeNull();
});

const renewals = (count: number) =>
  `mutation { ${Array.from({ length: count }, (_, i) => `a${i}:refreshToken(input:{refreshToken:"rt${i}"}){__typename}`).join(' ')} }`;

test('whoever renews a token is not counted with who signs in, and is counted', async () => {
  const from = '127.0.0.8';
  await askFrom(from, many, logins(15));
  expect(codeOf(await askFrom(from, many, logins(1)))).toBe('API_005');
  const { body } = await askFrom(from, many, renewals(25));
  expect(Object.values(body.data).map((answer) => answer !== null)).toEqual([
    ...Array(20).fill(true),
    ...Array(5).fill(false),
  ]);
  expect(body.errors[0].extensions).toMatchObject({
    code: 'API_005',
    details: { bucket: 'RENEWALS_PER_ADDRESS' },
  });
  const asked = '{ rateLimit { renewalsPerAddress { limit used remaining } } }';
  const { rateLimit } = (await askFrom(from, many, asked)).body.data;
  expect(rateLimit.renewalsPerAddress).toMatchObject({ limit: 20, remaining: 0 });
});

test('the caller sees how much of his limits is used', async () => {
  const RATE_LIMIT = `{ rateLimit {
    operationsPerAddress { limit used remaining resetAt }
    operationsPerUser { limit used remaining }
    credentialsPerAddress { limit used remaining }
    connectsPerAddress { limit used }
    connectsPerUser { limit used }
  } }`;
  await askFrom('127.0.0.7', many, logins(2));
  const anonymous = (await askFrom('127.0.0.7', many, RATE_LIMIT)).body.data.rateLimit;
  expect(anonymous).toMatchObject({
    operationsPerAddress: { limit: NO_RATE_LIMITS.operationsPerAddress, used: 2 },
    operationsPerUser: null,
    credentialsPerAddress: { limit: 15, used: 2, remaining: 13 },
    connectsPerAddress: { limit: NO_RATE_LIMITS.connectsPerAddress, used: 0 },
    connectsPerUser: null,
  });
  const resetMs = Date.parse(anonymous.operationsPerAddress.resetAt) - Date.now();
  expect(resetMs).toBeGreaterThan(0);
  expect(resetMs).toBeLessThanOrEqual(WINDOW_SECONDS * 1_000);
  const token = await many.token('AUDITOR');
  const { rateLimit } = (await askFrom('127.0.0.7', many, RATE_LIMIT, token)).body.data;
  expect(rateLimit.operationsPerUser).toMatchObject({ used: 1 });
  expect(rateLimit.connectsPerUser).toMatchObject({ limit: NO_RATE_LIMITS.connectsPerUser, used: 0 });
});

test('while a hundred sign in at once, other questions are answered first', async () => {
  const floor = named;
  const { ask } = httpClient(floor.app().url);
  const start = floor.app().services.auth.hashingStatistics();
  let answered = 0;
  const flood = Array.from({ length: 100 }, async (_, i) => {
    await ask(`mutation { ${login(`stranger-${i}`)} }`);
    answered += 1;
  });
  await eventually(() => floor.app().services.auth.hashingStatistics().running > 0);
  expect((await ask('{ health { status } }')).body.data.health.status).toBeTypeOf('string');
  expect(answered).toBeLessThan(100);
  await Promise.all(flood);
  const { verified, refused } = floor.app().services.auth.hashingStatistics();
  expect(verified - start.verified + refused - start.refused).toBe(100);
});
