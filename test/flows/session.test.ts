import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { withinASecond } from '../support/within-a-second.ts';

const floor = await aFloorApp();
const { post } = httpClient(floor.app().url);
const port = Number(new URL(floor.app().url).port);

const FOLLOW = 'subscription { machineEvents { type } }';
const TOKENS = 'accessToken refreshToken session { id }';
const LOGIN = `mutation ($input: LoginInput!) { login(input: $input) { ... on LoginSuccess { ${TOKENS} } } }`;
const REFRESH = `mutation ($input: RefreshTokenInput!) {
  refreshToken(input: $input) { __typename ... on RefreshTokenSuccess { ${TOKENS} } ... on Error { code } }
}`;
const LOGOUT = `mutation ($input: LogoutInput) {
  logout(input: $input) { __typename ... on LogoutSuccess { endedSessions } ... on Error { code } }
}`;
const REVOKE = `mutation ($input: RevokeSessionInput!) {
  revokeSession(input: $input) { __typename ... on RevokeSessionSuccess { sessionId } ... on Error { code } }
}`;
const SESSIONS = '{ viewer { sessions { id current userAgent address createdAt lastUsedAt expiresAt } } }';

interface Tokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly session: { readonly id: string };
}

/** Over HTTP. */
async function ask(query: string, { token, input }: { token?: string; input?: object } = {}) {
  const headers = { 'user-agent': 'a browser', ...(token && { authorization: `Bearer ${token}` }) };
  return (await post({ query, variables: { input } }, headers)).body;
}
const signIn = async (identifier = 'operator'): Promise<Tokens> =>
  (await ask(LOGIN, { input: { identifier, password: PASSWORD } })).data.login;
const refresh = async (refreshToken: string) =>
  (await ask(REFRESH, { input: { refreshToken } })).data.refreshToken;
const codeOf = (answer: { errors?: { extensions: { code: string } }[] }) =>
  answer.errors?.[0]?.extensions.code;

async function openSocket(accessToken: string): Promise<SocketClient> {
  const client = await connect({ port });
  await client.init({ accessToken });
  return client;
}

/** A socket and a stream of events, both following, and how they end. */
async function following(accessToken: string) {
  const client = await openSocket(accessToken);
  client.subscribe('events', FOLLOW);
  const response = await fetch(`${floor.app().url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${accessToken}`,
    },
    body: JSON.stringify({ query: FOLLOW }),
  });
  expect(response.status).toBe(200);
  let text = '';
  const read = async () => {
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
  };
  const closed = read();
  return {
    client,
    /** What the stream said, once it is over. */
    async streamed() {
      await withDeadline(closed, 60_000, 'the end of the stream');
      return text;
    },
    /** Fails when it is not all over in time. */
    async cutOff() {
      await withinASecond(floor, async () => {
        expect(await client.closed()).toMatchObject({
          code: 4493,
          reason: expect.stringMatching(/^WS_006 /),
        });
        await closed;
      });
      expect(text).toMatch(/"code":"WS_006".*\n\nevent: complete\ndata:\n\n$/);
    },
    async goesOn() {
      client.subscribe('still', '{ viewer { roles } }');
      expect((await client.message('still', 'next')).payload.errors).toBeUndefined();
      client.socket.close();
      await response.body?.cancel().catch(() => {});
    },
  };
}

/** Nothing of these tokens is good for anything. */
async function expectPowerless({ accessToken, refreshToken }: Tokens) {
  expect(codeOf(await ask(SESSIONS, { token: accessToken }))).toBe('AUTH_012');
  expect(await refresh(refreshToken)).toEqual({ __typename: 'SessionRevokedError', code: 'AUTH_012' });
  const client = await connect({ port });
  client.send({ type: 'connection_init', payload: { accessToken } });
  expect(await client.closed()).toMatchObject({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });
}

test('a refresh token that comes twice ends refresh, access, socket and stream within a second', async () => {
  const first = await signIn();
  const second = await refresh(first.refreshToken);
  expect(second).toMatchObject({ __typename: 'RefreshTokenSuccess', session: first.session });
  const open = await following(second.accessToken);
  expect(await refresh(first.refreshToken)).toEqual({
    __typename: 'RefreshTokenReusedError',
    code: 'AUTH_009',
  });
  await open.cutOff();
  await expectPowerless(second);
  expect(codeOf(await ask(SESSIONS, { token: first.accessToken }))).toBe('AUTH_012');
});

test('an unknown refresh token is AUTH_003, over a socket too', async () => {
  const input = { refreshToken: 'A'.repeat(43) };
  const refused = { __typename: 'RefreshTokenInvalidError', code: 'AUTH_003' };
  expect(await refresh(input.refreshToken)).toEqual(refused);
  const client = await connect({ port });
  await client.init();
  client.subscribe('1', REFRESH, { input });
  expect((await client.message('1', 'next')).payload.data.refreshToken).toEqual(refused);
  client.socket.close();
});

test('signing out is felt within a second, and only by this session', async () => {
  const [mine, other] = [await signIn(), await signIn()];
  const [open, untouched] = [await following(mine.accessToken), await following(other.accessToken)];
  const { data } = await ask(LOGOUT, { token: mine.accessToken });
  expect(data.logout).toEqual({ __typename: 'LogoutSuccess', endedSessions: 1 });
  await open.cutOff();
  await expectPowerless(mine);
  await untouched.goesOn();
  expect(codeOf(await ask(LOGOUT, { token: mine.accessToken }))).toBe('AUTH_012');
  expect(codeOf(await ask(LOGOUT))).toBe('AUTH_001');
});

test('signing out of all sessions over a socket ends them all, that socket too', async () => {
  const [mine, other] = [await signIn('auditor'), await signIn('auditor')];
  const [open, another] = [await following(mine.accessToken), await following(other.accessToken)];
  open.client.subscribe('out', LOGOUT, { input: { allSessions: true } });
  await open.cutOff();
  await another.cutOff();
  await expectPowerless(mine);
  await expectPowerless(other);
});

test('a user sees his sessions and ends another of them, over HTTP and over a socket', async () => {
  const [mine, second, third] = [await signIn('admin'), await signIn('admin'), await signIn('admin')];
  const token = mine.accessToken;
  const listed = async () => (await ask(SESSIONS, { token })).data.viewer.sessions;
  const sessions = await listed();
  expect(sessions.map(({ id }: Tokens['session']) => id)).toEqual(
    [third, second, mine].map(({ session }) => session.id),
  );
  expect(sessions.at(-1)).toEqual({
    id: mine.session.id,
    current: true,
    userAgent: 'a browser',
    address: '127.0.0.1',
    createdAt: expect.any(String),
    lastUsedAt: expect.any(String),
    expiresAt: expect.any(String),
  });
  expect(sessions.map(({ current }: { current: boolean }) => current)).toEqual([false, false, true]);

  const [openSecond, openThird] = [await following(second.accessToken), await following(third.accessToken)];
  const client = await openSocket(token);
  expect((await ask(REVOKE, { token, input: { sessionId: second.session.id } })).data.revokeSession).toEqual({
    __typename: 'RevokeSessionSuccess',
    sessionId: second.session.id,
  });
  await openSecond.cutOff();
  client.subscribe('revoke', REVOKE, { input: { sessionId: third.session.id } });
  expect((await client.message('revoke', 'next')).payload.data.revokeSession.__typename).toBe(
    'RevokeSessionSuccess',
  );
  await openThird.cutOff();
  await expectPowerless(second);
  await expectPowerless(third);
  expect((await listed()).map(({ id }: Tokens['session']) => id)).toEqual([mine.session.id]);
  client.socket.close();
});

test('a session of somebody else and one that never was are alike: API_002, over HTTP and over a socket', async () => {
  const [mine, foreign] = [await signIn(), await signIn('player')];
  const untouched = await following((await signIn()).accessToken);
  const client = await openSocket(mine.accessToken);
  const missing = Buffer.from(`AuthSession:${newId()}`).toString('base64url');
  const refused = { __typename: 'NotFoundError', code: 'API_002' };
  for (const sessionId of [foreign.session.id, missing]) {
    const { data } = await ask(REVOKE, { token: mine.accessToken, input: { sessionId } });
    expect(data.revokeSession).toEqual(refused);
    client.subscribe(sessionId, REVOKE, { input: { sessionId } });
    expect((await client.message(sessionId, 'next')).payload.data.revokeSession).toEqual(refused);
  }
  const machine = { sessionId: floor.machineIds[0] };
  expect(codeOf(await ask(REVOKE, { token: mine.accessToken, input: machine }))).toBe('API_001');
  expect((await refresh(foreign.refreshToken)).__typename).toBe('RefreshTokenSuccess');
  await untouched.goesOn();
  client.socket.close();
});
