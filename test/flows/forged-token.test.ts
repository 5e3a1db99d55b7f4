import { afterAll, expect, test } from 'vitest';
import { openKeyring } from '../../src/auth/keyring.ts';
import { aFloorApp } from '../support/app.ts';
import { SECRET_KEY } from '../support/auth.ts';
import { PASSWORD } from '../support/builders.ts';
import { forgedTokens, tokenForger } from '../support/forged-tokens.ts';
import { connect } from '../support/socket-client.ts';

const floor = await aFloorApp({ machines: 0, settings: { secretKey: SECRET_KEY } });
const { auth, db, runWork } = floor.app().services;
const { url } = floor.app();
const port = Number(new URL(url).port);

const LIFETIME_SECONDS = 3_600;
const VIEWER = '{ viewer { roles } }';
const REFRESH = `mutation ($input: RefreshConnectionInput!) {
  refreshConnection(input: $input) { __typename ... on Error { code message } }
}`;

const signIn = (identifier: string) => auth.login({ identifier, password: PASSWORD }, {});
const mine = await signIn('operator');
const { accessToken: otherAccessToken } = await signIn('operator');
const { session: foreign } = await signIn('player');
const keyring = await openKeyring({
  db,
  runWork,
  secretKey: SECRET_KEY,
  tokenLifetimeSeconds: LIFETIME_SECONDS,
});
const { kid, privateKey, publicKey } = keyring.signing;
const forgery = {
  kid,
  privateKey,
  publicKey,
  issuer: 'floorwire',
  lifetimeSeconds: LIFETIME_SECONDS,
  holderId: mine.user.id,
  venueId: floor.venueId,
  sessionId: mine.session.id,
  foreignSessionId: foreign.id,
  accessToken: mine.accessToken,
  otherAccessToken,
  refreshToken: mine.refreshToken,
};
const forged = await forgedTokens(forgery);

const socket = await connect({ port });
await socket.init({ accessToken: mine.accessToken });
afterAll(() => socket.socket.close());

/** As bytes, because a header may hold no other characters. */
async function overHttp(token: string) {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: `Bearer ${Buffer.from(token).toString('latin1')}`,
    },
    body: JSON.stringify({ query: VIEWER }),
  });
  return { status: response.status, text: await response.text() };
}

/** How a socket that begins with this payload ends. */
async function overSocket(payload: object) {
  const client = await connect({ port });
  client.send({ type: 'connection_init', payload });
  const closed = await client.closed();
  expect(client.messages).toEqual([]);
  return closed;
}

/** Nothing of what is inside is told. */
const INSIDE = /node_modules|\.ts:|\.js:|\bat .+:\d+|JW[ST]|jose|select /;

test('a token by the same hand that says the truth is accepted, so the table changes what matters', async () => {
  const token = tokenForger(forgery).byHand({});
  expect(await overHttp(token)).toMatchObject({ status: 200, text: expect.stringContaining('OPERATOR') });
  const client = await connect({ port });
  await client.init({ accessToken: token });
  client.socket.close();
});

test('the table has a hundred forgeries and more, no two alike', () => {
  expect(forged.length).toBeGreaterThan(100);
  expect(new Set(forged.map(({ name }) => name)).size).toBe(forged.length);
  expect(new Set(forged.map(({ token }) => token)).size).toBe(forged.length);
});

test.each(forged)('$name is $code over HTTP, 4403 on a socket, and renews none', async ({ token, code }) => {
  const answer = await overHttp(token);
  expect(answer.status).toBe(401);
  expect(JSON.parse(answer.text).errors[0].extensions.code).toBe(code);
  expect(answer.text).not.toMatch(INSIDE);

  for (const payload of [{ accessToken: token }, { realtimeToken: token }]) {
    const closed = await overSocket(payload);
    expect(closed).toMatchObject({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });
    expect(closed.reason).not.toMatch(INSIDE);
  }

  const id = `refresh ${token.slice(0, 5)} ${socket.messages.length}`;
  socket.subscribe(id, REFRESH, { input: { token } });
  const { payload } = await socket.message(id, 'next');
  expect(payload.data.refreshConnection).toMatchObject({
    __typename: 'SocketTokenRefusedError',
    code: 'WS_002',
  });
});

test('a token too large for a header is HTTP’s 431, and too large for a message closes with 1009', async () => {
  const token = 'a'.repeat(1024 * 1024);
  await expect(overHttp(token).then(({ status }) => status)).resolves.toBe(431);
  expect(await overSocket({ accessToken: token })).toMatchObject({ code: 1009 });
});

test('after all of it the genuine one is as good as before, and none of them is in the log', async () => {
  expect((await overHttp(mine.accessToken)).status).toBe(200);
  socket.subscribe('still', VIEWER);
  expect((await socket.message('still', 'next')).payload.data.viewer.roles).toEqual(['OPERATOR']);
  const log = floor.logged();
  expect(log).toContain('AUTH_003');
  // Shorter ones are words that may stand there by chance.
  for (const { token } of forged) if (token.length > 40) expect(log.includes(token)).toBe(false);
  for (const part of mine.accessToken.split('.')) expect(log.includes(part)).toBe(false);
});
