import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { countRealtime } from '../../src/realtime/process-store.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';

const floor = await aFloorApp({ machines: 0 });
const port = Number(new URL(floor.app().url).port);
const { db } = floor.app().services;

const CONNECTIONS = `query ($holderId: ID, $first: Int, $after: String) {
  realtimeConnections(holderId: $holderId, first: $first, after: $after) {
    totalCount
    pageInfo { endCursor hasNextPage }
    nodes {
      id transport address userAgent connectedAt expiresAt operations
      user { username } device { deviceNumber } apiKey { name }
    }
  }
}`;
const DISCONNECT = `mutation ($input: DisconnectClientInput!) {
  disconnectClient(input: $input) {
    __typename
    ... on DisconnectClientSuccess { success connection { id user { username } } }
    ... on Error { code message }
  }
}`;
const FOLLOW = 'subscription { machineEvents { type } }';

const list = async (variables: object = {}, as: Asker = 'ADMIN') =>
  (await floor.ask(CONNECTIONS, { as, variables: { ...variables } })).data.realtimeConnections;
const disconnect = async (connectionId: string, reason = 'cleaning up', as: Asker = 'OPERATOR') =>
  (await floor.ask(DISCONNECT, { as, variables: { input: { connectionId, reason } } })).data.disconnectClient;

async function open(as: Asker, userAgent: string): Promise<SocketClient> {
  const accessToken = await floor.token(as);
  const client = await connect({ port }, { headers: { 'user-agent': userAgent } });
  await client.init({ accessToken });
  return client;
}

const listedAs = async (userAgent: string) =>
  await eventually(async () =>
    (await list({ first: 100 })).nodes.find((node: { userAgent: string }) => node.userAgent === userAgent),
  );

async function follow(as: Asker, userAgent: string): Promise<{ readonly text: Promise<string> }> {
  const response = await fetch(`${floor.app().url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${await floor.token(as)}`,
      'user-agent': userAgent,
    },
    body: JSON.stringify({ query: FOLLOW }),
  });
  expect(response.status).toBe(200);
  return { text: response.text() };
}

test('sockets and streams are listed with whose they are, from where, and until when', async () => {
  const client = await open('PLAYER', 'a browser');
  const device = await open('DEVICE', 'a screen');
  const partner = await open('PARTNER', 'a system');
  client.subscribe('1', 'subscription { systemStatus { machinesOnline } }');
  partner.subscribe('1', 'subscription { systemStatus { machinesOnline } }');
  const stream = await follow('OPERATOR', 'a dashboard');

  const mine = await listedAs('a browser');
  expect(client.messages[0]).toMatchObject({ type: 'connection_ack', payload: { connectionId: mine.id } });
  expect(mine).toMatchObject({
    transport: 'WEBSOCKET',
    address: '127.0.0.1',
    operations: 0,
    user: { username: 'player' },
    device: null,
    apiKey: null,
  });
  expect(Date.parse(mine.expiresAt)).toBeGreaterThan(Date.now() + 60_000);
  expect(Math.abs(Date.parse(mine.connectedAt) - Date.now())).toBeLessThan(60_000);
  expect(await listedAs('a screen')).toMatchObject({
    user: null,
    device: { deviceNumber: expect.any(String) },
  });
  expect(await listedAs('a system')).toMatchObject({
    user: null,
    apiKey: { name: 'a partner' },
    expiresAt: null,
  });
  await eventually(async () => (await listedAs('a system')).operations === 1);
  expect(await listedAs('a dashboard')).toMatchObject({ transport: 'SSE', operations: 1 });

  const { id } = await db
    .selectFrom('app_user')
    .select('id')
    .where('username', '=', 'player')
    .executeTakeFirstOrThrow();
  expect(await list({ holderId: encodeGlobalId('User', id) })).toMatchObject({
    totalCount: 1,
    nodes: [{ id: mine.id }],
  });
  const first = await list({ first: 3 });
  expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
  const rest = await list({ first: 3, after: first.pageInfo.endCursor });
  expect(new Set([...first.nodes, ...rest.nodes].map((node: { id: string }) => node.id)).size).toBe(4);

  expect(await list({}, 'FOREIGN_ADMIN')).toMatchObject({ totalCount: 0, nodes: [] });
  for (const each of [client, device, partner]) each.socket.close();
  await disconnect((await listedAs('a dashboard')).id);
  await stream.text;
  await eventually(async () => (await list()).totalCount === 0);
});

test('five sockets are five, nobody’s too, and none when they are closed', async () => {
  await eventually(async () => (await countRealtime(db)).sockets === 0);
  const clients = await Promise.all(
    Array.from({ length: 5 }, async (_, at) => {
      const payload = at < 2 ? {} : { accessToken: await floor.token('OPERATOR') };
      const client = await connect({ port });
      await client.init(payload);
      return client;
    }),
  );
  await eventually(async () => (await countRealtime(db)).sockets === 5);
  expect((await list()).totalCount).toBe(3);
  for (const { socket } of clients) socket.terminate();
  await eventually(async () => (await countRealtime(db)).sockets === 0);
});

test('a socket that an operator closes ends with 4493 and his words; the same user’s others stay', async () => {
  const closed = await open('PLAYER', 'the one');
  const other = await open('PLAYER', 'the other');
  const { id } = await listedAs('the one');
  expect(await disconnect(id, 'the hall closes')).toMatchObject({
    __typename: 'DisconnectClientSuccess',
    connection: { id, user: { username: 'player' } },
  });
  expect(await closed.closed()).toEqual({
    code: 4493,
    reason: 'WS_006 An operator closed this connection: the hall closes',
  });
  other.subscribe('1', '{ viewer { roles } }');
  await other.message('1', 'next');
  expect(other.socket.readyState).toBe(other.socket.OPEN);
  other.socket.close();
  await eventually(async () => (await disconnect(id)).code === 'API_002');
});

test('a stream that an operator closes ends with WS_006 and his words', async () => {
  const stream = await follow('AUDITOR', 'a report');
  const { id } = await listedAs('a report');
  await disconnect(id, 'no reports now');
  expect(await stream.text).toMatch(
    /"message":"An operator closed this connection: no reports now".*"code":"WS_006".*\n\nevent: complete\ndata:\n\n$/,
  );
});

test('who closes a connection, whose and why is on the audit record', async () => {
  const client = await open('PLAYER', 'audited');
  const { id } = await listedAs('audited');
  await disconnect(id, 'on record');
  await client.closed();
  const entry = await eventually(async () => {
    const { data } = await floor.ask(
      '{ auditLog(first: 1, types: ["realtime.client-disconnected"]) { nodes { actor { user { username } } data } } }',
      { as: 'AUDITOR' },
    );
    const [node] = data.auditLog.nodes;
    return node?.data.reason === 'on record' ? node : null;
  });
  expect(entry).toEqual({
    actor: { user: { username: 'operator' } },
    data: { connectionId: id, userId: expect.any(String), reason: 'on record' },
  });
});

test('a connection of another venue and one that never was are not found; an AUDITOR only looks', async () => {
  const client = await open('PLAYER', 'looked at');
  const { id } = await listedAs('looked at');
  expect(await disconnect(id, 'mine', 'FOREIGN_ADMIN')).toMatchObject({ code: 'API_002' });
  const { data } = await floor.ask('query ($id: ID!) { node(id: $id) { id } }', {
    as: 'FOREIGN_ADMIN',
    variables: { id },
  });
  expect(data.node).toBeNull();
  const answer = await floor.ask(DISCONNECT, {
    as: 'AUDITOR',
    variables: { input: { connectionId: id, reason: 'mine' } },
  });
  expect(answer.errors?.[0]?.extensions.code).toBe('AUTH_004');
  client.socket.close();
});

test.each(['', '   ', 'x'.repeat(81), 'line\nbreak'])('%j is no reason', async (reason) => {
  const id = encodeGlobalId('RealtimeConnection', '018f0000-0000-7000-8000-000000000001');
  expect(await disconnect(id, reason)).toMatchObject({ __typename: 'ValidationError', code: 'API_001' });
});
