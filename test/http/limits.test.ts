import { getIntrospectionQuery } from 'graphql';
import { afterAll, expect, test } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/http/limits.ts';
import { anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { connect } from '../support/socket-client.ts';

const api = await anApiServer();
const { ask, askEvents } = httpClient(api.url);
afterAll(() => api.http.close());

const nested = (depth: number) => `${'{ tree '.repeat(depth - 1)}{ name }${' }'.repeat(depth - 1)}`;
const listed = (depth: number) => `{ tree ${'{ trees '.repeat(depth)}{ name }${' }'.repeat(depth)} }`;
const aliased = (count: number) =>
  `{ ${Array.from({ length: count }, (_, at) => `a${at}: hello`).join(' ')} }`;
const directed = (count: number) =>
  `{ ${Array.from({ length: count }, (_, at) => `a${at}: hello @skip(if: false)`).join(' ')} }`;
/** Fragments that each hold the next one twice: short to write, long to unfold. */
const doubled = (count: number) => {
  const fragments = Array.from(
    { length: count },
    (_, at) => `fragment F${at} on Tree { trees { ...F${at + 1} tree { ...F${at + 1} } } }`,
  );
  return `{ tree { ...F0 } } ${fragments.join(' ')} fragment F${count} on Tree { name }`;
};

const refused: [string, string, string][] = [
  ['API_001', '100 kB of opening brackets', '['.repeat(100_000)],
  ['API_001', '100 kB of opening braces', '{'.repeat(100_000)],
  ['API_001', 'lists nested 100 deep', `{ hello(name: ${'['.repeat(100)}${']'.repeat(100)}) }`],
  ['API_001', '2001 tokens', `{ ${'hello '.repeat(1_999)} }`],
  ['API_001', 'a name of 201 characters', `{ ${'n'.repeat(201)}: hello }`],
  ['API_001', 'a subscription to nothing', 'subscription { ticks @include(if: false) }'],
  [
    'API_001',
    'one behind a fragment',
    'subscription { ... @skip(if: true) { ...F } } fragment F on Subscription { me }',
  ],
  ['API_006', 'fields 16 deep', nested(16)],
  ['API_006', 'fields 16 deep behind a fragment', `{ ...F } fragment F on Query ${nested(16)}`],
  ['API_006', 'fields 16 deep without a type around them', `{ ... ${nested(16)} }`],
  ['API_006', '16 aliases', aliased(16)],
  ['API_006', '11 directives', directed(11)],
  ['API_006', 'one field written 480 times', `{ ${'tree { name } '.repeat(480)} }`],
  ['API_006', 'lists within lists that cost too much', listed(5)],
  ['API_006', 'fragments that double four times', doubled(4)],
];

test.each(refused)('%s is given over HTTP to %s', async (code, _what, query) => {
  const { body } = await ask(query);
  expect(body.errors[0].extensions.code).toBe(code);
  expect(body).not.toHaveProperty('data');
});

test.each(refused)('%s is given as an event to %s', async (code, _what, query) => {
  const answer = await askEvents(query);
  expect(answer.errors[0].extensions.code).toBe(code);
  expect(answer).not.toHaveProperty('data');
});

test('the same documents get the same codes over a socket, which stays open', async () => {
  const client = await connect(api);
  await client.init();
  for (const [code, what, query] of refused) {
    client.subscribe(what, query);
    const { payload } = await client.message(what, 'error');
    expect([what, payload[0].extensions.code]).toEqual([what, code]);
  }
  client.subscribe('last', '{ hello }');
  expect((await client.message('last', 'next')).payload).toMatchObject({ data: { hello: 'Hello world' } });
  client.socket.close();
});

test.each([
  ['names of 200 characters', `{ ${'n'.repeat(200)}: hello }`],
  ['fields 15 deep', nested(15)],
  ['15 aliases', aliased(15)],
  ['10 directives', directed(10)],
  ['lists that cost just enough', listed(3)],
])('%s are allowed', async (_what, query) => {
  const { body } = await ask(query);
  expect(body).not.toHaveProperty('errors');
});

test('a fragment within itself ends, as an error', async () => {
  const { body } = await ask('{ tree { ...F } } fragment F on Tree { tree { ...F } }');
  expect(body.errors[0].extensions.code).toBe('API_001');
});

test('what a subscription follows is chosen by no variable', async () => {
  const { post } = httpClient(api.url);
  const query =
    'subscription ($is: Boolean!) { ...F } fragment F on Subscription { ticks @include(if: $is) }';
  const { body } = await post({ query, variables: { is: true } });
  expect(body.errors).toEqual([
    expect.objectContaining({
      message: 'What a subscription follows takes neither @skip nor @include.',
      locations: [{ line: 1, column: query.indexOf('@') + 1 }],
    }),
  ]);
});

test('the cost is that of the operation that is run, not of the first in the document', async () => {
  const query = `query Cheap { hello } query Dear ${listed(5)}`;
  const { post } = httpClient(api.url);
  expect((await post({ query, operationName: 'Cheap' })).body).toMatchObject({
    data: { hello: 'Hello world' },
  });
  const dear = await post({ query, operationName: 'Dear' });
  expect(dear.body.errors[0].extensions.code).toBe('API_006');
});

test('every answer says what it costs and how much may be, also where it was too much', async () => {
  const maximum = DEFAULT_LIMITS.maxComplexity;
  expect((await ask('{ hello tree { name } }')).body.extensions.cost).toEqual({ requested: 3, maximum });
  expect((await ask('mutation { touch }')).body.extensions.cost).toEqual({ requested: 1, maximum });
  const { body } = await ask(listed(5));
  expect(body.extensions.cost.maximum).toBe(maximum);
  expect(body.extensions.cost.requested).toBeGreaterThan(maximum);
  expect(body.errors[0].extensions).toMatchObject({
    code: 'API_006',
    details: { cost: body.extensions.cost },
  });

  const client = await connect(api);
  await client.init();
  client.subscribe('dear', listed(5));
  const [refusal] = (await client.message('dear', 'error')).payload;
  expect(refusal.extensions.details.cost).toEqual(body.extensions.cost);
  client.subscribe('ticks', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  for (const tick of [1, 2]) api.ticks.push(tick);
  const frames = await eventually(() => {
    const next = client.messages.filter(({ id, type }) => id === 'ticks' && type === 'next');
    return next.length === 2 && next.map(({ payload }) => payload);
  });
  expect(frames).toEqual([
    { data: { ticks: 1 }, extensions: { cost: { requested: 1, maximum } } },
    { data: { ticks: 2 } },
  ]);
  client.socket.close();
  await eventually(() => api.ticks.subscribers === 0);
});

test('the introspection of GraphiQL passes the limits', async () => {
  const { body } = await ask(
    getIntrospectionQuery({
      specifiedByUrl: true,
      inputValueDeprecation: true,
      schemaDescription: true,
      directiveIsRepeatable: true,
    }),
  );
  expect(body.errors).toBeUndefined();
  expect(body.data.__schema.types.length).toBeGreaterThan(5);
});

test('introspection that goes round in circles is refused', async () => {
  const circles =
    '{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }';
  const { body } = await ask(circles);
  expect(body.errors[0].extensions.code).toBe('API_001');
});

test('the limits are at most those that were promised', () => {
  expect(DEFAULT_LIMITS.maxTokens).toBeLessThanOrEqual(2_000);
  expect(DEFAULT_LIMITS.maxDepth).toBeLessThanOrEqual(15);
  expect(DEFAULT_LIMITS.maxAliases).toBeLessThanOrEqual(15);
  expect(DEFAULT_LIMITS.maxDirectives).toBeLessThanOrEqual(10);
  expect(DEFAULT_LIMITS.maxErrors).toBeLessThanOrEqual(50);
  expect(DEFAULT_LIMITS.maxBodyBytes).toBeLessThanOrEqual(1024 * 1024);
  expect(DEFAULT_LIMITS.bodyTimeoutMs).toBeLessThanOrEqual(15_000);
  expect(DEFAULT_LIMITS.headersTimeoutMs).toBeLessThanOrEqual(10_000);
  expect(DEFAULT_LIMITS.maxMessageBytes).toBeLessThanOrEqual(1024 * 1024);
  expect(DEFAULT_LIMITS.maxOperationsPerSocket).toBeLessThanOrEqual(100);
});
