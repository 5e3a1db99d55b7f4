import { expect, test } from 'vitest';
import { eventually } from '../../support/deadline.ts';
import { aClient, aServer } from '../../support/protocol.ts';
import { connect } from '../../support/socket-client.ts';

/** graphql-ws's PROTOCOL.md: messages it does not know. */

const subscribe = (payload: unknown, id: unknown = '1') => JSON.stringify({ id, type: 'subscribe', payload });

test.each([
  ['nothing', ''],
  ['no JSON', 'hello'],
  ['half a message', '{"type":"ping"'],
  ['two messages in one', '{"type":"ping"}{"type":"ping"}'],
  ['a batch', `[${subscribe({ query: '{ hello }' })}]`],
  ['a string', '"ping"'],
  ['null', 'null'],
  ['a number', '1'],
  ['200 kB of brackets', '['.repeat(200_000)],
  ['a message without a type', '{}'],
  ['a type that is a number', '{"type":1}'],
  ['an empty type', '{"type":""}'],
  ['a type of the protocol before', '{"type":"start","id":"1","payload":{"query":"{ hello }"}}'],
  ['a type of the object prototype', '{"type":"toString"}'],
  ['a connection_init whose payload is a list', '{"type":"connection_init","payload":[]}'],
  ['a connection_init whose payload is a text', '{"type":"connection_init","payload":"token"}'],
  ['a connection_ack', '{"type":"connection_ack"}'],
  ['a next', '{"id":"1","type":"next","payload":{"data":{}}}'],
  ['an error', '{"id":"1","type":"error","payload":[{"message":"no"}]}'],
  ['a ping whose payload is a text', '{"type":"ping","payload":"now"}'],
  ['a pong whose payload is a list', '{"type":"pong","payload":[1]}'],
  ['a complete without an id', '{"type":"complete"}'],
  ['a complete with an empty id', '{"type":"complete","id":""}'],
  ['a complete with a number for an id', '{"type":"complete","id":1}'],
  ['a subscribe without an id', '{"type":"subscribe","payload":{"query":"{ hello }"}}'],
  ['a subscribe with an empty id', subscribe({ query: '{ hello }' }, '')],
  ['a subscribe with a number for an id', subscribe({ query: '{ hello }' }, 1)],
  ['a subscribe with null for an id', subscribe({ query: '{ hello }' }, null)],
  ['a subscribe without a payload', '{"id":"1","type":"subscribe"}'],
  ['a subscribe whose payload is a text', subscribe('{ hello }')],
  ['a subscribe whose payload is a list', subscribe([{ query: '{ hello }' }])],
  ['a subscribe without a query', subscribe({})],
  ['a query that is null', subscribe({ query: null })],
  ['extensions and no query', subscribe({ extensions: {} })],
  ['extensions that name no document', subscribe({ query: null, extensions: { persistedQuery: null } })],
  ['extensions of another kind', subscribe({ extensions: { tracing: { version: 1 } } })],
  ['a query that is a number', subscribe({ query: 1 })],
  ['variables that are a list', subscribe({ query: '{ hello }', variables: [1] })],
  ['variables that are a text', subscribe({ query: '{ hello }', variables: '{}' })],
  ['variables of a hash that are a text', subscribe({ documentId: '0'.repeat(64), variables: '{}' })],
  ['an operationName that is a number', subscribe({ query: '{ hello }', operationName: 1 })],
  ['extensions that are a list', subscribe({ query: '{ hello }', extensions: [] })],
])('%s closes with 4400, before connection_init and after it', async (_what, message) => {
  const api = await aServer();
  for (const isReady of [false, true]) {
    const client = await connect(api);
    if (isReady) await client.init();
    const before = client.messages.length;
    client.send(message);
    const { code, reason } = await client.closed();
    expect(code).toBe(4400);
    expect(['Invalid message received', 'Unexpected message']).toContain(reason);
    expect(client.messages).toHaveLength(before);
  }
});

test('an empty query is one that is wrong, not a message that is', async () => {
  const client = await aClient(await aServer());
  client.subscribe('1', '');
  expect((await client.message('1', 'error')).payload[0].extensions.code).toBe('API_001');
});

test('a message of 256 KiB is taken, one of more closes with 1009', async () => {
  const client = await aClient(await aServer());
  client.send('{"type":"ping"}'.padEnd(256 * 1024, ' '));
  await eventually(() => client.messages.some(({ type }) => type === 'pong'));
  client.send('{"type":"ping"}'.padEnd(256 * 1024 + 1, ' '));
  expect(await client.closed()).toMatchObject({ code: 1009 });
});

test('a message in fragments is counted as a whole', async () => {
  const client = await aClient(await aServer());
  for (let fragment = 0; fragment < 5; fragment += 1)
    client.socket.send(' '.repeat(64 * 1024), { fin: false });
  expect(await client.closed()).toMatchObject({ code: 1009 });
});

test('a reason that repeats what the client sent is cut to what a close frame takes', async () => {
  const client = await aClient(await aServer());
  const id = 'x'.repeat(200_000);
  for (let turn = 0; turn < 2; turn += 1) client.subscribe(id, 'subscription { ticks }');
  const { code, reason } = await client.closed();
  expect(code).toBe(4409);
  expect(Buffer.byteLength(reason)).toBeLessThanOrEqual(123);
});
