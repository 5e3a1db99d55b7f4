import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { createRateLimiter } from '../../src/http/rate-limiter.ts';
import { type ApiServer, anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { byHash, documentWaysTo, parametersOf, sha256 } from '../support/document-ways.ts';
import { httpClient } from '../support/http-client.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';
import { connect } from '../support/socket-client.ts';

/** Apollo's automatic persisted queries, and `documentId` of GraphQL over HTTP. */
const api = await anApiServer();
afterAll(() => api.http.close(1_000));
const { post } = httpClient(api.url);

/** A text that no test has sent before. */
function aText(selection = 'hello', kind = 'query'): string {
  texts += 1;
  return `${kind} Q${texts} { ${selection} }`;
}
let texts = 0;

const NOT_FOUND = {
  errors: [
    {
      message: 'PersistedQueryNotFound',
      extensions: { code: 'API_002', details: { reason: 'PersistedQueryNotFoundError' }, retryable: false },
    },
  ],
};
const HELLO = { data: { hello: 'Hello world' } };

describe.each(documentWaysTo(api.url))('over %s', (_way, ask) => {
  test('a hash is not known, comes with its text, and is enough from then on', async () => {
    const query = aText();
    expect(await ask(byHash(query))).toMatchObject(NOT_FOUND);
    expect(await ask({ query, ...byHash(query) })).toMatchObject(HELLO);
    expect(await ask(byHash(query))).toMatchObject(HELLO);
  });

  test.each(['', 'sha256:'])('a documentId is the hash behind "%s"', async (prefix) => {
    const query = aText();
    const documentId = `${prefix}${sha256(query)}`;
    expect(await ask({ documentId })).toMatchObject(NOT_FOUND);
    expect(await ask({ query, documentId })).toMatchObject(HELLO);
    expect(await ask({ documentId })).toMatchObject(HELLO);
    expect(await ask(byHash(query))).toMatchObject(HELLO);
  });

  test('a text of another hash is refused, and not kept', async () => {
    const other = aText();
    const refusal = { code: 'API_001', details: { reason: 'HashMismatchError' } };
    expect(await ask({ query: '{ whoami }', ...byHash(other) })).toMatchObject({
      errors: [{ extensions: refusal }],
    });
    expect(await ask(byHash(other))).toMatchObject(NOT_FOUND);
    // Nor once the hash is known.
    await ask({ query: other, ...byHash(other) });
    expect(await ask({ query: '{ whoami }', ...byHash(other) })).toMatchObject({
      errors: [{ extensions: refusal }],
    });
    expect(await ask(byHash(other))).toMatchObject(HELLO);
  });

  test.each([
    ['no syntax', '{ hello '],
    ['no such field', '{ nothing }'],
    ['too deep', `${'{ tree '.repeat(15)}{ name }${' }'.repeat(15)}`],
  ])('a document with %s is not kept', async (_what, query) => {
    const { errors } = await ask({ query, ...byHash(query) });
    expect(errors[0].extensions.code).toMatch(/^API_00[16]$/);
    expect(await ask(byHash(query))).toMatchObject(NOT_FOUND);
  });

  test('of several operations one is named, with its variables', async () => {
    const query = `query A { hello } query B($name: String) { hello(name: $name) } # ${aText()}`;
    await ask({ query, operationName: 'A', ...byHash(query) });
    expect(await ask({ operationName: 'B', variables: { name: 'Bo' }, ...byHash(query) })).toMatchObject({
      data: { hello: 'Hello Bo' },
    });
    expect(await ask(byHash(query))).toMatchObject({ errors: [{ extensions: { code: 'API_001' } }] });
  });

  test.each([
    ['another version', { extensions: { persistedQuery: { version: 2, sha256Hash: sha256('{ hello }') } } }],
    ['no version', { extensions: { persistedQuery: { sha256Hash: sha256('{ hello }') } } }],
    ['no hash', { extensions: { persistedQuery: { version: 1 } } }],
    ['a hash in capitals', { documentId: sha256('{ hello }').toUpperCase() }],
    ['a hash that is too long', { documentId: `${sha256('{ hello }')}0` }],
    ['another kind of id', { documentId: 'md5:900150983cd24fb0d6963f7d28e17f72' }],
    ['an extension that is a text', { extensions: { persistedQuery: sha256('{ hello }') } }],
    ['two hashes', { documentId: sha256('{ whoami }'), ...byHash('{ hello }') }],
    [
      'another version beside a text',
      { query: '{ hello }', extensions: { persistedQuery: { version: 2, sha256Hash: sha256('{ hello }') } } },
    ],
  ])('%s is refused with API_001', async (_what, request) => {
    expect(await ask(request)).toMatchObject({ errors: [{ extensions: { code: 'API_001' } }] });
  });

  test('a document costs by its hash what it costs as a text', async () => {
    const query = aText(`tree ${'{ trees '.repeat(5)}{ name }${' }'.repeat(5)}`);
    const byText = await ask({ query, ...byHash(query) });
    expect(byText.errors[0].extensions.code).toBe('API_006');
    const { errors, extensions } = await ask(byHash(query));
    expect(errors[0].extensions.code).toBe('API_006');
    expect(extensions).toEqual(byText.extensions);
  });
});

test('a text that has no hash of its own, because it is no UTF-8, is not kept', async () => {
  const query = '{ hello(name: "\ud800") }';
  const { body } = await post({ query, ...byHash(query) });
  expect(body.errors[0].extensions.code).toBe('API_001');
  expect((await post(byHash(query))).body).toMatchObject(NOT_FOUND);
});

test('neither a text nor a hash is refused with API_001', async () => {
  // Over a socket it is no message of its protocol.
  const { body } = await post({ extensions: {} });
  expect(body).toMatchObject({ errors: [{ extensions: { code: 'API_001' } }] });
});

test('other extensions say nothing of the document', async () => {
  const { body } = await post({ query: '{ hello }', extensions: { tracing: true } });
  expect(body).toMatchObject(HELLO);
});

test('a subscription is followed by its hash over server-sent events and a socket, as one of both', async () => {
  const query = aText('ticks', 'subscription');
  const client = await connect(api);
  await client.init();
  client.send({ id: 'text', type: 'subscribe', payload: { query, ...byHash(query) } });
  client.send({ id: 'hash', type: 'subscribe', payload: byHash(query) });
  await eventually(() => api.ticks.subscribers === 2);
  const [, , [, bySse], [, bySseGet]] = documentWaysTo(api.url) as [never, never, Way, Way];
  const results = [bySse(byHash(query)), bySseGet({ documentId: sha256(query) })];
  await eventually(() => api.ticks.subscribers === 4);
  const { executions } = api.http.fanOutCounts();
  api.ticks.push(7);
  for (const result of await Promise.all(results)) expect(result).toMatchObject({ data: { ticks: 7 } });
  for (const id of ['text', 'hash'])
    expect((await client.message(id, 'next')).payload).toMatchObject({ data: { ticks: 7 } });
  expect(api.http.fanOutCounts().executions - executions).toBe(1);
  client.socket.close();
  await eventually(() => api.ticks.subscribers === 0);
});

type Way = ReturnType<typeof documentWaysTo>[number];

test('a hash that is not known ends its operation, and the others on the socket go on', async () => {
  const client = await connect(api);
  await client.init();
  client.subscribe('ticks', 'subscription { ticks }');
  client.send({ id: 'unknown', type: 'subscribe', payload: byHash(aText()) });
  expect((await client.message('unknown', 'error')).payload).toMatchObject(NOT_FOUND.errors);
  api.ticks.push(1);
  expect((await client.message('ticks', 'next')).payload).toMatchObject({ data: { ticks: 1 } });
  // With nothing to run at all it is no message of the protocol.
  client.send({ id: 'empty', type: 'subscribe', payload: {} });
  expect(await client.closed()).toMatchObject({ code: 4400 });
});

test.each([
  ['application/json', 200],
  ['application/graphql-response+json', 404],
])('for Accept %s a hash that is not known has status %i', async (accept, expected) => {
  const { status, headers, body } = await post(byHash(aText()), { accept });
  expect(body).toMatchObject(NOT_FOUND);
  expect(status).toBe(expected);
  expect(headers.get('cache-control')).toBe('no-store');
});

test('what is answered by GET to a hash is not to be cached', async () => {
  const query = aText();
  await post({ query, ...byHash(query) });
  const response = await fetch(`${api.url}/graphql?${parametersOf(byHash(query))}`);
  expect(await response.json()).toMatchObject(HELLO);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('a mutation is not run by GET, whatever it is asked by', async () => {
  const query = 'mutation Touch { touch }';
  expect((await post({ query, ...byHash(query) })).body).toMatchObject({ data: { touch: 1 } });
  const response = await fetch(`${api.url}/graphql?${parametersOf(byHash(query))}`);
  expect(response.status).toBe(405);
  expect(await response.json()).not.toHaveProperty('data');
});

test('who asks by a hash is who shows a token', async () => {
  const query = aText('whoami');
  await post({ query, ...byHash(query) }, { authorization: 'Bearer good' });
  const { body } = await post(byHash(query));
  expect(body.errors[0].extensions.code).toBe('AUTH_001');
});

test('the log and the metrics take an operation by its hash for what it is', async () => {
  const query = 'query Greeting($name: String) { hello(name: $name) }';
  await post({ query, ...byHash(query) });
  const timesOfHello = () =>
    api.http.traffic.operations
      .times()
      .filter(({ field, outcome }) => field === 'hello' && outcome === 'succeeded')
      .flatMap(({ times }) => times.total.counts)
      .reduce((sum, count) => sum + count, 0);
  const before = timesOfHello();
  await post(byHash(query), { 'x-request-id': 'asked-by-hash' });
  expect(api.lines.filter(({ requestId }) => requestId === 'asked-by-hash')).toEqual([
    expect.objectContaining({ kind: 'query', operation: 'Greeting', status: 200 }),
  ]);
  expect(timesOfHello()).toBe(before + 1);
});

describe('within limits', () => {
  let small: ApiServer;
  beforeEach(() => () => small.http.close(500));
  /** What the entries of the texts below weigh is little beside this. */
  const PADDING = `# ${'.'.repeat(1_000)}`;
  const padded = (name: string) => `query ${name} { hello } ${PADDING}`;

  test('the texts used last are kept, as many as there is room for', async () => {
    // Each weighs some 2 400 bytes.
    small = await anApiServer({ limits: { persistedDocumentBytes: 40_000 } });
    const { post } = httpClient(small.url);
    const names = Array.from({ length: 20 }, (_, at) => `N${at}`);
    const used = padded('Used');
    await post({ query: used, ...byHash(used) });
    for (const query of names.map(padded)) {
      await post({ query, ...byHash(query) });
      expect((await post(byHash(used))).body).toMatchObject(HELLO);
      expect((await post(byHash(query))).body).toMatchObject(HELLO);
    }
    const isKept = async (name: string) => !(await post(byHash(padded(name)))).body.errors;
    expect(await isKept('N0')).toBe(false);
    expect(await isKept('N19')).toBe(true);
    const kept: boolean[] = [];
    for (const name of names) kept.push(await isKept(name));
    expect(kept.filter(Boolean).length).toBe(16);
  });

  test('a text that takes a good part of the room is run, and not kept', async () => {
    small = await anApiServer({ limits: { persistedDocumentBytes: 16 * 2_000 } });
    const { post } = httpClient(small.url);
    const query = padded('Large');
    expect((await post({ query, ...byHash(query) })).body).toMatchObject(HELLO);
    expect((await post(byHash(query))).body).toMatchObject(NOT_FOUND);
  });

  test('each operation by a hash counts, whether it is known or not', async () => {
    const rateLimits = createRateLimiter({ ...NO_RATE_LIMITS, operationsPerAddress: 3 }, null);
    small = await anApiServer({ rateLimits });
    const { post } = httpClient(small.url);
    const query = aText();
    expect((await post(byHash(query))).body).toMatchObject(NOT_FOUND);
    expect((await post({ query, ...byHash(query) })).body).toMatchObject(HELLO);
    expect((await post(byHash(query))).body).toMatchObject(HELLO);
    expect((await post(byHash(query))).status).toBe(429);
  });
});
