import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { anApiServer } from '../support/api-server.ts';
import { httpClient } from '../support/http-client.ts';
import { connect } from '../support/socket-client.ts';

const trustedProxies = { networks: [{ address: '127.0.0.0', prefix: 8 }] };
const strict = await anApiServer({ trustedProxies, requireHttps: true });
const lenient = await anApiServer({ trustedProxies });
afterAll(() => Promise.all([strict.http.close(), lenient.http.close()]));

const ELSEWHERE = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'http' };
const PROTECTED = { 'x-forwarded-for': '203.0.113.9', 'x-forwarded-proto': 'https' };

/** How the server answers an upgrade that it refuses. */
async function refusedUpgrade(port: number, headers: Record<string, string>) {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/graphql`, ['graphql-transport-ws'], { headers });
  const [, response] = await once(socket, 'unexpected-response');
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return { status: response.statusCode, body: String(Buffer.concat(chunks)) };
}

test('an operation that comes over plain http from elsewhere is refused with a code before it is read', async () => {
  const { post } = httpClient(strict.url);
  const { status, body } = await post('no JSON at all', { ...ELSEWHERE, authorization: 'Bearer good' });
  expect(status).toBe(403);
  expect(body).toEqual({
    errors: [
      {
        message: 'This server answers over https and wss only.',
        extensions: expect.objectContaining({
          code: 'API_001',
          details: { reason: 'HttpsRequiredError', issues: [] },
        }),
      },
    ],
  });
});

test.each([
  ['a subscription', 'POST', '/graphql', { accept: 'text/event-stream' }, 200],
  ['GraphiQL', 'GET', '/graphql', { accept: 'text/html' }, 403],
  ['the schema', 'GET', '/schema.graphql', {}, 403],
  ['the keys', 'GET', '/.well-known/jwks.json', {}, 403],
  ['what is not there', 'GET', '/nowhere', {}, 403],
])('so is %s', async (_what, method, path, headers, status) => {
  const response = await fetch(strict.url + path, { method, headers: { ...ELSEWHERE, ...headers } });
  expect(response.status).toBe(status);
  expect(await response.text()).toContain('"reason":"HttpsRequiredError"');
});

test('a socket over plain ws from elsewhere does not open, and the refusal says why', async () => {
  expect(await refusedUpgrade(strict.port, ELSEWHERE)).toEqual({
    status: 403,
    body: 'API_001 This server answers over https and wss only.',
  });
  expect(strict.http.connectionCount).toBe(0);
});

test('whoever comes over https, or from this machine, is answered on HTTP and on a socket', async () => {
  for (const headers of [PROTECTED, {}]) {
    const { status, body } = await httpClient(strict.url).ask('{ hello }', headers);
    expect([status, body.data.hello]).toEqual([200, 'Hello world']);
    const client = await connect(strict, { headers });
    await client.init();
    client.subscribe('1', '{ hello }');
    expect((await client.message('1', 'next')).payload.data.hello).toBe('Hello world');
    client.socket.close();
  }
});

test('/health answers everybody', async () => {
  expect((await fetch(`${strict.url}/health`, { headers: ELSEWHERE })).status).toBe(200);
});

test('where https is not required plain http is answered', async () => {
  expect((await httpClient(lenient.url).ask('{ hello }', ELSEWHERE)).status).toBe(200);
  const client = await connect(lenient, { headers: ELSEWHERE });
  await client.init();
  client.socket.close();
});

test('browsers are told to come back over https by answers over https alone', async () => {
  const told = async (headers: Record<string, string>) =>
    (await fetch(`${strict.url}/health`, { headers })).headers.get('strict-transport-security');
  expect(await told(PROTECTED)).toBe('max-age=31536000');
  expect(await told(ELSEWHERE)).toBeNull();
  expect(await told({})).toBeNull();
});
