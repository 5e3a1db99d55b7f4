import { afterEach, expect, test } from 'vitest';
import { createRateLimiter, DEFAULT_RATE_LIMITS } from '../../src/http/rate-limiter.ts';
import { newId } from '../../src/lib/ids.ts';
import { ACTOR, type ApiServer, anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { connect } from '../support/socket-client.ts';

let api: ApiServer;
afterEach(() => api.http.close(500));

const OTHER_ADDRESS = { localAddress: '127.0.0.9' };

test('a socket too many from one address is closed with 4492, whoever opens it, and a place comes free', async () => {
  api = await anApiServer({ limits: { maxSocketsPerAddress: 2 } });
  const [first, second] = [await connect(api), await connect(api)];
  await first.init({ accessToken: 'good' });
  await second.init();
  expect(await (await connect(api)).closed()).toEqual({
    code: 4492,
    reason: 'WS_005 2 connections are open from this address already. Close one. Try again in 5 s.',
  });
  const elsewhere = await connect(api, OTHER_ADDRESS);
  await elsewhere.init({ accessToken: 'good' });

  first.socket.close();
  await eventually(() => api.http.connectionCount === 2);
  await (await connect(api)).init();
  expect(await (await connect(api)).closed()).toMatchObject({ code: 4492 });
});

test('a socket that was refused, or left before it was let in, takes no place', async () => {
  api = await anApiServer({ limits: { maxSocketsPerAddress: 1, maxSocketsPerUser: 1 } });
  for (let turn = 0; turn < 3; turn += 1) {
    const refused = await connect(api);
    refused.send({ type: 'connection_init', payload: { accessToken: 'nonsense' } });
    expect(await refused.closed()).toMatchObject({ code: 4403 });
    await eventually(() => api.http.connectionCount === 0);
    const gone = await connect(api);
    gone.send({ type: 'connection_init', payload: { accessToken: 'good' } });
    gone.socket.terminate();
    await eventually(() => api.http.connectionCount === 0);
  }
  await (await connect(api)).init({ accessToken: 'good' });
});

test('who is refused for one limit takes no place of another', async () => {
  api = await anApiServer({ limits: { maxSockets: 4, maxSocketsPerAddress: 2, maxSocketsPerUser: 1 } });
  await (await connect(api)).init({ accessToken: 'good' });
  for (let turn = 0; turn < 4; turn += 1) expect((await follow('good')).response.status).toBe(429);
  // Had these been counted, the address were full.
  await (await connect(api)).init();
  for (let turn = 0; turn < 4; turn += 1)
    expect(await (await connect(api)).closed()).toMatchObject({ code: 4492 });
  // Nor is the process.
  await (await connect(api, OTHER_ADDRESS)).init();
  await (await connect(api, OTHER_ADDRESS)).init();
});

test('who leaves while he is looked up is nobody’s connection, and takes no place of his', async () => {
  const gate = aGate();
  let asked = 0;
  api = await anApiServer({
    limits: { maxSocketsPerUser: 1 },
    async authenticate() {
      asked += 1;
      if (asked === 1) await gate.opened;
      return { actor: ACTOR, expiresAt: null, keyId: null };
    },
  });
  const gone = await connect(api);
  gone.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  await eventually(() => asked === 1);
  gone.socket.terminate();
  await eventually(() => api.http.connectionCount === 0);
  gate.open();
  await (await connect(api)).init({ accessToken: 'good' });
  expect([...api.http.openConnections()]).toHaveLength(1);
});

test('the twenty-first connect of one user in a minute is refused with 4492 and when to come back', async () => {
  const { connectsPerUser } = DEFAULT_RATE_LIMITS;
  expect(connectsPerUser).toBe(20);
  const other = { ...ACTOR, userId: newId(), sessionId: newId() };
  api = await anApiServer({
    rateLimits: createRateLimiter({ ...NO_RATE_LIMITS, connectsPerUser }, null),
    authenticate: async (token) => ({
      actor: token === 'other' ? other : ACTOR,
      expiresAt: null,
      keyId: null,
    }),
  });
  for (let turn = 0; turn < connectsPerUser; turn += 1) {
    const client = await connect(api, turn % 2 === 0 ? {} : OTHER_ADDRESS);
    await client.init({ accessToken: 'good' });
    client.socket.terminate();
  }
  const refused = await connect(api);
  refused.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  const { code, reason } = await refused.closed();
  expect(code).toBe(4492);
  const [, seconds] =
    /^WS_005 Too many new sockets with this sign-in\. Try again in (\d+) s\.$/.exec(reason) ?? [];
  expect(Number(seconds)).toBeGreaterThan(0);
  expect(Number(seconds)).toBeLessThanOrEqual(60);
  await (await connect(api)).init({ accessToken: 'other' });
  await (await connect(api)).init();
});

test('so is one too many from an address, before it says who it is', async () => {
  api = await anApiServer({
    rateLimits: createRateLimiter({ ...NO_RATE_LIMITS, connectsPerAddress: 3 }, null),
  });
  for (let turn = 0; turn < 3; turn += 1) (await connect(api)).socket.close();
  expect(await (await connect(api)).closed()).toMatchObject({
    code: 4492,
    reason: expect.stringMatching(/^WS_005 Too many new sockets from this address\. Try again in \d+ s\.$/),
  });
  await (await connect(api, OTHER_ADDRESS)).init();
});

/** A stream of events from this machine, open or refused. */
async function follow(token?: string) {
  const abort = new AbortController();
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      ...(token && { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
    signal: abort.signal,
  });
  return { response, abort: () => abort.abort() };
}

test.each([
  ['an address', { maxSocketsPerAddress: 2 }, undefined],
  ['a user', { maxSocketsPerUser: 2 }, 'good'],
  ['the process', { maxSockets: 2 }, undefined],
])(
  'streams of events are counted with the sockets of %s, and refused with 429',
  async (_what, limits, token) => {
    api = await anApiServer({ limits });
    const client = await connect(api);
    await client.init(token ? { accessToken: token } : {});
    const first = await follow(token);
    expect(first.response.status).toBe(200);

    const { response } = await follow(token);
    expect(response.status).toBe(429);
    expect(response.headers.get('retry-after')).toBe('5');
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(await response.text()).toMatch(
      /^event: next\ndata: {"errors":\[{.*"code":"WS_005".*"retryAfterMs":5000.*\n\nevent: complete\n/,
    );
    expect(api.ticks.subscribers).toBe(1);

    first.abort();
    await eventually(() => api.ticks.subscribers === 0);
    const again = await eventually(async () => {
      const next = await follow(token);
      return next.response.status === 200 && next;
    });
    again.abort();
    await eventually(() => api.ticks.subscribers === 0);
  },
);
