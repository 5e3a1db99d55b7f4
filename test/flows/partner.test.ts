import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { anApiKey, aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { connect } from '../support/socket-client.ts';
import { withinASecond } from '../support/within-a-second.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { post } = httpClient(floor.app().url);
const port = Number(new URL(floor.app().url).port);
const [machineId = ''] = floor.machineIds;

const FOLLOW = 'subscription { machineEvents { type } }';
const CREATE = `mutation ($input: CreateApiKeyInput!) {
  createApiKey(input: $input) {
    __typename
    ... on CreateApiKeySuccess {
      secret apiKey { id name prefix scopes eventTypes status createdBy { username } expiresAt lastUsedAt revokedAt }
    }
    ... on Error { code message }
  }
}`;
const REVOKE = `mutation ($input: RevokeApiKeyInput!) {
  revokeApiKey(input: $input) {
    __typename ... on RevokeApiKeySuccess { apiKey { id status revokedAt } } ... on Error { code }
  }
}`;
const VIEWER = `{ viewer {
  user { id } apiKey { id name createdBy { id } } roles scopes venue { slug } session { id } sessions { id }
} }`;
const LOCK = 'mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { __typename } }';

const withKey = async (secret: string, query: string, input?: object) =>
  (await post({ query, variables: { input } }, { authorization: `Bearer ${secret}` })).body;
const codeOf = (answer: { errors?: { extensions: { code: string } }[] }) =>
  answer.errors?.[0]?.extensions.code;

async function aKey(input: object) {
  const { data } = await floor.ask(CREATE, { as: 'ADMIN', variables: { input } });
  return data.createApiKey;
}
const revoke = async (apiKeyId: string, as: 'ADMIN' | 'FOREIGN_ADMIN' = 'ADMIN') =>
  (await floor.ask(REVOKE, { as, variables: { input: { apiKeyId } } })).data.revokeApiKey;

test('an ADMIN makes a key, and a partner asks with it over HTTP, a socket and a stream of events', async () => {
  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const made = await aKey({
    name: 'Accounting',
    scopes: ['MACHINES_READ', 'VENUES_READ'],
    eventTypes: ['machine.event-raised'],
    expiresAt,
  });
  expect(made).toEqual({
    __typename: 'CreateApiKeySuccess',
    secret: expect.stringMatching(/^fw_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$/),
    apiKey: {
      id: expect.any(String),
      name: 'Accounting',
      prefix: made.secret.slice(0, 15),
      scopes: ['VENUES_READ', 'MACHINES_READ'],
      eventTypes: ['machine.event-raised'],
      status: 'ACTIVE',
      createdBy: { username: 'admin' },
      expiresAt,
      lastUsedAt: null,
      revokedAt: null,
    },
  });
  const { secret, apiKey } = made;
  expect((await withKey(secret, VIEWER)).data.viewer).toEqual({
    user: null,
    apiKey: { id: apiKey.id, name: 'Accounting', createdBy: null },
    roles: ['PARTNER'],
    scopes: ['VENUES_READ', 'MACHINES_READ'],
    venue: { slug: 'casino' },
    session: null,
    sessions: [],
  });
  expect((await withKey(secret, '{ venues { slug } }')).data.venues).toEqual([{ slug: 'casino' }]);
  expect((await withKey(secret, '{ machines { nodes { id } } }')).data.machines.nodes).toEqual([
    { id: machineId },
  ]);

  const client = await connect({ port });
  await client.init({ accessToken: secret });
  client.subscribe('events', FOLLOW);
  client.subscribe('me', VIEWER);
  expect((await client.message('me', 'next')).payload.data.viewer.roles).toEqual(['PARTNER']);
  const stream = await openStream(secret);
  const input = { machineId, reason: 'audit' };
  await floor.ask(LOCK, { variables: { input } });
  expect((await client.message('events', 'next')).payload.data.machineEvents.type).toBe('LOCKED');
  await eventually(() => stream.text().includes('"LOCKED"'));
  await floor.ask(LOCK.replace('lockMachine', 'unlockMachine'), { variables: { input } });
  client.socket.close();
  await stream.cancel();
  const listed = '{ apiKeys(first: 1) { totalCount nodes { name lastUsedAt } } }';
  await eventually(async () => {
    const { data } = await floor.ask(listed, { as: 'AUDITOR' });
    expect(data.apiKeys.nodes[0].name).toBe('Accounting');
    return data.apiKeys.nodes[0].lastUsedAt !== null;
  });
});

async function openStream(secret: string) {
  const response = await fetch(`${floor.app().url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${secret}`,
    },
    body: JSON.stringify({ query: FOLLOW }),
  });
  expect(response.status).toBe(200);
  let text = '';
  const reader = response.body?.getReader();
  const read = async () => {
    const decoder = new TextDecoder();
    for (;;) {
      const part = await reader?.read();
      if (!part || part.done) return;
      text += decoder.decode(part.value, { stream: true });
    }
  };
  const closed = read().catch(() => {});
  return { text: () => text, closed, cancel: async () => await reader?.cancel() };
}

test('a revoked key is refused at once, and its sockets and streams end within a second', async () => {
  const [mine, other] = [
    await aKey({ name: 'mine', scopes: ['MACHINES_READ'] }),
    await aKey({ name: 'other', scopes: ['MACHINES_READ'] }),
  ];
  const [client, untouched] = [await connect({ port }), await connect({ port })];
  await client.init({ accessToken: mine.secret });
  await untouched.init({ accessToken: other.secret });
  client.subscribe('events', FOLLOW);
  untouched.subscribe('events', FOLLOW);
  const stream = await openStream(mine.secret);
  expect(codeOf(await withKey(mine.secret, '{ machines { totalCount } }'))).toBeUndefined();

  const revoked = await revoke(mine.apiKey.id);
  expect(revoked).toMatchObject({ __typename: 'RevokeApiKeySuccess', apiKey: { status: 'REVOKED' } });
  expect(codeOf(await withKey(mine.secret, '{ machines { totalCount } }'))).toBe('AUTH_012');
  await withinASecond(floor, async () => {
    expect(await client.closed()).toEqual({ code: 4493, reason: 'WS_006 The session or API key was ended.' });
    await stream.closed;
  });
  expect(stream.text()).toMatch(/"code":"WS_006".*\n\nevent: complete\ndata:\n\n$/);

  const again = await connect({ port });
  again.send({ type: 'connection_init', payload: { accessToken: mine.secret } });
  expect(await again.closed()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });
  expect(await revoke(mine.apiKey.id)).toEqual(revoked);
  untouched.subscribe('still', '{ viewer { roles } }');
  expect((await untouched.message('still', 'next')).payload.errors).toBeUndefined();
  untouched.socket.close();
});

test('a key whose time comes is refused with AUTH_002, and its socket and stream end', async () => {
  const { runWork } = floor.app().services;
  const { id, secret } = await anApiKey(runWork, {
    venueId: floor.venueId,
    // Late enough for all that must come before.
    expiresAt: new Date(Date.now() + 8_000),
  });
  const client = await connect({ port });
  await client.init({ accessToken: secret });
  client.subscribe('events', FOLLOW);
  const stream = await openStream(secret);
  expect(codeOf(await withKey(secret, '{ machines { totalCount } }'))).toBeUndefined();
  expect(await client.closed()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });
  await stream.closed;
  expect(stream.text()).toContain('"code":"AUTH_002"');
  expect(codeOf(await withKey(secret, '{ machines { totalCount } }'))).toBe('AUTH_002');
  const { data } = await floor.ask('query ($id: ID!) { node(id: $id) { ... on ApiKey { status } } }', {
    as: 'ADMIN',
    variables: { id: encodeGlobalId('ApiKey', id) },
  });
  expect(data.node.status).toBe('EXPIRED');
});

test.each(['fw_', `fw_0123456789ab_${'A'.repeat(43)}`, `fw_${'A'.repeat(100_00)}`])(
  'a key that was never made is AUTH_003 over HTTP and WS_002 over a socket',
  async (secret) => {
    const answer = await withKey(secret, VIEWER);
    expect(codeOf(answer)).toBe('AUTH_003');
    expect(answer.errors[0].message).toBe('The access token is not valid.');
    const client = await connect({ port });
    client.send({ type: 'connection_init', payload: { accessToken: secret } });
    expect(await client.closed()).toMatchObject({
      code: 4403,
      reason: 'WS_002 The access token is not valid.',
    });
  },
);

test('a partner does what its key says and nothing else, over HTTP and over a socket', async () => {
  const reader = await aKey({ name: 'reader', scopes: ['MACHINES_READ'] });
  const controller = await aKey({ name: 'controller', scopes: ['MACHINES_READ', 'MACHINES_CONTROL'] });
  const input = { machineId, reason: 'maintenance' };
  expect(codeOf(await withKey(reader.secret, LOCK, input))).toBe('AUTH_004');
  expect(codeOf(await withKey(reader.secret, '{ venues { slug } }'))).toBe('AUTH_004');
  expect(codeOf(await withKey(reader.secret, '{ apiKeys { totalCount } }'))).toBe('AUTH_004');
  const client = await connect({ port });
  await client.init({ accessToken: reader.secret });
  client.subscribe('lock', LOCK, { input });
  expect((await client.message('lock', 'next')).payload.errors[0].extensions.code).toBe('AUTH_004');
  client.socket.close();

  expect((await withKey(controller.secret, LOCK, input)).data.lockMachine.__typename).toBe(
    'LockMachineSuccess',
  );
  const { db } = floor.app().services;
  const command = await db
    .selectFrom('machine_command')
    .select(['requested_by', 'requested_by_kind'])
    .where('kind', '=', 'LOCK')
    .orderBy('id', 'desc')
    .executeTakeFirstOrThrow();
  const keyId = Buffer.from(controller.apiKey.id, 'base64url').toString().slice('ApiKey:'.length);
  expect(command).toEqual({ requested_by: keyId, requested_by_kind: 'partner' });
  const machine = await db.selectFrom('machine').selectAll().executeTakeFirstOrThrow();
  expect(machine).toMatchObject({ locked_by: keyId, locked_by_kind: 'partner' });
  const { rows } = await sql`select actor from event_log where type = 'machine.command-queued'
    order by position desc limit 1`.execute(db);
  expect(rows).toEqual([{ actor: { kind: 'partner', id: keyId } }]);
  const unlock = LOCK.replace('lockMachine', 'unlockMachine');
  expect((await withKey(controller.secret, unlock, input)).data.unlockMachine.__typename).toBe(
    'UnlockMachineSuccess',
  );
});

test.each([
  [{ name: '', scopes: ['MACHINES_READ'] }],
  [{ name: 'x', scopes: [] }],
  [{ name: 'x', scopes: ['API_KEYS_WRITE'] }],
  [{ name: 'x', scopes: ['MACHINES_READ'], eventTypes: ['auth.session-opened'] }],
  [{ name: 'x', scopes: ['VENUES_READ'], eventTypes: ['machine.event-raised'] }],
  [{ name: 'x', scopes: ['MACHINES_READ'], expiresAt: '2020-01-01T00:00:00Z' }],
])('a key such as %j is not made: API_001', async (input) => {
  expect(await aKey(input)).toMatchObject({ __typename: 'ValidationError', code: 'API_001' });
});

test('another venue’s key and one that never was are alike: API_002', async () => {
  const { apiKey, secret } = await aKey({ name: 'here', scopes: ['MACHINES_READ'] });
  const missing = encodeGlobalId('ApiKey', floor.venueId);
  const refused = { __typename: 'NotFoundError', code: 'API_002' };
  expect(await revoke(apiKey.id, 'FOREIGN_ADMIN')).toEqual(refused);
  expect(await revoke(missing)).toEqual(refused);
  const node = 'query ($id: ID!) { node(id: $id) { id } }';
  for (const as of ['FOREIGN_ADMIN', 'OPERATOR', 'PLAYER', 'PARTNER'] as const) {
    expect((await floor.ask(node, { as, variables: { id: apiKey.id } })).data.node).toBeNull();
  }
  expect(codeOf(await withKey(secret, VIEWER))).toBeUndefined();
});

test('a key outlives the account of the ADMIN who made it', async () => {
  const { db, auth, runWork } = floor.app().services;
  const founder = await aUser(runWork, { venueId: floor.venueId, roles: ['ADMIN'] });
  const { accessToken } = await auth.login({ identifier: founder.email, password: PASSWORD }, {});
  const { data } = await withKey(accessToken, CREATE, { name: 'lasting', scopes: ['MACHINES_READ'] });
  const { apiKey, secret } = data.createApiKey;
  await db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', founder.id).execute();
  auth.forgetSessions();
  auth.forgetApiKeys();
  expect(codeOf(await withKey(accessToken, VIEWER))).toBe('AUTH_012');
  expect((await withKey(secret, VIEWER)).data.viewer.apiKey.id).toBe(apiKey.id);
});

test('keys are listed newest first, page by page, to ADMIN and AUDITOR', async () => {
  const names = ['one', 'two', 'three'];
  for (const name of names) await aKey({ name, scopes: ['MACHINES_READ'] });
  const page = `query ($after: String) {
    apiKeys(first: 2, after: $after) { totalCount nodes { name } pageInfo { endCursor hasNextPage } }
  }`;
  const first = (await floor.ask(page, { as: 'AUDITOR' })).data.apiKeys;
  expect(first.nodes).toEqual([{ name: 'three' }, { name: 'two' }]);
  expect(first.totalCount).toBeGreaterThanOrEqual(4);
  const variables = { after: first.pageInfo.endCursor };
  const second = (await floor.ask(page, { as: 'ADMIN', variables })).data.apiKeys;
  expect(second.nodes[0]).toEqual({ name: 'one' });
  const foreign = (await floor.ask(page, { as: 'FOREIGN_ADMIN' })).data.apiKeys;
  expect(foreign).toMatchObject({ totalCount: 0, nodes: [] });
});

test('a partner opens a socket with a realtime token, which closes when its key is revoked', async () => {
  const { secret, apiKey } = await aKey({ name: 'live', scopes: ['MACHINES_READ'] });
  const issue =
    'mutation { issueRealtimeToken { ... on IssueRealtimeTokenSuccess { realtimeToken: token } } }';
  const { realtimeToken } = (await withKey(secret, issue)).data.issueRealtimeToken;
  const client = await connect({ port });
  await client.init({ realtimeToken });
  client.subscribe('me', VIEWER);
  expect((await client.message('me', 'next')).payload.data.viewer.apiKey.id).toBe(apiKey.id);
  await revoke(apiKey.id);
  expect(await client.closed()).toMatchObject({ code: 4493 });
});
