import { afterEach, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aDevice } from '../support/builders.ts';
import { httpClient } from '../support/http-client.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { withinASecond } from '../support/within-a-second.ts';

const floor = await aFloorApp({ machines: 1 });
const { post } = httpClient(floor.app().url);
const port = Number(new URL(floor.app().url).port);
const { runWork } = floor.app().services;
const [machineId = ''] = floor.machineIds;

const TOKENS =
  'accessToken refreshToken tokenType expiresIn session { id current } device { id deviceNumber }';
const AUTHENTICATE = `mutation ($input: AuthenticateDeviceInput!) {
  authenticateDevice(input: $input) {
    __typename ... on AuthenticateDeviceSuccess { ${TOKENS} } ... on Error { code message }
  }
}`;
const REFRESH = `mutation ($input: RefreshTokenInput!) {
  refreshToken(input: $input) {
    __typename ... on RefreshTokenSuccess { accessToken refreshToken user { id } device { id } } ... on Error { code }
  }
}`;
const LOGOUT = `mutation {
  logout { __typename ... on LogoutSuccess { endedSessions } ... on Error { code } }
}`;
const VIEWER = `{ viewer {
  user { id } apiKey { id } device { id deviceNumber kind name serialNumber } roles scopes venue { slug }
  session { id current } sessions { id }
} }`;

const sockets: SocketClient[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.close();
});
async function openSocket(accessToken: string): Promise<SocketClient> {
  const client = await connect({ port });
  sockets.push(client);
  await client.init({ accessToken });
  return client;
}
async function ask(query: string, { token, input }: { token?: string; input?: object } = {}) {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  return (await post({ query, variables: { input } }, headers)).body;
}
async function over(client: SocketClient, query: string, input?: object) {
  const id = `${client.messages.length}-${Math.random()}`;
  client.subscribe(id, query, { input });
  return (await client.message(id, 'next')).payload;
}
const codeOf = (answer: { errors?: { extensions: { code: string } }[] }) =>
  answer.errors?.[0]?.extensions.code;

async function aScreen() {
  const { id, ...credentials } = await aDevice(runWork, { venueId: floor.venueId });
  return { id: encodeGlobalId('Device', id), input: { venue: 'casino', ...credentials } };
}
const signIn = async (input: object) => (await ask(AUTHENTICATE, { input })).data.authenticateDevice;

test('a device signs in over HTTP and over a socket, and is told who it is', async () => {
  const { id, input } = await aScreen();
  const { deviceNumber, serialNumber } = input;
  const signedIn = await signIn(input);
  expect(signedIn).toEqual({
    __typename: 'AuthenticateDeviceSuccess',
    accessToken: expect.any(String),
    refreshToken: expect.any(String),
    tokenType: 'Bearer',
    expiresIn: 3_600,
    session: { id: expect.any(String), current: false },
    device: { id, deviceNumber },
  });
  const [, claims = ''] = signedIn.accessToken.split('.');
  expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
    sub: Buffer.from(id, 'base64url').toString().slice('Device:'.length),
    roles: ['DEVICE'],
  });
  const viewer = {
    user: null,
    apiKey: null,
    device: { id, deviceNumber, kind: 'SCREEN', name: expect.any(String), serialNumber },
    roles: ['DEVICE'],
    scopes: ['CHANNELS_READ', 'DEVICE'],
    venue: { slug: 'casino' },
    session: { id: signedIn.session.id, current: true },
    sessions: [{ id: signedIn.session.id }],
  };
  expect(await ask(VIEWER, { token: signedIn.accessToken })).toMatchObject({ data: { viewer } });
  expect(await over(await openSocket(signedIn.accessToken), VIEWER)).toMatchObject({ data: { viewer } });

  const anonymous = await connect({ port });
  sockets.push(anonymous);
  await anonymous.init();
  const again = (
    await over(anonymous, AUTHENTICATE, { ...input, pairingCode: input.pairingCode.toLowerCase() })
  ).data.authenticateDevice;
  expect(again.__typename).toBe('AuthenticateDeviceSuccess');
});

test('whatever is wrong with a sign-in is AUTH_001 alike, over HTTP and over a socket', async () => {
  const { input } = await aScreen();
  const anonymous = await connect({ port });
  sockets.push(anonymous);
  await anonymous.init();
  const refused = {
    __typename: 'DeviceCredentialsError',
    code: 'AUTH_001',
    message: 'The venue, the device number, the serial number or the pairing code is wrong.',
  };
  for (const wrong of [
    { venue: 'elsewhere' },
    { deviceNumber: 'none' },
    { serialNumber: `${input.serialNumber} ` },
    { pairingCode: 'wrong' },
  ]) {
    expect(await signIn({ ...input, ...wrong })).toEqual(refused);
    expect((await over(anonymous, AUTHENTICATE, { ...input, ...wrong })).data.authenticateDevice).toEqual(
      refused,
    );
  }
});

test('a device may what a device may, and nothing else, over HTTP and over a socket', async () => {
  const { id, input } = await aScreen();
  const { accessToken: token } = await signIn(input);
  const client = await openSocket(token);
  const lock = { machineId, reason: 'service' };
  const refused = [
    '{ machines { totalCount } }',
    '{ venues { slug } }',
    '{ apiKeys { totalCount } }',
    'mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { __typename } }',
    'mutation { changePassword(input: { currentPassword: "a", newPassword: "b" }) { __typename } }',
  ];
  for (const query of refused) {
    expect(codeOf(await ask(query, { token, input: lock }))).toBe('AUTH_004');
    expect(codeOf(await over(client, query, lock))).toBe('AUTH_004');
  }
  client.subscribe('events', 'subscription { machineEvents { type } }');
  expect((await client.message('events', 'error')).payload[0].extensions.code).toBe('AUTH_004');

  const node = (of: string) => `{ node(id: "${of}") { id } }`;
  expect((await ask(node(id), { token })).data.node).toEqual({ id });
  const { id: another } = await aScreen();
  for (const hidden of [another, machineId])
    expect((await ask(node(hidden), { token })).data.node).toBeNull();
  expect((await floor.ask(node(another), { as: 'AUDITOR' })).data.node).toEqual({ id: another });
  for (const as of ['PLAYER', 'PARTNER', 'FOREIGN_ADMIN'] as const)
    expect((await floor.ask(node(another), { as })).data.node).toBeNull();
});

test('the next sign-in of a device closes the socket of the one before within a second', async () => {
  const { input } = await aScreen();
  const first = await signIn(input);
  const client = await openSocket(first.accessToken);
  const second = await signIn(input);
  const closed = { code: 4493, reason: expect.stringMatching(/^WS_006 /) };
  await withinASecond(floor, async () => expect(await client.closed()).toMatchObject(closed));
  expect(codeOf(await ask(VIEWER, { token: first.accessToken }))).toBe('AUTH_012');
  expect((await ask(VIEWER, { token: second.accessToken })).data.viewer.roles).toEqual(['DEVICE']);
  const again = await connect({ port });
  sockets.push(again);
  again.send({ type: 'connection_init', payload: { accessToken: first.accessToken } });
  expect(await again.closed()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });
});

test('a device renews its tokens; one that comes twice ends its session and its socket', async () => {
  const { id, input } = await aScreen();
  const first = await signIn(input);
  const renew = async (refreshToken: string) =>
    (await ask(REFRESH, { input: { refreshToken } })).data.refreshToken;
  const second = await renew(first.refreshToken);
  expect(second).toMatchObject({ __typename: 'RefreshTokenSuccess', user: null, device: { id } });
  const client = await openSocket(second.accessToken);
  expect(await renew(first.refreshToken)).toEqual({
    __typename: 'RefreshTokenReusedError',
    code: 'AUTH_009',
  });
  await withinASecond(floor, async () => expect(await client.closed()).toMatchObject({ code: 4493 }));
  expect(codeOf(await ask(VIEWER, { token: second.accessToken }))).toBe('AUTH_012');
  expect(await renew(second.refreshToken)).toEqual({ __typename: 'SessionRevokedError', code: 'AUTH_012' });
});

test('a device that signs out is signed out, its socket too', async () => {
  const { input } = await aScreen();
  const { accessToken } = await signIn(input);
  const client = await openSocket(accessToken);
  expect((await ask(LOGOUT, { token: accessToken })).data.logout).toEqual({
    __typename: 'LogoutSuccess',
    endedSessions: 1,
  });
  expect(await client.closed()).toMatchObject({ code: 4493 });
  expect(codeOf(await ask(VIEWER, { token: accessToken }))).toBe('AUTH_012');
  const next = await openSocket((await signIn(input)).accessToken);
  next.subscribe('out', LOGOUT);
  expect(await next.closed()).toMatchObject({ code: 4493 });
});

test('a device opens a socket with a realtime token, which closes when the device signs out', async () => {
  const { id, input } = await aScreen();
  const { accessToken: token } = await signIn(input);
  const issue =
    'mutation { issueRealtimeToken { ... on IssueRealtimeTokenSuccess { realtimeToken: token } } }';
  const { realtimeToken } = (await ask(issue, { token })).data.issueRealtimeToken;
  const client = await connect({ port });
  sockets.push(client);
  await client.init({ realtimeToken });
  expect((await over(client, VIEWER)).data.viewer.device.id).toBe(id);
  await ask(LOGOUT, { token });
  expect(await client.closed()).toMatchObject({ code: 4493 });
});
