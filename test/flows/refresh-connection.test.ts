import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { authSettingsOf } from '../../src/app/auth-settings.ts';
import { createAuth } from '../../src/auth/service.ts';
import { readConfig } from '../../src/config.ts';
import { aFloorApp } from '../support/app.ts';
import { anApiKey, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';

const floor = await aFloorApp({ machines: 1 });
const strict = await aFloorApp({ machines: 1, settings: { realtimeAuth: 'strict' } });
type Floor = typeof floor;

const clients: SocketClient[] = [];
afterAll(() => {
  for (const { socket } of clients) socket.close();
});

const FOLLOW = 'subscription { machineEvents { type } }';
const REFRESH = `mutation ($input: RefreshConnectionInput!) {
  refreshConnection(input: $input) {
    __typename
    ... on RefreshConnectionSuccess { success message expiresAt }
    ... on Error { code message }
  }
}`;
const ISSUE = 'mutation { issueRealtimeToken { ... on IssueRealtimeTokenSuccess { token } } }';

const signIn = (on: Floor, identifier = 'operator') =>
  on.app().services.auth.login({ identifier, password: PASSWORD }, {});

async function realtimeToken(on: Floor, accessToken: string): Promise<string> {
  const { body } = await httpClient(on.app().url).ask(ISSUE, { authorization: `Bearer ${accessToken}` });
  return body.data.issueRealtimeToken.token;
}

async function aSocket(on: Floor): Promise<SocketClient> {
  const client = await connect({ port: Number(new URL(on.app().url).port) });
  clients.push(client);
  return client;
}

async function openSocket(on: Floor, payload?: object): Promise<SocketClient> {
  const client = await aSocket(on);
  await client.init(payload);
  return client;
}

/** Beside the server, with its keys and sessions: signs tokens that end soon. */
const shortLived = (seconds: number) =>
  createAuth({
    ...authSettingsOf(readConfig({ DATA_DIR: floor.dataDir })),
    db: floor.app().services.db,
    runWork: floor.app().services.runWork,
    accessTokenTtlSeconds: seconds,
  });

/** What could be done before a token ended. On a slow machine it is tried again with one that lasts twice as long. */
async function beforeItEnds<Done>(attempt: (seconds: number) => Promise<Done | null>): Promise<Done> {
  for (let seconds = 2; seconds < 120; seconds *= 2) {
    const done = await attempt(seconds);
    if (done !== null) return done;
  }
  throw new Error('every token ended too soon');
}

/** Null when the socket was closed first. */
async function whileOpen<Value>({ socket }: SocketClient, doing: Promise<Value>): Promise<Value | null> {
  if (socket.readyState !== socket.OPEN) return null;
  return await Promise.race([doing, once(socket, 'close').then(() => null)]);
}

let count = 0;
async function refresh(client: SocketClient, token: string) {
  count += 1;
  client.subscribe(`refresh-${count}`, REFRESH, { input: { token } });
  const { payload } = await client.message(`refresh-${count}`, 'next');
  return payload.errors ? payload.errors[0].extensions.code : payload.data.refreshConnection;
}

const isAlive = async (client: SocketClient) => {
  count += 1;
  client.subscribe(`alive-${count}`, '{ viewer { roles } }');
  return (await client.message(`alive-${count}`, 'next')).payload.data.viewer !== null;
};

/** Two sockets that began with one token, of which one was renewed before it ended. */
async function oneRenewed(seconds: number) {
  const { accessToken, refreshToken } = await (await shortLived(seconds)).login(
    { identifier: 'operator', password: PASSWORD },
    {},
  );
  const lasting = await floor.app().services.auth.refresh(refreshToken);
  const token = await realtimeToken(floor, lasting.accessToken);
  const [renewed, left] = [await aSocket(floor), await aSocket(floor)];
  for (const client of [renewed, left])
    if (
      (await whileOpen(
        client,
        client.init({ accessToken }).then(() => true),
      )) === null
    )
      return null;
  for (const client of [renewed, left]) client.subscribe('events', FOLLOW);
  const answer = await whileOpen(renewed, refresh(renewed, token));
  return answer === null ? null : { renewed, left, answer };
}

test('a renewed socket outlives what it began with, and its stream goes on without a new subscribe', async () => {
  const { renewed, left, answer } = await beforeItEnds(oneRenewed);
  expect(answer).toMatchObject({
    __typename: 'RefreshConnectionSuccess',
    success: true,
    message: 'The socket was renewed.',
  });
  // Half an hour, of which the machine may have slept some.
  expect(new Date(answer.expiresAt).getTime() - Date.now()).toBeGreaterThan(1_700_000);

  // The one beside it shows that the time of the first token is over.
  expect(await left.closed()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });
  await eventually(async () => {
    floor.egms[0]?.openDoor();
    floor.egms[0]?.closeDoor();
    return renewed.messages.some(
      ({ id, type, payload }) =>
        id === 'events' && type === 'next' && /DOOR/.test(payload.data.machineEvents.type),
    );
  });
  expect(await isAlive(renewed)).toBe(true);
});

test('an access token of the same session renews a socket for as long as it lasts itself', async () => {
  const signedIn = await signIn(floor);
  let { refreshToken } = signedIn;
  const client = await openSocket(floor, { accessToken: signedIn.accessToken });
  const { answer, expiresAt } = await beforeItEnds(async (seconds) => {
    const next = await (await shortLived(seconds)).refresh(refreshToken);
    refreshToken = next.refreshToken;
    const answer = await refresh(client, next.accessToken);
    return answer.code === 'WS_002' ? null : { answer, expiresAt: next.expiresAt };
  });
  expect(answer).toMatchObject({
    __typename: 'RefreshConnectionSuccess',
    expiresAt: expiresAt.toISOString(),
  });
  expect(await client.closed()).toMatchObject({ code: 4403 });
  expect(Date.now()).toBeGreaterThanOrEqual(expiresAt.getTime() - 50);
});

test('what is not of this socket’s session, or no token at all, is WS_002 and changes nothing', async () => {
  const mine = await signIn(strict);
  const client = await openSocket(strict, { realtimeToken: await realtimeToken(strict, mine.accessToken) });
  const anotherSession = await signIn(strict);
  const somebodyElse = await signIn(strict, 'player');
  const elsewhere = await signIn(strict, 'foreign_admin');
  const { accessToken } = mine;
  const used = await realtimeToken(strict, accessToken);
  expect(await refresh(client, used)).toMatchObject({ __typename: 'RefreshConnectionSuccess' });
  const foreign = 'The token is of another user or session than this socket.';
  for (const [token, message] of [
    ...(await Promise.all(
      [anotherSession, somebodyElse, elsewhere].map(async (signedIn) => [
        await realtimeToken(strict, signedIn.accessToken),
        foreign,
      ]),
    )),
    [used, 'The realtime token is unknown or was used. Ask for another.'],
    [accessToken, 'A realtimeToken is expected here, and nothing else: issueRealtimeToken gives one.'],
    ['rt_', 'A realtime token is expected, which begins with rt_: issueRealtimeToken gives one.'],
  ] as const) {
    expect(await refresh(client, String(token))).toEqual({
      __typename: 'SocketTokenRefusedError',
      code: 'WS_002',
      message,
    });
  }
  expect(await isAlive(client)).toBe(true);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test('where access tokens open sockets, one that is refused is WS_002 with its own reason', async () => {
  const { accessToken, refreshToken } = await signIn(floor);
  const client = await openSocket(floor, { accessToken });
  expect(await refresh(client, refreshToken)).toMatchObject({
    code: 'WS_002',
    message: 'The access token is not valid.',
  });
  expect(await refresh(client, '')).toMatchObject({ code: 'WS_002' });
  expect(await isAlive(client)).toBe(true);
});

test('a partner’s socket is renewed with its key, and ends by itself as little as the key does', async () => {
  const { runWork } = strict.app().services;
  const { secret } = await anApiKey(runWork, { venueId: strict.venueId });
  const client = await openSocket(strict, { realtimeToken: await realtimeToken(strict, secret) });
  expect(await refresh(client, await realtimeToken(strict, secret))).toMatchObject({ success: true });
  const other = await anApiKey(runWork, { venueId: strict.venueId });
  expect(await refresh(client, await realtimeToken(strict, other.secret))).toMatchObject({ code: 'WS_002' });

  const key = await anApiKey(floor.app().services.runWork, { venueId: floor.venueId });
  const withKey = await openSocket(floor, { accessToken: key.secret });
  expect(await refresh(withKey, key.secret)).toMatchObject({ success: true, expiresAt: null });
});

test('over HTTP there is nothing to renew: API_001; nobody’s socket is AUTH_001', async () => {
  const { accessToken } = await signIn(strict);
  const { body } = await httpClient(strict.app().url).post(
    { query: REFRESH, variables: { input: { token: 'x' } } },
    { authorization: `Bearer ${accessToken}` },
  );
  expect(body.data.refreshConnection).toMatchObject({ __typename: 'ValidationError', code: 'API_001' });
  const nobody = await openSocket(floor);
  expect(await refresh(nobody, (await signIn(floor)).accessToken)).toBe('AUTH_001');
});
