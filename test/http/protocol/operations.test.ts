import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { eventually } from '../../support/deadline.ts';
import { aClient, aServer, slowly } from '../../support/protocol.ts';

/** graphql-ws's PROTOCOL.md: Subscribe, Next and Error. */

test.each(['query { hello }', 'mutation { touch }'])('%s is one next and then complete', async (query) => {
  const client = await aClient(await aServer());
  client.subscribe('1', query);
  await client.message('1', 'complete');
  await client.roundTrip();
  expect(client.types('1')).toEqual(['next', 'complete']);
});

test('a subscription is a next for each event, and complete when its source ends', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  for (const tick of [1, 2, 3]) api.ticks.push(tick);
  await eventually(() => client.types('1').length === 3);
  api.ticks.finish();
  await client.message('1', 'complete');
  await client.roundTrip();
  expect(client.types('1')).toEqual(['next', 'next', 'next', 'complete']);
  const ticks = client.messages.flatMap(({ payload }) => payload?.data?.ticks ?? []);
  expect(ticks).toEqual([1, 2, 3]);
  expect(client.messages.at(-2)).toEqual({ id: '1', type: 'complete' });
});

test('an error of a field is part of a next', async () => {
  const client = await aClient(await aServer());
  client.subscribe('1', '{ hello missing }');
  const { payload } = await client.message('1', 'next');
  expect(payload).toMatchObject({
    data: { hello: 'Hello world', missing: null },
    errors: [{ path: ['missing'] }],
  });
  await client.message('1', 'complete');
});

test.each([
  ['a syntax error', '{ hello'],
  ['a field there is not', '{ nothing }'],
  ['a refused subscription', 'subscription { me }'],
])('%s is one error, without a complete', async (_what, query) => {
  const client = await aClient(await aServer());
  client.subscribe('1', query);
  await client.message('1', 'error');
  await client.roundTrip();
  expect(client.types('1')).toEqual(['error']);
});

test('a source that fails ends its operation with an error, after the frames before', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  await client.message('1', 'next');
  api.ticks.fail(new Error('internal'));
  await client.message('1', 'error');
  api.ticks.push(2);
  await client.roundTrip();
  expect(client.types('1')).toEqual(['next', 'error']);
});

test('operations run beside each other, each under its id', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('slow', 'query { wait }');
  client.subscribe('ticks', 'subscription { ticks }');
  client.subscribe('quick', '{ hello }');
  await client.message('quick', 'complete');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(7);
  await client.message('ticks', 'next');
  expect(client.types('slow')).toEqual([]);
  api.release();
  expect((await client.message('slow', 'next')).payload).toMatchObject({ data: { wait: 'waited' } });
});

test.each([
  '"',
  '\\',
  '{"id":"2"}',
  '__proto__',
  'constructor',
  'hasOwnProperty',
  ' ',
  '\u0000\u001f\u2028\u{1f3b0}',
  '\ud800',
  'x'.repeat(50_000),
])('the id %j is any other', async (id) => {
  const api = await aServer();
  const client = await aClient(api);
  const others = client.messages.length;
  client.subscribe(id, 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  await client.message(id, 'next');
  client.send({ id, type: 'complete' });
  await eventually(() => api.ticks.subscribers === 0);
  client.subscribe(id, '{ hello }');
  await client.message(id, 'complete');
  expect(client.types(id)).toEqual(['next', 'next', 'complete']);
  expect(client.messages).toHaveLength(others + 3);
});

test('what the payload may leave open, and what nobody knows, changes nothing', async () => {
  const client = await aClient(await aServer());
  const query = 'query Named { hello }';
  const payloads = [
    { query },
    { query, operationName: null, variables: null, extensions: null },
    {
      query,
      operationName: 'Named',
      variables: { unknown: 1 },
      extensions: { any: ['thing'] },
      more: true,
    },
  ];
  for (const [at, payload] of payloads.entries()) {
    client.send({ id: String(at), type: 'subscribe', payload, and: 'more' });
    expect((await client.message(String(at), 'next')).payload.data).toEqual({ hello: 'Hello world' });
  }
});

test.each([
  ['a subscription', 'subscription { ticks }'],
  ['a query', '{ wait }'],
  ['a mutation', 'mutation { wait }'],
])('the id of %s under way is taken: 4409', async (_what, query) => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('1', query);
  await eventually(() => api.ticks.subscribers + api.waiting() === 1);
  client.subscribe('1', '{ hello }');
  expect(await client.closed()).toEqual({ code: 4409, reason: 'Subscriber for 1 already exists' });
  await eventually(() => api.ticks.subscribers === 0);
  api.release();
});

test('the id of an operation that is still being prepared is taken too', async () => {
  const { open, options } = slowly();
  const api = await aServer(options);
  const client = await aClient(api, { accessToken: 'good' });
  client.subscribe('1', 'subscription { ticks }');
  client.subscribe('1', 'subscription { ticks }');
  expect(await client.closed()).toMatchObject({ code: 4409 });
  open();
  await eventually(() => api.http.connectionCount === 0);
  expect(api.ticks.subscribers).toBe(0);
});

test('an id is free again after complete and after error', async () => {
  const client = await aClient(await aServer());
  for (let turn = 1; turn <= 3; turn += 1) {
    client.subscribe('1', turn === 2 ? '{ nothing }' : '{ hello }');
    await eventually(() => client.types('1').filter((type) => type !== 'next').length === turn);
  }
  expect(client.types('1')).toEqual(['next', 'complete', 'error', 'next', 'complete']);
});

test('the stock client speaks all of it', async () => {
  const api = await aServer();
  const client = createClient({
    url: `ws://127.0.0.1:${api.port}/graphql`,
    webSocketImpl: WebSocket,
    keepAlive: 20,
    retryAttempts: 0,
  });
  let pongs = 0;
  client.on('pong', () => {
    pongs += 1;
  });
  const ticks = client.iterate<{ ticks: number }>({ query: 'subscription { ticks }' });
  const first = ticks.next();
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(7);
  expect((await first).value?.data).toEqual({ ticks: 7 });
  expect((await client.iterate({ query: '{ hello }' }).next()).value?.data).toEqual({ hello: 'Hello world' });
  await expect(client.iterate({ query: '{ nothing }' }).next()).rejects.toMatchObject([
    { extensions: { code: 'API_001' } },
  ]);
  await eventually(() => pongs >= 2);
  await ticks.return?.();
  await eventually(() => api.ticks.subscribers === 0);
  await client.dispose();
  await eventually(() => api.http.connectionCount === 0);
});
