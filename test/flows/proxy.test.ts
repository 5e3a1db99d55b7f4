import { once } from 'node:events';
import { request as nodeRequest } from 'node:http';
import { expect, test } from 'vitest';
import { aFloorApp, type FloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { connect } from '../support/socket-client.ts';
import { refusalOf } from '../support/transports.ts';

/** All of 127.0.0.0/8 is this machine: one of its addresses is the proxy’s, another a stranger’s. */
const PROXY = '127.0.0.9';
const STRANGER = '127.0.0.8';

const LIMIT = 8;

const trustedProxies = { networks: [{ address: PROXY, prefix: 32 }] };
const rateLimits = { ...NO_RATE_LIMITS, operationsPerAddress: LIMIT };
const [limited, unlimited] = [
  await aFloorApp({ machines: 0, settings: { trustedProxies, rateLimits } }),
  await aFloorApp({ machines: 0, settings: { trustedProxies, requireHttps: true } }),
];

const QUESTION = '{ apiInfo { name } }';

interface Way {
  /** Who connects. */
  readonly by?: string;
  /** What he says of whom he asks for. */
  readonly forwardedFor: string;
  readonly proto?: 'http' | 'https';
  readonly accept?: string;
  readonly to?: FloorApp;
}

async function post(
  { by = PROXY, forwardedFor, proto = 'https', accept = 'application/json', to = limited }: Way,
  query: string,
) {
  const request = nodeRequest(`${to.app().url}/graphql`, {
    method: 'POST',
    localAddress: by,
    headers: {
      'content-type': 'application/json',
      accept,
      'x-forwarded-for': forwardedFor,
      'x-forwarded-proto': proto,
    },
  });
  request.end(JSON.stringify({ query }));
  const [response] = await once(request, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return String(Buffer.concat(chunks));
}

const ask = async (way: Way, query = QUESTION) => JSON.parse(await post(way, query));

async function refusals(ways: readonly Way[]): Promise<(string | null)[]> {
  const codes = [];
  for (const way of ways) codes.push(refusalOf(await ask(way)));
  return codes;
}

const times = (count: number, way: (i: number) => Way): Way[] =>
  Array.from({ length: count }, (_, i) => way(i));

const ONE_TOO_MANY = [...Array(LIMIT).fill(null), 'API_005'];

const login = (identifier: string, password: string) =>
  `mutation { login(input: { identifier: "${identifier}", password: "${password}" }) {
    ... on Error { code }
    ... on LoginSuccess { session { id address } }
  } }`;

test('clients behind one trusted proxy are limited apart, on HTTP, streams and sockets', async () => {
  const port = Number(new URL(limited.app().url).port);
  const socketOf = async (forwardedFor: string) => {
    const client = await connect(
      { port },
      { headers: { 'x-forwarded-for': forwardedFor }, localAddress: PROXY },
    );
    await client.init();
    client.subscribe('1', QUESTION);
    return client;
  };
  expect(await refusals(times(LIMIT, () => ({ forwardedFor: '203.0.113.1' })))).toEqual(
    Array(LIMIT).fill(null),
  );
  expect(refusalOf(await ask({ forwardedFor: '203.0.113.1' }))).toBe('API_005');
  expect(await post({ forwardedFor: '203.0.113.1', accept: 'text/event-stream' }, QUESTION)).toContain(
    'API_005',
  );
  const refused = await socketOf('203.0.113.1');
  expect((await refused.message('1', 'error')).payload[0].extensions.code).toBe('API_005');

  expect(refusalOf(await ask({ forwardedFor: '203.0.113.2' }))).toBeNull();
  const other = await socketOf('203.0.113.2');
  expect((await other.message('1', 'next')).payload.data.apiInfo.name).toBe('floorwire');
});

test('entries a client puts before the proxy’s own change nothing', async () => {
  const spoofed = times(LIMIT + 1, (i) => ({ forwardedFor: `198.51.100.${i}, 203.0.113.3` }));
  expect(await refusals(spoofed)).toEqual(ONE_TOO_MANY);
});

test('the header of whoever is not trusted changes nothing', async () => {
  const spoofed = times(LIMIT + 1, (i) => ({ by: STRANGER, forwardedFor: `198.51.100.${i}` }));
  expect(await refusals(spoofed)).toEqual(ONE_TOO_MANY);
});

test('a name is locked out at the client’s address, not at the proxy’s', async () => {
  const [guesser, owner] = [
    { to: unlimited, forwardedFor: '203.0.113.4' },
    { to: unlimited, forwardedFor: '203.0.113.5' },
  ];
  for (let i = 0; i < 5; i += 1) await ask(guesser, login('player', 'wrong'));
  expect((await ask(guesser, login('player', PASSWORD))).data.login.code).toBe('AUTH_005');
  expect((await ask(owner, login('player', PASSWORD))).data.login.session.address).toBe('203.0.113.5');
});

test('a session and the audit record name the client’s address', async () => {
  const from = { to: unlimited, forwardedFor: '2001:DB8::6' };
  const { session } = (await ask(from, login('auditor', PASSWORD))).data.login;
  expect(session.address).toBe('2001:db8::6');
  await eventually(async () => {
    const { data } = await unlimited.ask(
      '{ auditLog(types: ["auth.session-opened"]) { nodes { address data } } }',
      { as: 'ADMIN' },
    );
    return data.auditLog.nodes.some(
      (entry: { address: string; data: { sessionId: string } }) =>
        entry.data.sessionId === session.id && entry.address === '2001:db8::6',
    );
  });
});

test('where https is required, what the proxy took over plain http is refused', async () => {
  const from = { to: unlimited, forwardedFor: '203.0.113.7' };
  expect(refusalOf(await ask({ ...from, proto: 'http' }))).toBe('API_001');
  expect(refusalOf(await ask({ ...from, proto: 'https' }))).toBeNull();
});
