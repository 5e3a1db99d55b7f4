import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { connect } from '../support/socket-client.ts';

const floor = await aFloorApp({ machines: 1 });
const strict = await aFloorApp({ machines: 1, settings: { realtimeAuth: 'strict' } });
type Floor = typeof floor;

const portOf = ({ app }: Floor) => Number(new URL(app().url).port);
const UNKNOWN = 'WS_002 The realtime token is unknown or was used. Ask for another.';
const ISSUE = `mutation ($input: IssueRealtimeTokenInput) {
  issueRealtimeToken(input: $input) {
    __typename
    ... on IssueRealtimeTokenSuccess { success message token singleUse expiresIn expiresAt url }
    ... on Error { code }
  }
}`;

async function issue(on: Floor, input: object = {}) {
  const { data } = await on.ask(ISSUE, { variables: { input } });
  return data.issueRealtimeToken;
}

/** How the server answers this payload of connection_init: by an acknowledgement or by closing. */
async function begin(on: Floor, payload: object) {
  const client = await connect({ port: portOf(on) });
  client.send({ type: 'connection_init', payload });
  return client;
}
async function expectRefused(on: Floor, payload: object, reason: string) {
  const client = await begin(on, payload);
  expect(await client.closed()).toEqual({ code: 4403, reason });
  expect(client.messages).toEqual([]);
}

test('issueRealtimeToken tells the token, how long it is good, and where to connect', async () => {
  const issued = await issue(floor);
  expect(issued).toEqual({
    __typename: 'IssueRealtimeTokenSuccess',
    success: true,
    message: 'Connect with it now.',
    token: expect.stringMatching(/^rt_[A-Za-z0-9_-]{43}$/),
    singleUse: true,
    expiresIn: 1_800,
    expiresAt: expect.any(String),
    url: floor.app().services.info.webSocketUrl,
  });
  const left = new Date(issued.expiresAt).getTime() - Date.now();
  expect(left).toBeGreaterThan(1_790_000);
  const { errors } = await floor.ask(ISSUE, { as: null });
  expect(errors?.[0]?.extensions.code).toBe('AUTH_001');
});

test.each([
  ['default', floor],
  ['strict', strict],
] as const)('under the %s policy a socket opened with one is its user’s, once', async (_, on) => {
  const { token } = await issue(on);
  const client = await begin(on, { realtimeToken: token });
  await eventually(() => client.messages.some(({ type }) => type === 'connection_ack'));
  client.subscribe('1', '{ viewer { roles } }');
  expect((await client.message('1', 'next')).payload).toMatchObject({
    data: { viewer: { roles: ['OPERATOR'] } },
  });
  client.socket.close();
  await expectRefused(on, { realtimeToken: token }, UNKNOWN);
});

test('a stock client that asks for one before each connection follows a stream', async () => {
  const client = createClient({
    url: strict.app().services.info.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: async () => ({ realtimeToken: (await issue(strict)).token }),
    retryAttempts: 0,
  });
  await strict.online();
  const frames = client.iterate({ query: 'subscription { meters { machine { id } } }' });
  expect((await withDeadline(frames.next(), 60_000, 'a frame')).value?.data).toEqual({
    meters: { machine: { id: strict.machineIds[0] } },
  });
  await frames.return?.();
  await client.dispose();
});

test('one that is good more than once opens several sockets', async () => {
  const { token, singleUse } = await issue(floor, { singleUse: false });
  expect(singleUse).toBe(false);
  for (const _ of [1, 2]) {
    const client = await connect({ port: portOf(floor) });
    await client.init({ realtimeToken: token });
    client.socket.close();
  }
});

test('a realtime token over HTTP is AUTH_003, and says which kind is expected', async () => {
  const { token } = await issue(floor);
  const { status, body } = await httpClient(floor.app().url).ask('{ viewer { roles } }', {
    authorization: `Bearer ${token}`,
  });
  expect(status).toBe(401);
  expect(body.errors[0]).toMatchObject({
    message: 'This is a realtime token, and an access token is expected here.',
    extensions: { code: 'AUTH_003', details: { reason: 'TokenKindError' } },
  });
});

test('a token of the wrong kind closes the socket with a reason that names the right one', async () => {
  const accessToken = await floor.token('OPERATOR');
  const { token } = await issue(floor, { singleUse: false });
  const noRealtimeToken =
    'WS_002 A realtime token is expected, which begins with rt_: issueRealtimeToken gives one.';
  await expectRefused(floor, { realtimeToken: accessToken }, noRealtimeToken);
  for (const realtimeToken of ['x', '', 42, {}, `${token}=`])
    await expectRefused(floor, { realtimeToken }, noRealtimeToken);
  await expectRefused(
    floor,
    { accessToken: token },
    'WS_002 This is a realtime token, and an access token is expected here.',
  );
  await expectRefused(
    floor,
    { accessToken, realtimeToken: token },
    'WS_002 Send an accessToken or a realtimeToken, not both.',
  );
});

test('under the strict policy nothing but a realtime token opens a socket', async () => {
  const reason = 'WS_002 A realtimeToken is expected here, and nothing else: issueRealtimeToken gives one.';
  await expectRefused(strict, { accessToken: await strict.token('OPERATOR') }, reason);
  await expectRefused(strict, {}, reason);
  const { data } = await strict.ask('{ realtimeInfo { tokenParameters authentication } viewer { roles } }');
  expect(data).toEqual({
    realtimeInfo: { tokenParameters: ['realtimeToken'], authentication: 'STRICT' },
    viewer: { roles: ['OPERATOR'] },
  });
});

test('signing out withdraws a realtime token that nobody has used', async () => {
  const { login } = (
    await floor.ask(
      `mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { accessToken } } }`,
      { as: null, variables: { input: { identifier: 'operator', password: PASSWORD } } },
    )
  ).data;
  const { post } = httpClient(floor.app().url);
  const asked = (query: string) => post({ query }, { authorization: `Bearer ${login.accessToken}` });
  const { token } = (await asked(ISSUE)).body.data.issueRealtimeToken;
  expect((await asked('mutation { logout { __typename } }')).body.data.logout.__typename).toBe(
    'LogoutSuccess',
  );
  await expectRefused(floor, { realtimeToken: token }, UNKNOWN);
});
