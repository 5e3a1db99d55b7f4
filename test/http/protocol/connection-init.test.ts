import { expect, test } from 'vitest';
import { ACTOR } from '../../support/api-server.ts';
import { eventually } from '../../support/deadline.ts';
import { aGate } from '../../support/gate.ts';
import { aServer } from '../../support/protocol.ts';
import { connect } from '../../support/socket-client.ts';

/** graphql-ws's PROTOCOL.md: ConnectionInit, ConnectionAck, Ping and Pong. */

test.each([[undefined], [null], [{}], [{ anything: [1, { of: 'the client' }] }]])(
  'the payload %j is acknowledged',
  async (payload) => {
    const client = await connect(await aServer());
    client.send({ type: 'connection_init', payload });
    await eventually(() => client.messages.length === 1);
    expect(client.messages[0]?.type).toBe('connection_ack');
  },
);

test('nothing comes before the acknowledgement, which comes once', async () => {
  const client = await connect(await aServer());
  client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  await client.roundTrip();
  expect(client.messages.filter(({ type }) => type !== 'pong').map(({ type }) => type)).toEqual([
    'connection_ack',
  ]);
});

test('only connection_init ends the wait for it', async () => {
  const client = await connect(await aServer({ limits: { initTimeoutMs: 1_000 } }));
  for (const type of ['ping', 'pong']) client.send({ type });
  client.send({ type: 'complete', id: '1' });
  expect(await client.closed()).toEqual({
    code: 4408,
    reason: 'WS_001 Connection initialisation timeout: connection_init did not come in time.',
  });
  expect(client.messages.map(({ type }) => type)).toEqual(['pong']);
});

test('a connection_init that is still being looked at is in time', async () => {
  const gate = aGate();
  const api = await aServer({
    limits: { initTimeoutMs: 1_000 },
    async authenticate() {
      await gate.opened;
      return { actor: ACTOR, expiresAt: null, keyId: null };
    },
  });
  const client = await connect(api);
  client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  // Who came after it and says nothing is gone, so its own time is long over.
  const silent = await connect(api);
  expect(await silent.closed()).toMatchObject({ code: 4408 });
  gate.open();
  await eventually(() => client.messages.some(({ type }) => type === 'connection_ack'));
});

test.each([
  ['acknowledged', true],
  ['still being looked at', false],
])('a second connection_init closes with 4429 while the first is %s', async (_what, isReady) => {
  const gate = aGate();
  const api = await aServer({
    async authenticate() {
      await gate.opened;
      return { actor: ACTOR, expiresAt: null, keyId: null };
    },
  });
  const client = await connect(api);
  if (isReady) gate.open();
  client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  if (isReady) await eventually(() => client.messages.length === 1);
  client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  expect(await client.closed()).toEqual({ code: 4429, reason: 'Too many initialisation requests' });
  gate.open();
});

test.each([
  ['before connection_init', false],
  ['before connection_init is acknowledged', true],
])('an operation %s closes with 4401', async (_what, hasInit) => {
  const gate = aGate();
  const api = await aServer({
    async authenticate() {
      await gate.opened;
      return { actor: ACTOR, expiresAt: null, keyId: null };
    },
  });
  const client = await connect(api);
  if (hasInit) client.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  client.subscribe('1', 'mutation { wait }');
  expect(await client.closed()).toEqual({
    code: 4401,
    reason: 'WS_001 Unauthorized: an operation came before connection_init was acknowledged.',
  });
  gate.open();
  expect(api.waiting()).toBe(0);
  expect(client.messages).toEqual([]);
});

test.each([
  ['before', false],
  ['after', true],
])(
  '%s connection_init a ping is answered with its payload, and a pong with nothing',
  async (_when, ready) => {
    const client = await connect(await aServer());
    if (ready) await client.init();
    const before = client.messages.length;
    client.send({ type: 'pong' });
    client.send({ type: 'pong', payload: { nobody: 'asked' } });
    client.send({ type: 'ping' });
    client.send({ type: 'ping', payload: null });
    client.send({ type: 'ping', payload: { at: 1, deep: [{ 'a "quote"': null }] } });
    await eventually(() => client.messages.length === before + 3);
    expect(client.messages.slice(before)).toEqual([
      { type: 'pong' },
      { type: 'pong' },
      { type: 'pong', payload: { at: 1, deep: [{ 'a "quote"': null }] } },
    ]);
  },
);
