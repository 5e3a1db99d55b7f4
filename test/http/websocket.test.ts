import { once } from 'node:events';
import { createClient } from 'graphql-ws';
import { afterAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ACTOR, anApiServer, SECRET_DETAIL } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { connectRaw } from '../support/raw-socket.ts';
import { connect } from '../support/socket-client.ts';

const PAGE = 'https://floor.example';
const api = await anApiServer({
  corsOrigins: [PAGE],
  limits: { maxOperationsPerSocket: 3 },
});
afterAll(() => api.http.close(2_000));

test('a stock client follows a subscription', async () => {
  const client = createClient({ url: `ws://127.0.0.1:${api.port}/graphql`, webSocketImpl: WebSocket });
  const results = client.iterate({ query: 'subscription { ticks }' });
  const first = results.next();
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(7);
  expect(await first).toMatchObject({ done: false, value: { data: { ticks: 7 } } });
  await client.dispose();
  await eventually(() => api.ticks.subscribers === 0);
});

test('the access token of connection_init says who asks', async () => {
  const client = await connect(api);
  await client.init({ accessToken: 'good' });
  client.subscribe('1', '{ whoami }');
  expect((await client.message('1', 'next')).payload).toMatchObject({ data: { whoami: ACTOR.userId } });
  client.socket.close();
});

test('without a token a socket is nobody’s, and asks what anybody may', async () => {
  const client = await connect(api);
  await client.init();
  client.subscribe('1', '{ hello whoami }');
  const { payload } = await client.message('1', 'next');
  expect(payload.data).toEqual({ hello: 'Hello world', whoami: null });
  expect(payload.errors[0].extensions.code).toBe('AUTH_001');
  client.socket.close();
});

test.each([
  ['nonsense', 'WS_002 The access token is not valid.'],
  ['expired', 'WS_002 The access token has expired. Refresh it, or sign in again.'],
  ['', 'WS_002 The access token is not valid.'],
  [42, 'WS_002 The access token is not valid.'],
])('the token "%s" closes with 4403', async (accessToken, reason) => {
  const client = await connect(api);
  client.send({ type: 'connection_init', payload: { accessToken } });
  expect(await client.closed()).toEqual({ code: 4403, reason });
  expect(client.messages).toEqual([]);
});

test.each([
  { authorization: 'Bearer good' },
  { Authorization: 'Bearer good' },
  { token: 'good' },
  { authToken: 'good' },
  { access_token: 'good', accessToken: null },
])('a token under another name closes with 4403: %o', async (payload) => {
  const client = await connect(api);
  client.send({ type: 'connection_init', payload });
  const reason = 'WS_002 A token is taken as accessToken or as realtimeToken, bare.';
  expect(await client.closed()).toEqual({ code: 4403, reason });
  expect(client.messages).toEqual([]);
});

test('other parameters, and the empty place of a token, are nobody’s', async () => {
  const client = await connect(api);
  await client.init({ authorization: '', token: null, tokens: 'x', clientName: 'a page' });
  client.subscribe('1', '{ hello }');
  expect((await client.message('1', 'next')).payload).toMatchObject({ data: { hello: 'Hello world' } });
  client.socket.close();
});

test.each(['token', 'accessToken', 'access_token', 'realtimeToken', 'ws_token'])(
  'a token in the URL, as %s, closes with 4403',
  async (name) => {
    const client = await connect(api, { path: `/graphql?${name}=good` });
    const reason = 'WS_002 A token never goes into the URL, which is logged: send it in connection_init.';
    expect(await client.closed()).toEqual({ code: 4403, reason });
  },
);

test('what else the URL of a socket says means nothing', async () => {
  const client = await connect(api, { path: '/graphql?token=&app=floor' });
  await client.init({ accessToken: 'good' });
  client.socket.close();
});

test('a database that is away closes with 1013, so that clients come back', async () => {
  const client = await connect(api);
  client.send({ type: 'connection_init', payload: { accessToken: 'away' } });
  expect(await client.closed()).toMatchObject({ code: 1013, reason: expect.stringMatching(/^SYS_002 /) });
});

test('a fault while connecting closes with 1013, is masked, and is logged once', async () => {
  const before = api.lines.length;
  const client = await connect(api);
  client.send({ type: 'connection_init', payload: { accessToken: 'broken' } });
  expect(await client.closed()).toEqual({ code: 1013, reason: 'SYS_001 Unexpected error.' });
  const faults = api.lines.slice(before).filter(({ fault }) => fault?.message === SECRET_DETAIL);
  expect(faults).toHaveLength(1);
});

test('a token that expires closes with 4403', async () => {
  const client = await connect(api);
  await client.init({ accessToken: 'short' });
  client.subscribe('1', 'subscription { ticks }');
  expect(await client.closed()).toEqual({
    code: 4403,
    reason: 'WS_002 What this socket was opened with has expired. Connect with another token.',
  });
  await eventually(() => api.ticks.subscribers === 0);
});

test('what is wrong with one operation is its own error; its siblings go on', async () => {
  const client = await connect(api);
  await client.init();
  client.subscribe('sibling', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);

  const wrong = {
    syntax: '{ hello',
    field: '{ nothing }',
    variables: 'query ($b: Int!) { text(bytes: $b) }',
    unnamed: 'query A { hello } query B { hello }',
    refused: 'subscription { me }',
  };
  for (const [id, query] of Object.entries(wrong)) {
    client.subscribe(id, query);
    const { payload } = await client.message(id, 'error');
    expect([id, payload[0].extensions.code]).toEqual([id, id === 'refused' ? 'AUTH_001' : 'API_001']);
  }

  const payload = { query: '{ hello }', operationName: 'Other' };
  client.send({ id: 'misnamed', type: 'subscribe', payload });
  expect((await client.message('misnamed', 'error')).payload[0].extensions.code).toBe('API_001');

  api.ticks.push(1);
  expect((await client.message('sibling', 'next')).payload).toMatchObject({ data: { ticks: 1 } });
  client.socket.close();
  await eventually(() => api.ticks.subscribers === 0);
});

test('a fault in one event spoils that frame, not the stream', async () => {
  const client = await connect(api);
  await client.init();
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  const before = api.lines.length;
  for (const tick of [1, -1, 2]) api.ticks.push(tick);

  const frames = await eventually(() => {
    const next = client.messages.filter(({ type }) => type === 'next');
    return next.length === 3 && next.map(({ payload }) => payload);
  });
  expect(frames.map(({ data }) => data.ticks)).toEqual([1, null, 2]);
  expect(frames[1].errors[0]).toMatchObject({
    message: 'Unexpected error.',
    extensions: { code: 'SYS_001' },
  });

  const { requestId } = frames[1].errors[0].extensions;
  client.send({ id: '1', type: 'complete' });
  await eventually(() => api.ticks.subscribers === 0);
  const told = api.lines.slice(before).filter((line) => line.requestId === requestId);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ level: 'error', fault: { message: SECRET_DETAIL } });
  client.socket.close();
});

test('more operations than a socket may run are refused one by one', async () => {
  const client = await connect(api);
  await client.init();
  for (const id of ['1', '2', '3', '4']) client.subscribe(id, 'subscription { ticks }');
  const { payload } = await client.message('4', 'error');
  expect(payload[0].extensions).toMatchObject({ code: 'WS_005', retryable: true });
  await eventually(() => api.ticks.subscribers === 3);

  client.send({ id: '1', type: 'complete' });
  await eventually(() => api.ticks.subscribers === 2);
  client.subscribe('5', '{ hello }');
  expect((await client.message('5', 'next')).payload.data.hello).toBe('Hello world');
  client.socket.close();
});

test('a page of another origin may not connect; ours, a listed one and no page may', async () => {
  await expect(connect(api, { origin: 'https://elsewhere.example' })).rejects.toThrow('403');
  await expect(connect(api, { origin: 'null' })).rejects.toThrow('403');
  for (const origin of [`http://127.0.0.1:${api.port}`, `http://localhost:${api.port}`, PAGE]) {
    const client = await connect(api, { origin });
    client.socket.close();
  }
});

test('a head of more than 16 KiB opens no socket', async () => {
  await expect(connect(api, { path: `/graphql?${'x'.repeat(17_000)}` })).rejects.toThrow('431');
});

test('there is no socket beside /graphql', async () => {
  await expect(connect(api, { path: '/ws' })).rejects.toThrow('404');
});

test.each(['/graphql', '/graphql/?any=1'])(
  'a socket is opened at %s as a proxy is asked, by all of its address',
  async (path) => {
    const { tcp, handshake } = await connectRaw(api.port, { path: `http://127.0.0.1:${api.port}${path}` });
    tcp.destroy();
    expect(handshake).toMatch(/^HTTP\/1\.1 101 /);
    const refused = await connectRaw(api.port, { path: `http://127.0.0.1:${api.port}/ws?at=/graphql` });
    expect(refused.handshake).toMatch(/^HTTP\/1\.1 404 /);
  },
);

test('the log has a line for an operation, with its own number and no variables', async () => {
  const client = await connect(api);
  await client.init({ accessToken: 'good' });
  client.subscribe('1', 'query Greeting($n: String) { hello(name: $n) }', { n: 'a secret name' });
  await client.message('1', 'complete');
  const line = await eventually(() => api.lines.find(({ operation }) => operation === 'Greeting'));
  expect(line).toMatchObject({
    level: 'info',
    transport: 'websocket',
    kind: 'query',
    requestId: expect.any(String),
  });
  expect(JSON.stringify(api.lines)).not.toContain('a secret name');
  client.socket.close();
});

test('open sockets are counted', async () => {
  await eventually(() => api.http.connectionCount === 0);
  const client = await connect(api);
  expect(api.http.connectionCount).toBe(1);
  client.socket.close();
  await once(client.socket, 'close');
  await eventually(() => api.http.connectionCount === 0);
});
