import { createConnection } from 'node:net';
import { afterAll, expect, test } from 'vitest';
import { describeFault } from '../../src/http/request-log.ts';
import { anApiServer, SECRET_DETAIL } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';
import { httpClient } from '../support/http-client.ts';
import { connect } from '../support/socket-client.ts';

const api = await anApiServer();
const { ask, askEvents, post } = httpClient(api.url);
afterAll(() => api.http.close());

test('an error carries its code, family, time, number, whether to retry, and details', async () => {
  const { body } = await ask('{ missing }');
  expect(body).toEqual({
    data: { missing: null },
    errors: [
      {
        message: 'No such machine.',
        locations: [{ line: 1, column: 3 }],
        path: ['missing'],
        extensions: {
          code: 'API_002',
          family: 'API',
          timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
          requestId: expect.any(String),
          retryable: false,
          details: { reason: 'NotFoundError' },
        },
      },
    ],
    extensions: { cost: { requested: 1, maximum: 10_000 } },
  });
});

test.each([
  ['API_001', 'a syntax error', { query: '{ hello' }],
  ['API_001', 'an unknown field', { query: '{ nothing }' }],
  ['API_001', 'an unknown argument', { query: '{ hello(nme: "x") }' }],
  [
    'API_001',
    'a variable of the wrong type',
    { query: 'query ($b: Int!) { text(bytes: $b) }', variables: { b: 'many' } },
  ],
  ['API_001', 'a variable that is missing', { query: 'query ($b: Int!) { text(bytes: $b) }' }],
  [
    'API_001',
    'an argument that becomes null',
    { query: 'query ($b: Int = 1) { text(bytes: $b) }', variables: { b: null } },
  ],
  ['API_001', 'no operation of that name', { query: '{ hello }', operationName: 'Other' }],
  ['API_001', 'two operations and no name', { query: 'query A { hello } query B { hello }' }],
  ['AUTH_001', 'somebody who is not signed in', { query: '{ whoami }' }],
  ['SYS_002', 'a lost database', { query: '{ databaseAway }' }],
  ['SYS_001', 'a fault', { query: '{ boom }' }],
  ['SYS_001', 'a value that its type cannot express', { query: '{ unexpressible }' }],
])('%s is the code of %s', async (code, _what, request) => {
  const { body } = await post(request);
  expect(body.errors).toHaveLength(1);
  expect(body.errors[0].extensions).toMatchObject({ code, family: code.slice(0, code.indexOf('_')) });
});

test('a fault is masked, and logged once under the number of the answer', async () => {
  const { body } = await ask('{ boom }');
  expect(body.errors[0].message).toBe('Unexpected error.');
  expect(JSON.stringify(body)).not.toContain(SECRET_DETAIL);

  const { requestId } = body.errors[0].extensions;
  const lines = api.lines.filter((line) => line.requestId === requestId);
  expect(lines).toHaveLength(1);
  expect(lines[0]).toMatchObject({ level: 'error', fault: { message: SECRET_DETAIL }, codes: ['SYS_001'] });
});

test('a fault that spoils several fields is one fault', async () => {
  const { body } = await ask('{ boomTwice }');
  expect(body.data.boomTwice).toEqual([null, null]);
  const { requestId } = body.errors[0].extensions;
  const [line] = api.lines.filter((each) => each.requestId === requestId);
  expect(line).not.toHaveProperty('moreFaults');
});

test('a fault of what nobody waits for any more is logged all the same', async () => {
  const gate = aGate();
  let begun = 0;
  const left = await anApiServer({
    async shortcut() {
      begun += 1;
      await gate.opened;
      throw new Error(SECRET_DETAIL);
    },
  });
  const tcp = createConnection({ host: '127.0.0.1', port: left.port });
  tcp.write('GET /graphql?query=%7Bhello%7D HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const client = await connect(left);
  await client.init();
  client.subscribe('1', 'mutation { touch }');
  await eventually(() => begun === 2);
  tcp.destroy();
  client.socket.terminate();
  await eventually(() => left.http.connectionCount === 0);
  // Nobody was answered anything, least of all that it went well.
  const request = await eventually(() => left.lines.find(({ msg }) => msg === 'request'));
  expect(request).toMatchObject({ transport: 'http', path: '/graphql', status: null });
  expect(left.http.traffic.answers.counts.size).toBe(0);

  gate.open();
  const faults = await eventually(() => {
    const lines = left.lines.filter(({ level }) => level === 'error');
    return lines.length === 2 && lines;
  });
  expect(faults.map(({ transport, kind }) => `${transport} ${kind}`).sort()).toEqual([
    'http query',
    'websocket mutation',
  ]);
  expect(faults.map(({ fault }) => fault?.message)).toEqual([SECRET_DETAIL, SECRET_DETAIL]);
  await left.http.close();
});

test('a fault that is its own cause is described all the same', () => {
  const fault: Error & { cause?: unknown } = new Error('round and round');
  fault.cause = fault;
  expect(describeFault(fault)).toMatchObject({ message: 'round and round', cause: { type: 'Error' } });
});

test('a lost database is named, retryable, and says nothing of where it was', async () => {
  const { body } = await ask('{ databaseAway }');
  expect(body.errors[0]).toMatchObject({
    message: 'The database is unavailable. Try again shortly.',
    extensions: { code: 'SYS_002', retryable: true },
  });
  expect(JSON.stringify(body)).not.toContain(SECRET_DETAIL);
});

test('a fault of authentication is masked too', async () => {
  const { status, body } = await ask('{ hello }', { authorization: 'Bearer broken' });
  expect(status).toBe(500);
  expect(body.errors[0]).toMatchObject({ message: 'Unexpected error.', extensions: { code: 'SYS_001' } });
});

test('a refused field leaves its siblings alone', async () => {
  const { body } = await ask('{ whoami hello }');
  expect(body.data).toEqual({ whoami: null, hello: 'Hello world' });
});

test.each([
  ['a name', `{ ${'n'.repeat(900_000)} }`],
  ['a text', `{ text(bytes: "${'x'.repeat(900_000)}") }`],
])('%s of 900 kB does not come back', async (_what, query) => {
  const { body } = await ask(query);
  expect(body.errors[0].extensions.code).toBe('API_001');
  expect(JSON.stringify(body).length).toBeLessThan(2_000);
});

test('a variable of 900 kB does not come back', async () => {
  const { body } = await post({
    query: 'query ($b: Int!) { text(bytes: $b) }',
    variables: { b: 'x'.repeat(900_000) },
  });
  expect(body.errors[0].extensions.code).toBe('API_001');
  expect(JSON.stringify(body).length).toBeLessThan(2_000);
});

test('an operationName of 900 kB does not come back', async () => {
  const { body } = await post({ query: '{ hello }', operationName: 'n'.repeat(900_000) });
  expect(body.errors[0].extensions.code).toBe('API_001');
  expect(JSON.stringify(body).length).toBeLessThan(2_000);
});

test('a variable nested 100 000 deep is a wrong one', async () => {
  const deep = '['.repeat(100_000) + ']'.repeat(100_000);
  const request = `{"query":"query ($b: Int!) { text(bytes: $b) }","variables":{"b":${deep}}}`;
  // As bytes, and past the socket's client: the notes they take of texts would overflow.
  const response = await fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: Buffer.from(request),
  });
  expect((await response.json()).errors[0].extensions.code).toBe('API_001');
  const client = await connect(api);
  await client.init();
  client.socket.send(`{"id":"1","type":"subscribe","payload":${request}}`);
  expect((await client.message('1', 'error')).payload[0].extensions.code).toBe('API_001');
  client.socket.close();
});

test('an alias that every error’s path would repeat is refused when it is long', async () => {
  const { body } = await ask(`{ ${'n'.repeat(200_000)}: boomTwice }`);
  expect(body.errors[0].extensions.code).toBe('API_001');
  expect(JSON.stringify(body).length).toBeLessThan(2_000);
});

/** The errors of an operation that does not run, by each way to ask for it. */
const errorsBy = {
  HTTP: async (query: string) => (await ask(query)).body.errors,
  'server-sent events': async (query: string) => (await askEvents(query)).errors,
  async 'a socket'(query: string) {
    const client = await connect(api);
    await client.init();
    client.subscribe('1', query);
    const { payload } = await client.message('1', 'error');
    client.socket.close();
    return payload;
  },
};
const ways = Object.entries(errorsBy);

test.each(ways)('over %s a document with a hundred errors reports twenty', async (_way, errorsOf) => {
  const names = Array.from({ length: 100 }, (_, at) => `unknown${at}`);
  expect((await errorsOf(`{ ${names.join(' ')} }`)).length).toBeLessThanOrEqual(21);
});

test.each(ways)('over %s a text of 200 kB does not come back', async (_way, errorsOf) => {
  const errors = await errorsOf(`{ text(bytes: "${'x'.repeat(200_000)}") }`);
  expect(errors[0].extensions.code).toBe('API_001');
  expect(JSON.stringify(errors).length).toBeLessThan(2_000);
});
