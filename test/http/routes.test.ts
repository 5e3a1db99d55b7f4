import { buildSchema } from 'graphql';
import { afterAll, expect, test } from 'vitest';
import { anApiServer, HEALTHY, SECRET_DETAIL } from '../support/api-server.ts';

let health = HEALTHY;
let isBroken = false;
const api = await anApiServer({
  health: async () => {
    if (isBroken) throw new Error(SECRET_DETAIL);
    return health;
  },
});
afterAll(() => api.http.close());

test('/health answers 200 with what was checked', async () => {
  const response = await fetch(`${api.url}/health`);
  expect(response.status).toBe(200);
  expect(response.headers.get('cache-control')).toBe('no-store');
  expect(await response.json()).toEqual({
    status: 'HEALTHY',
    timestamp: '2026-01-02T03:04:05.678Z',
    checks: [{ name: 'database', status: 'HEALTHY', message: 'It answers.', latencyMs: 1 }],
  });
});

test('/health answers 503 when the server cannot do its work, 200 when parts cannot', async () => {
  health = { ...HEALTHY, status: 'UNHEALTHY' };
  const away = await fetch(`${api.url}/health`);
  expect([away.status, (await away.json()).status]).toEqual([503, 'UNHEALTHY']);
  health = { ...HEALTHY, status: 'DEGRADED' };
  const inPart = await fetch(`${api.url}/health`);
  expect([inPart.status, (await inPart.json()).status]).toEqual([200, 'DEGRADED']);
  health = HEALTHY;
});

test('a fault of a route is masked, and logged under the number of the answer', async () => {
  isBroken = true;
  const response = await fetch(`${api.url}/health`, { headers: { 'x-request-id': 'health-is-broken' } });
  isBroken = false;
  expect(response.status).toBe(500);
  const { errors } = await response.json();
  expect(errors[0]).toMatchObject({
    message: 'Unexpected error.',
    extensions: { code: 'SYS_001', requestId: 'health-is-broken' },
  });
  const lines = api.lines.filter(({ requestId }) => requestId === 'health-is-broken');
  expect(lines).toEqual([
    expect.objectContaining({ level: 'error', fault: expect.objectContaining({ message: SECRET_DETAIL }) }),
  ]);
});

test('/schema.graphql is the schema, in the order of its names', async () => {
  const response = await fetch(`${api.url}/schema.graphql`);
  const sdl = await response.text();
  expect(Object.keys(buildSchema(sdl).getQueryType()?.getFields() ?? {})).toContain('hello');
  expect(sdl.indexOf('type Mutation')).toBeLessThan(sdl.indexOf('type Query'));
});

test('/.well-known/jwks.json has the public keys', async () => {
  const response = await fetch(`${api.url}/.well-known/jwks.json`);
  expect(await response.json()).toEqual({ keys: [{ kty: 'OKP', kid: 'test' }] });
});

test('a file of GraphiQL is zipped for who takes it so, and not for who refuses it', async () => {
  const page = await (await fetch(`${api.url}/graphql`, { headers: { accept: 'text/html' } })).text();
  const [path = ''] = /\/graphql\/assets\/\w+\/page\.js/.exec(page) ?? [];
  const encoding = async (accepted: string) => {
    const response = await fetch(api.url + path, { headers: { 'accept-encoding': accepted } });
    expect([response.status, response.headers.get('vary')]).toEqual([200, 'Accept-Encoding']);
    expect((await response.text()).length).toBeGreaterThan(100);
    return response.headers.get('content-encoding');
  };
  expect(await encoding('gzip, deflate, br')).toBe('gzip');
  for (const refusing of ['gzip;q=0', 'br, gzip; q=0.0', '*;q=0'])
    expect(await encoding(refusing)).toBeNull();
  expect(await encoding('identity;q=0, gzip')).toBe('gzip');
});

test.each(['/health', '/graphql'])('HEAD of %s is answered like GET without a body', async (path) => {
  const init = { headers: { accept: 'text/html' } };
  const [head, got] = [
    await fetch(api.url + path, { ...init, method: 'HEAD' }),
    await fetch(api.url + path, init),
  ];
  expect([head.status, head.headers.get('content-type')]).toEqual([200, got.headers.get('content-type')]);
  expect(await head.text()).toBe('');
  expect(await got.text()).not.toBe('');
});

test.each([
  ['/graphql', 'GET, HEAD, POST'],
  ['/health', 'GET, HEAD'],
  ['/uploads/token', 'PUT'],
])('OPTIONS of %s says by which methods it is had', async (path, allowed) => {
  const response = await fetch(api.url + path, { method: 'OPTIONS' });
  expect([response.status, response.headers.get('allow')]).toEqual([204, allowed]);
});

test('what is not there is 404, what takes GET refuses POST', async () => {
  const missing = await fetch(`${api.url}/nowhere`);
  expect(missing.status).toBe(404);
  expect((await missing.json()).errors[0].extensions.code).toBe('API_002');
  const posted = await fetch(`${api.url}/health`, { method: 'POST' });
  expect(posted.status).toBe(405);
  expect(posted.headers.get('allow')).toBe('GET, HEAD');
  await posted.body?.cancel();
});

test('a browser at the root is led to GraphiQL; for everybody else nothing is there', async () => {
  const page = await fetch(`${api.url}/`, { headers: { accept: 'text/html,*/*;q=0.8' } });
  expect([page.status, page.url]).toEqual([200, `${api.url}/graphql`]);
  expect(await page.text()).toContain('page.js');
  const program = await fetch(`${api.url}/`);
  expect(program.status).toBe(404);
  await program.body?.cancel();
});

test.each([
  '/graphql/assets/../../package.json',
  '/graphql/assets/%2e%2e%2fpackage.json',
  '/graphql/assets/',
  '//',
  '/%',
])('the path %s leads nowhere', async (path) => {
  const response = await fetch(api.url + path);
  expect(response.status).toBeGreaterThanOrEqual(400);
  expect(response.status).toBeLessThan(500);
  await response.body?.cancel();
});
