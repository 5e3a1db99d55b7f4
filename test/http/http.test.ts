import { once } from 'node:events';
import { Agent, request as nodeRequest } from 'node:http';
import { createConnection } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, expect, test } from 'vitest';
import { ACTOR, anApiServer } from '../support/api-server.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';

const PAGE = 'https://floor.example';
const api = await anApiServer({ corsOrigins: [PAGE] });
/** Has less patience, which a busy computer would use up with whole requests. */
const hasty = await anApiServer({ limits: { bodyTimeoutMs: 500, headersTimeoutMs: 500 } });
const { ask, post } = httpClient(api.url);
afterAll(async () => {
  await api.http.close();
  await hasty.http.close();
});

const endpoint = `${api.url}/graphql`;

test('a query is answered as JSON', async () => {
  const { status, body, headers } = await ask('{ hello(name: "Ada") }');
  expect(body).toMatchObject({ data: { hello: 'Hello Ada' } });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
});

test('a connection stays open for longer than a proxy keeps its own', async () => {
  const { headers } = await ask('{ hello }');
  const [, seconds] = /timeout=(\d+)/.exec(headers.get('keep-alive') ?? '') ?? [];
  expect(Number(seconds)).toBeGreaterThan(60);
});

test('variables and the operation’s name are taken from the body', async () => {
  const { body } = await post({
    query: 'query A { hello } query B($name: String) { hello(name: $name) }',
    operationName: 'B',
    variables: { name: 'Bo' },
  });
  expect(body).toMatchObject({ data: { hello: 'Hello Bo' } });
});

test('a query may come by GET, a mutation may not', async () => {
  const query = await fetch(
    `${endpoint}?query=${encodeURIComponent('query ($n: String) { hello(name: $n) }')}&variables=${encodeURIComponent('{"n":"Eve"}')}`,
  );
  expect(await query.json()).toMatchObject({ data: { hello: 'Hello Eve' } });

  const mutation = await fetch(`${endpoint}?query=${encodeURIComponent('mutation { touch }')}`);
  expect(mutation.status).toBe(405);
  expect(mutation.headers.get('allow')).toBe('GET, POST');
  expect((await mutation.json()).errors[0].extensions.code).toBe('API_001');
});

test('the token of the header says who asks', async () => {
  const { body } = await ask('{ whoami }', { authorization: 'Bearer good' });
  expect(body.data.whoami).toBe(ACTOR.userId);
});

test.each([
  ['Bearer nonsense', 'AUTH_003'],
  ['Bearer expired', 'AUTH_002'],
  ['Bearer ', 'AUTH_003'],
  ['Basic YTpi', 'AUTH_003'],
])('the header "%s" is refused with 401 and %s', async (authorization, code) => {
  const { status, body, headers } = await ask('{ hello }', { authorization });
  expect(status).toBe(401);
  expect(headers.get('www-authenticate')).toBe('Bearer');
  expect(body).not.toHaveProperty('data');
  expect(body.errors[0].extensions.code).toBe(code);
});

test.each([
  ['application/json', 200],
  ['*/*', 200],
  ['application/graphql-response+json', 400],
])('for Accept %s a document that is refused has status %i', async (accept, expected) => {
  const { status, body } = await ask('{ nothing }', { accept });
  expect(status).toBe(expected);
  expect(body.errors[0].extensions.code).toBe('API_001');
});

test.each([
  ['application/graphql-response+json, application/json;q=0.9', 'application/graphql-response+json'],
  ['application/graphql-response+json;q=0.5, application/json', 'application/json'],
  ['application/graphql-response+json;q=0, */*;q=0.1', 'application/json'],
  ['application/graphql-response+json;q=0.5, */*;q=0.4', 'application/graphql-response+json'],
  ['text/event-stream, application/json;q=0', 'text/event-stream'],
  ['text/event-stream, application/*;q=0.1', 'application/json'],
])('to Accept %s the answer is of %s', async (accept, expected) => {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { accept, 'content-type': 'application/json' },
    body: '{"query":"{ hello }"}',
  });
  expect(response.headers.get('content-type')?.split(';')[0]).toBe(expected);
  await response.text();
});

test('what ran has status 200, whatever came of it', async () => {
  const { status } = await ask('{ boom }', { accept: 'application/graphql-response+json' });
  expect(status).toBe(200);
});

test.each([
  ['application/x-www-form-urlencoded', 'query=mutation+%7B+touch+%7D'],
  ['text/plain', '{"query":"mutation { touch }"}'],
  [
    'multipart/form-data; boundary=x',
    '--x\r\ncontent-disposition: form-data; name="query"\r\n\r\n{ hello }\r\n--x--',
  ],
  ['application/graphql', '{ hello }'],
  ['application/json-seq', '{"query":"{ hello }"}'],
  ['text/plain; application/json', '{"query":"{ hello }"}'],
])('a body of type %s carries no operation', async (contentType, body) => {
  const response = await fetch(endpoint, { method: 'POST', headers: { 'content-type': contentType }, body });
  expect(response.status).toBe(415);
  expect((await response.json()).errors[0].extensions.code).toBe('API_001');
});

test('a body without a type carries no operation', async () => {
  const response = await fetch(endpoint, { method: 'POST', body: Buffer.from('{"query":"{ hello }"}') });
  expect(response.status).toBe(415);
  await response.body?.cancel();
});

test('what another page can send without asking runs nothing', async () => {
  const origin = 'https://elsewhere.example';
  const query = 'mutation { wait }';
  const part = `content-disposition: form-data; name="operations"\r\n\r\n${JSON.stringify({ query })}`;
  for (const [contentType, body] of [
    ['application/x-www-form-urlencoded', String(new URLSearchParams({ query }))],
    ['text/plain', JSON.stringify({ query })],
    ['multipart/form-data; boundary=x', `--x\r\n${part}\r\n--x--`],
  ] as const) {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: { origin, 'content-type': contentType },
      body,
    });
    expect([contentType, response.status]).toEqual([contentType, 415]);
    await response.body?.cancel();
  }
  for (const accept of ['*/*', 'application/json', 'text/event-stream']) {
    const response = await fetch(`${endpoint}?${new URLSearchParams({ query })}`, {
      headers: { origin, accept },
    });
    expect(await response.text()).toContain('"code":"API_001"');
  }
  expect(api.waiting()).toBe(0);
});

test('a compressed body is refused', async () => {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: new Uint8Array(gzipSync('{"query":"{ hello }"}')),
  });
  expect(response.status).toBe(415);
  await response.body?.cancel();
});

test.each([
  ['not JSON', '{"query":'],
  ['nothing', ''],
  ['a batch', '[{"query":"{ hello }"}]'],
  ['a text', '"{ hello }"'],
  ['null', 'null'],
  ['no query', '{}'],
  ['a query that is a number', '{"query":1}'],
  ['variables that are a list', '{"query":"{ hello }","variables":[1]}'],
  ['variables that are a text', '{"query":"{ hello }","variables":"{}"}'],
  ['an operationName that is a number', '{"query":"{ hello }","operationName":1}'],
  ['100 kB of brackets', '['.repeat(100_000)],
])('a body of %s gives 400 and API_001', async (_what, body) => {
  const { status, body: answer } = await post(body);
  expect(status).toBe(400);
  expect(answer.errors[0].extensions.code).toBe('API_001');
});

test('a body in another encoding is refused, and a byte order mark passed over', async () => {
  const send = async (body: Buffer) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(endpoint, { method: 'POST', headers, body: new Uint8Array(body) });
    return { status: response.status, answer: await response.json() };
  };
  const text = JSON.stringify({ query: '{ hello(name: "Zoë") }' });
  const { status, answer } = await send(Buffer.from(text, 'latin1'));
  expect(status).toBe(400);
  expect(answer.errors[0]).toMatchObject({
    message: 'The body is not UTF-8.',
    extensions: { code: 'API_001' },
  });
  expect(await send(Buffer.from(`\ufeff${text}`))).toMatchObject({
    answer: { data: { hello: 'Hello Zoë' } },
  });
});

test('variables by GET that are not JSON give 400', async () => {
  const response = await fetch(`${endpoint}?query=%7Bhello%7D&variables=%7B`);
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0].extensions.code).toBe('API_001');
});

test('PUT is refused', async () => {
  const response = await fetch(endpoint, { method: 'PUT', body: '{}' });
  expect(response.status).toBe(405);
  await response.body?.cancel();
});

/** Sends a body in pieces, without saying how long it will be. */
async function upload(
  pieces: readonly string[],
  { url, ...headers }: { readonly url?: string } & Record<string, string | number> = {},
) {
  const request = nodeRequest(`${url ?? api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
  });
  request.on('error', () => {});
  for (const piece of pieces) request.write(piece);
  const [response] = await once(request, 'response');
  response.resume();
  request.destroy();
  return response.statusCode;
}

test('a body of more than 1 MiB is refused while it arrives', async () => {
  const piece = ' '.repeat(256 * 1024);
  expect(await upload([piece, piece, piece, piece, piece])).toBe(413);
});

test('a body that says it has more than 1 MiB is refused before it arrives', async () => {
  expect(await upload(['{'], { 'content-length': 1024 * 1024 + 1 })).toBe(413);
});

test('a body of just 1 MiB is taken', async () => {
  const body = JSON.stringify({ query: '{ hello }' }).padEnd(1024 * 1024, ' ');
  expect((await post(body)).body).toMatchObject({ data: { hello: 'Hello world' } });
});

test('a body that does not arrive in time is refused', async () => {
  expect(await upload(['{"query":'], { url: hasty.url })).toBe(408);
});

/** Sends a chunk of one byte every now and then, until the server has had enough. */
async function trickle(method: string, path: string, contentType: string): Promise<string> {
  const socket = createConnection({ host: '127.0.0.1', port: hasty.port });
  let answer = '';
  socket.on('data', (data) => {
    answer += data;
  });
  // The server resets what it no longer wants to read.
  socket.on('error', () => {});
  socket.write(
    `${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${contentType}\r\nTransfer-Encoding: chunked\r\n\r\n`,
  );
  const sending = setInterval(() => socket.write('1\r\n \r\n'), 50);
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  await withDeadline(closed, 60_000, 'the end of the connection');
  clearInterval(sending);
  return answer.slice(0, answer.indexOf('\r\n'));
}

test('a body that trickles is refused when its time is over, however much has come', async () => {
  expect(await trickle('POST', '/graphql', 'application/json')).toBe('HTTP/1.1 408 Request Timeout');
});

test('a body that goes on after the answer ends the connection', async () => {
  const answers = await Promise.all([
    trickle('POST', '/graphql', 'text/plain'),
    trickle('POST', '/health', 'application/json'),
    trickle('GET', '/graphql?query=%7Bhello%7D', 'application/json'),
    trickle('OPTIONS', '/graphql', 'application/json'),
  ]);
  expect(answers).toEqual([
    'HTTP/1.1 415 Unsupported Media Type',
    'HTTP/1.1 405 Method Not Allowed',
    'HTTP/1.1 200 OK',
    'HTTP/1.1 204 No Content',
  ]);
});

test('a refused request leaves its connection to the next', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const statuses: (number | undefined)[] = [];
  for (const contentType of ['text/plain', 'application/json']) {
    const request = nodeRequest(endpoint, {
      agent,
      method: 'POST',
      headers: { 'content-type': contentType },
    });
    request.end('{"query":"{ hello }"}');
    const [response] = await once(request, 'response');
    statuses.push(response.statusCode);
    expect(request.reusedSocket).toBe(contentType === 'application/json');
    response.resume();
    await once(response, 'end');
  }
  agent.destroy();
  expect(statuses).toEqual([415, 200]);
});

test('who offers to go on in HTTP/2 is answered as if he had not, again and again', async () => {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { connection: 'Upgrade, HTTP2-Settings', upgrade: 'h2c', 'http2-settings': 'AAMAAABk' };
  const answers: unknown[] = [];
  for (const name of ['Ada', 'Bo']) {
    const request = nodeRequest(endpoint, {
      agent,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
    });
    // Some of the body comes with the head, some behind it.
    await new Promise<void>((resolve) => request.write('{"query":', () => resolve()));
    request.end(`${' '.repeat(200_000)}"{ hello(name: \\"${name}\\") }"}`);
    const [response] = await once(request, 'response');
    answers.push([response.statusCode, JSON.parse(String(Buffer.concat(await response.toArray()))).data]);
  }
  agent.destroy();
  expect(answers).toEqual([
    [200, { hello: 'Hello Ada' }],
    [200, { hello: 'Hello Bo' }],
  ]);
});

test('who offers another protocol in HTTP/1.0 is answered in that, and the connection is closed', async () => {
  const socket = createConnection({ host: '127.0.0.1', port: api.port });
  socket.write('GET /graphql?query=%7Bhello%7D HTTP/1.0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n');
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece);
  const text = String(Buffer.concat(pieces));
  expect(text).toMatch(/^HTTP\/1\.1 200 /);
  expect(text).toMatch(/\{"data":\{"hello":"Hello world"\}.*\}$/s);
});

test('a head of more than 16 KiB is refused', async () => {
  const long = 'x'.repeat(17_000);
  const byHeader = await fetch(endpoint, { headers: { 'x-long': long } });
  expect(byHeader.status).toBe(431);
  const byUrl = await fetch(`${endpoint}?query=${long}`);
  expect(byUrl.status).toBe(431);
});

test('a head that does not arrive in time is refused', async () => {
  const socket = createConnection({ host: '127.0.0.1', port: hasty.port });
  socket.write('POST /graphql HTTP/1.1\r\nHost: localhost\r\n');
  const [answer] = await once(socket, 'data');
  expect(String(answer)).toMatch(/^HTTP\/1\.1 408 /);
  socket.destroy();
});

test('the request’s number is the caller’s when it is well formed, and is answered', async () => {
  const own = await ask('{ nothing }', { 'x-request-id': 'front-end.42_a' });
  expect(own.headers.get('x-request-id')).toBe('front-end.42_a');
  expect(own.body.errors[0].extensions.requestId).toBe('front-end.42_a');

  const other = await ask('{ nothing }', { 'x-request-id': 'x" onload="1' });
  expect(other.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(other.body.errors[0].extensions.requestId).toBe(other.headers.get('x-request-id'));
});

test.each<[string, string, RequestInit]>([
  ['an answer', '/graphql?query=%7Bhello%7D', {}],
  ['a stream', '/graphql?query=%7Bhello%7D', { headers: { accept: 'text/event-stream' } }],
  ['a refusal', '/graphql', { method: 'POST', body: 'query=%7Bhello%7D' }],
  ['GraphiQL', '/graphql', { headers: { accept: 'text/html' } }],
  ['/health', '/health', {}],
  ['a preflight', '/graphql', { method: 'OPTIONS' }],
  ['nothing', '/nowhere', {}],
])('%s tells browsers to guess nothing, frame nothing and lend nothing', async (_what, path, request) => {
  const { headers, body } = await fetch(api.url + path, request);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('cross-origin-resource-policy')).toBe('same-origin');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';.*frame-ancestors 'none'$/);
  expect(headers.get('content-security-policy')).not.toContain('unsafe-eval');
  await body?.cancel();
});

test('a listed page may read answers, another may not', async () => {
  const listed = await ask('{ hello }', { origin: PAGE });
  expect(listed.headers.get('access-control-allow-origin')).toBe(PAGE);
  expect(listed.headers.get('access-control-allow-credentials')).toBeNull();
  expect(listed.headers.get('vary')).toBe('Origin');

  const foreign = await ask('{ hello }', { origin: 'https://elsewhere.example' });
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
  // Or a cache would give it to the listed one.
  expect(foreign.headers.get('vary')).toBe('Origin');
});

test('a listed page may read streams and refusals too, another may not', async () => {
  for (const request of [{ accept: 'text/event-stream' }, { 'content-type': 'text/plain' }]) {
    const allowed = async (origin: string) => {
      const response = await fetch(endpoint, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...request, origin },
        body: '{"query":"{ hello }"}',
      });
      await response.body?.cancel();
      return response.headers.get('access-control-allow-origin');
    };
    expect(await allowed(PAGE)).toBe(PAGE);
    expect(await allowed('https://elsewhere.example')).toBeNull();
    expect(await allowed('null')).toBeNull();
  }
});

test('without a list no page may read anything', async () => {
  const closed = await anApiServer();
  for (const method of ['GET', 'OPTIONS']) {
    const { headers, body } = await fetch(`${closed.url}/graphql?query=%7Bhello%7D`, {
      method,
      headers: { origin: PAGE, 'access-control-request-method': 'POST' },
    });
    expect([...headers.keys()].filter((name) => name.startsWith('access-control-'))).toEqual([]);
    await body?.cancel();
  }
  await closed.http.close(500);
});

test('a preflight is answered for a listed page alone', async () => {
  const preflight = (origin: string) =>
    fetch(endpoint, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
  const listed = await preflight(PAGE);
  expect(listed.status).toBe(204);
  expect(listed.headers.get('access-control-allow-headers')).toContain('authorization');
  // What it takes to go on with a file that broke off, and to name it.
  const taken = listed.headers.get('access-control-allow-headers')?.split(', ');
  expect(taken).toEqual(expect.arrayContaining(['range', 'if-range', 'if-none-match']));
  const shown = listed.headers.get('access-control-expose-headers')?.split(', ');
  expect(shown).toEqual(
    expect.arrayContaining(['retry-after', 'content-disposition', 'content-range', 'etag']),
  );
  const foreign = await preflight('https://elsewhere.example');
  expect(foreign.headers.get('access-control-allow-headers')).toBeNull();
  expect(foreign.headers.get('access-control-allow-origin')).toBeNull();
});

test('the log has one line for a request, with what was asked and nothing of its values', async () => {
  await post(
    { query: 'query Greeting($name: String) { hello(name: $name) }', variables: { name: 'a secret name' } },
    { authorization: 'Bearer good', 'x-request-id': 'logged-once-1' },
  );
  const lines = api.lines.filter(({ requestId }) => requestId === 'logged-once-1');
  expect(lines).toEqual([
    expect.objectContaining({
      level: 'info',
      method: 'POST',
      kind: 'query',
      operation: 'Greeting',
      status: 200,
      ms: expect.any(Number),
    }),
  ]);
  expect(JSON.stringify(lines)).not.toMatch(/secret name|good/);
});

test.each([
  ['another form', 'http://floor.example/ical/a-secret.ics'],
  ['a roundabout way', '/x/../ical/a-secret.ics?y'],
  ['an upload', 'http://floor.example/uploads/a-secret'],
  ['what is no address', 'http://[/ical/a-secret.ics'],
])('a secret in the path is not in the log, written in %s', async (what, target) => {
  const before = api.lines.length;
  const socket = createConnection({ host: '127.0.0.1', port: api.port });
  socket.write(`GET ${target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  await once(socket.resume(), 'close');
  const line = await eventually(() => api.lines.slice(before).find(({ msg }) => msg === 'request'));
  expect(line.status).toBe(what === 'what is no address' ? 400 : 404);
  expect(JSON.stringify(line)).not.toContain('a-secret');
});
