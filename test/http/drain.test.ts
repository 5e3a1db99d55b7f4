import { once } from 'node:events';
import { Agent, request as nodeRequest } from 'node:http';
import { createConnection, createServer } from 'node:net';
import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { AddressRefusedError } from '../../src/http/errors.ts';
import { asRefusal } from '../../src/http/listen.ts';
import { createRateLimiter } from '../../src/http/rate-limiter.ts';
import { newId } from '../../src/lib/ids.ts';
import { ACTOR, anApiServer, KEY_ID } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';
import { httpClient } from '../support/http-client.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { connectRaw } from '../support/raw-socket.ts';
import { connect } from '../support/socket-client.ts';

/** All the time in the world, for what needs none of it. */
const LONG_MS = 600_000;

const connectionIsRefused = (port: number) =>
  new Promise<boolean>((resolve) => {
    const tcp = createConnection({ host: '127.0.0.1', port });
    tcp.once('error', () => resolve(true)).once('connect', () => resolve(false));
    tcp.once('connect', () => tcp.destroy());
  });

/** It finds out who asks only once the gate is open. */
async function aHesitantServer() {
  const gate = aGate();
  let asked = 0;
  const api = await anApiServer({
    async authenticate() {
      asked += 1;
      await gate.opened;
      return { actor: ACTOR, expiresAt: null, keyId: KEY_ID };
    },
  });
  return { api, gate, isAsked: () => asked === 1 };
}

test('closing tells open sockets with 1012 and ends their subscriptions', async () => {
  const api = await anApiServer();
  const client = await connect(api);
  await client.init();
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  const idle = await connect(api);

  await api.http.close(LONG_MS);
  const expected = { code: 1012, reason: 'SYS_004 The server is shutting down.' };
  expect(await client.closed()).toEqual(expected);
  expect(await idle.closed()).toEqual(expected);
  expect(api.ticks.subscribers).toBe(0);
  await expect(fetch(`${api.url}/health`)).rejects.toThrow();
});

test('a mutation that runs on a socket is answered before the socket closes', async () => {
  const api = await anApiServer();
  const client = await connect(api);
  await client.init();
  client.subscribe('1', 'mutation { wait }');
  await eventually(() => api.waiting() === 1);

  const closing = api.http.close();
  client.subscribe('2', '{ hello }');
  const { payload } = await client.message('2', 'error');
  expect(payload[0].extensions).toMatchObject({
    code: 'SYS_004',
    retryable: true,
    details: { retryAfterMs: 1000 },
  });
  api.release();
  expect((await client.message('1', 'next')).payload).toMatchObject({ data: { wait: 'waited' } });
  await closing;
  expect((await client.closed()).code).toBe(1012);
});

test('a request that runs over HTTP is answered, as the last on its connection', async () => {
  const api = await anApiServer();
  const asked = httpClient(api.url).ask('mutation { wait }');
  await eventually(() => api.waiting() === 1);
  const closing = api.http.close();
  await eventually(() => connectionIsRefused(api.port));
  api.release();
  const { body, headers } = await asked;
  expect(body).toMatchObject({ data: { wait: 'waited' } });
  expect(headers.get('connection')).toBe('close');
  await closing;
});

test('a stream of events ends with a frame that says why', async () => {
  const api = await anApiServer({ limits: { keepAliveTimeoutMs: 600_000 } });
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
  });
  await eventually(() => api.ticks.subscribers === 1);
  // Nor does the connection that it came on keep anybody.
  const [text] = await Promise.all([response.text(), api.http.close(600_000)]);
  expect(text).toMatch(/"code":"SYS_004".*"retryAfterMs":1000/);
  expect(text.endsWith('event: complete\ndata:\n\n')).toBe(true);
  expect(api.ticks.subscribers).toBe(0);
});

test('a stream of events that is still being opened is refused, to be opened elsewhere', async () => {
  const { api, gate, isAsked } = await aHesitantServer();
  const answer = httpClient(api.url).askEvents('subscription { ticks }', { authorization: 'Bearer good' });
  await eventually(isAsked);
  const closing = api.http.close(LONG_MS);
  gate.open();
  expect((await answer).errors[0].extensions).toMatchObject({
    code: 'SYS_004',
    details: { retryAfterMs: 1000 },
  });
  await closing;
});

test('a socket that nobody can say of whether it may stay is refused, and keeps nobody', async () => {
  const gate = aGate();
  let asked = 0;
  const limiter = createRateLimiter(NO_RATE_LIMITS, null);
  const api = await anApiServer({
    rateLimits: {
      standing: (...of) => limiter.standing(...of),
      async take() {
        asked += 1;
        await gate.opened;
      },
    },
  });
  const arriving = connectRaw(api.port);
  await eventually(() => asked === 1);
  await api.http.close(LONG_MS);
  expect((await arriving).handshake).toMatch(/^HTTP\/1\.1 503 /);
  gate.open();
});

test('an answer that is on its way is sent whole, however slowly it is read', async () => {
  const api = await anApiServer();
  const bytes = 20_000_000;
  const tcp = createConnection({ host: '127.0.0.1', port: api.port });
  tcp.write(`GET /graphql?query=%7Btext(bytes:${bytes})%7D HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  await once(tcp, 'readable');
  const idle = createConnection({ host: '127.0.0.1', port: api.port });
  await once(idle, 'connect');
  const closing = api.http.close(LONG_MS);
  const pieces: Buffer[] = [];
  for await (const piece of tcp) pieces.push(piece);
  const text = String(Buffer.concat(pieces));
  expect(text).toContain(`"text":"${'x'.repeat(bytes)}"`);
  expect(text.endsWith('}')).toBe(true);
  await closing;
  await once(idle.resume(), 'close');
});

test('a connection over which a file was being sent ends with it', async () => {
  const gate = aGate();
  async function* halves() {
    yield Buffer.from('a');
    await gate.opened;
    yield Buffer.from('b');
  }
  const file = { contentType: 'text/plain', fileName: 'a', byteSize: 2, isInline: false };
  const api = await anApiServer({
    files: {
      receive: async () => ({}),
      readExport: async () => null,
      readMedia: async () => ({
        ...file,
        sha256: Buffer.alloc(32),
        open: async () => Readable.from(halves()),
      }),
    },
  });
  const agent = new Agent({ keepAlive: true });
  const request = nodeRequest(`${api.url}/media/${newId()}/1?expires=1&signature=x`, { agent }).end();
  const [response] = await once(request, 'response');
  const [first] = await once(response, 'data');
  const closing = api.http.close(LONG_MS);
  gate.open();
  const [second] = await once(response, 'data');
  expect(`${first}${second}`).toBe('ab');
  await closing;
  agent.destroy();
});

test('what was asked behind a stream on its connection is answered before that ends', async () => {
  const { api, gate, isAsked } = await aHesitantServer();
  const tcp = createConnection({ host: '127.0.0.1', port: api.port });
  const ask = (query: string, head = '') =>
    tcp.write(`GET /graphql?query=${encodeURIComponent(query)} HTTP/1.1\r\nHost: localhost\r\n${head}\r\n`);
  ask('subscription { ticks }', 'Accept: text/event-stream\r\n');
  await eventually(() => api.ticks.subscribers === 1);
  let text = '';
  tcp.on('data', (piece) => {
    text += piece;
  });
  ask('{ hello }', 'Authorization: Bearer good\r\n');
  await eventually(isAsked);
  const closing = api.http.close(LONG_MS);
  await eventually(() => text.includes('event: complete'));
  gate.open();
  await once(tcp, 'close');
  expect(text).toContain('"hello":"Hello world"');
  await closing;
});

test('an upgrade that was refused holds nothing up, whoever stays on the line', async () => {
  const api = await anApiServer();
  const tcp = createConnection({ host: '127.0.0.1', port: api.port, allowHalfOpen: true });
  tcp.on('error', () => {});
  tcp.write('GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
  const [answer] = await once(tcp, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 404 /);
  await api.http.close(LONG_MS);
  tcp.destroy();
});

test('what is asked on a connection of a proxy after the closing began is answered, as the last on it', async () => {
  const api = await anApiServer({ trustedProxies: { hops: 1 } });
  const tcp = createConnection({ host: '127.0.0.1', port: api.port });
  const ask = () => tcp.write('GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: localhost\r\n\r\n');
  ask();
  const [before] = await once(tcp, 'data');
  const closing = api.http.close();
  // It takes nobody new any more, and leaves who is there to the proxy.
  await eventually(() => connectionIsRefused(api.port));
  ask();
  const answer = String(Buffer.concat(await tcp.toArray()));
  expect(String(before)).not.toMatch(/^connection: close/im);
  expect(answer).toMatch(/^HTTP\/1\.1 200 .*\r\nconnection: close\r\n.*"hello":"Hello world"/is);
  await closing;
});

test('who has just connected when the closing begins is answered', async () => {
  const api = await anApiServer();
  const tcp = createConnection({ host: '127.0.0.1', port: api.port });
  tcp.write('GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: localhost\r\n\r\n');
  // It has a connection by then, which the server has not taken yet.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const closing = api.http.close();
  expect(String(Buffer.concat(await tcp.toArray()))).toContain('"hello":"Hello world"');
  await closing;
});

test('what comes to a server that is closing is told so, as the last on its connection', async () => {
  const api = await anApiServer({
    files: { receive: async () => ({}), readMedia: async () => null, readExport: async () => null },
  });
  const upgrade = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
  const connections = await Promise.all(
    [
      'GET /health HTTP/1.1\r\n',
      'GET /graphql?query=%7Bhello%7D HTTP/1.1\r\n',
      'PUT /uploads/some HTTP/1.1\r\nContent-Length: 0\r\n',
      `GET /graphql HTTP/1.1\r\n${upgrade}`,
    ].map(async (head) => {
      const tcp = createConnection({ host: '127.0.0.1', port: api.port });
      // Once the first is answered, the beginning of the next has come, and it is no idle connection.
      tcp.write(`GET /schema.graphql HTTP/1.1\r\nHost: localhost\r\n\r\n${head}`);
      await once(tcp, 'readable');
      tcp.read();
      return tcp;
    }),
  );
  const closing = api.http.close(LONG_MS);
  await eventually(() => connectionIsRefused(api.port));
  const answers = await Promise.all(
    connections.map(async (tcp) => {
      tcp.write('Host: localhost\r\n\r\n');
      return String(Buffer.concat(await tcp.toArray()));
    }),
  );
  await closing;
  for (const answer of answers) expect(answer).toMatch(/^HTTP\/1\.1 \d+ .*\r\nconnection: close\r\n/is);
  const [health, operation, upload, socket] = answers;
  for (const refused of [health, upload, socket]) expect(refused).toMatch(/^HTTP\/1\.1 503 /);
  expect(health).toContain('"status":"UNHEALTHY"');
  expect(upload).toContain('"code":"SYS_004"');
  // It is over soon, and whoever asks could not ask elsewhere in time.
  expect(operation).toContain('"hello":"Hello world"');
});

test('what does not finish is ended when the time is over', async () => {
  const api = await anApiServer();
  const client = await connect(api);
  await client.init();
  client.subscribe('1', 'mutation { wait }');
  const silent = await connect(api);
  silent.socket.pause();
  const asked = httpClient(api.url)
    .ask('{ wait }')
    .catch((error: unknown) => error);
  await eventually(() => api.waiting() === 2);

  // Nothing else would end it.
  await api.http.close(1_000);
  expect(await asked).toBeInstanceOf(Error);
  silent.socket.terminate();
});

test('closing twice waits for the same end', async () => {
  const api = await anApiServer();
  await Promise.all([api.http.close(), api.http.close()]);
  await api.http.close();
});

test('an address that is taken is refused by name', async () => {
  const taken = createServer();
  await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
  const { port } = taken.address() as { port: number };
  const failing = anApiServer({}, port);
  await expect(failing).rejects.toThrow(AddressRefusedError);
  await expect(failing).rejects.toThrow(`127.0.0.1:${port} is already in use.`);
  await new Promise((resolve) => taken.close(resolve));
});

test('what else keeps it from listening names the setting, where there is one', () => {
  const address = { host: '0.0.0.0', port: 443 };
  const fault = (code: string) => Object.assign(new Error(`listen ${code}`), { code, syscall: 'listen' });
  for (const code of ['EACCES', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EADDRINUSE']) {
    const refusal = asRefusal(fault(code), address);
    expect(refusal).toBeInstanceOf(AddressRefusedError);
    expect(refusal.message).toMatch(/^0\.0\.0\.0[ :].* set (?:HOST|PORT)/i);
  }
  const other = fault('ENOBUFS');
  expect(asRefusal(other, address)).toBe(other);
});
