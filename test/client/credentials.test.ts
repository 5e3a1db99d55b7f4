import { expect, test, vi } from 'vitest';
import type { FloorClientOptions } from '../../src/client/floor-client.ts';
import { createSession, type SessionTokens } from '../../src/client/session.ts';
import { SYSTEM_TIMERS } from '../../src/client/timers.ts';
import { PASSWORD } from '../support/builders.ts';
import { httpClient } from '../support/http-client.ts';
import { noteSecrets } from '../support/secrets.ts';
import { aClientFloor, DOORS, type Door, heard, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Tokens that end after twelve seconds, and sockets that outlive them. */
const { floor, proxy, url, client, raise } = await aClientFloor({ accessTokenMinutes: 12 / 60 });

async function signIn(): Promise<SessionTokens> {
  const { body } = await httpClient(floor.app().url).ask(`mutation {
    login(input: { identifier: "operator", password: "${PASSWORD}" }) {
      ... on LoginSuccess { accessToken refreshToken expiresIn }
    }
  }`);
  noteSecrets(body.data.login);
  return body.data.login;
}

/** Keeps the numbers of the doors. */
async function follow(options: Partial<FloorClientOptions>) {
  const way = client({ timers: SYSTEM_TIMERS, ...options });
  floor.signInAgain('OPERATOR');
  const codes: number[] = [];
  const errors: unknown[] = [];
  way.on<Door>(
    { query: DOORS, variables: { after: await floor.cursor() } },
    {
      next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0),
      error: (error) => void errors.push(error),
    },
  );
  return { way, codes, errors };
}

test('a socket outlives its token, and nothing on it is dropped', async () => {
  const before = proxy.begun('SOCKET');
  const pairs: SessionTokens[] = [];
  const lines: string[] = [];
  const session = createSession({
    url,
    tokens: await signIn(),
    onTokens: (tokens) => {
      noteSecrets(tokens);
      pairs.push(tokens);
    },
  });
  const { codes, errors } = await follow({ token: session.token, debug: (line) => void lines.push(line) });
  const renewals = () => lines.filter((line) => line === 'floorwire sent refreshConnection').length;
  // By the third the token that it began with has ended.
  for (const number of upTo(3)) {
    await heard(() => renewals() === number);
    await raise(1, number);
    await heard(() => codes.length === number);
  }
  expect(codes).toEqual(upTo(3));
  expect(errors).toEqual([]);
  expect(proxy.begun('SOCKET') - before).toBe(1);
  expect(pairs.length).toBeGreaterThanOrEqual(2);
  expect(session.tokens).toEqual(pairs.at(-1));
});

test('a token that is no longer taken is exchanged, and the socket begins with the new one', async () => {
  const tokens = await signIn();
  const session = createSession({ url, tokens: { ...tokens, accessToken: 'x.y.z', expiresIn: 3_600 } });
  const { codes, errors } = await follow({ token: session.token });
  await raise(1);
  await heard(() => codes.length === 1);
  expect(errors).toEqual([]);
  expect(session.tokens.accessToken).not.toBe('x.y.z');
});

const WHO = { query: '{ viewer { user { username } } }' };
/** Of a session that is good, whose access token cannot be verified any more. */
const unverifiable = async () =>
  createSession({
    url,
    tokens: { ...(await signIn()), accessToken: 'x.y.z', expiresIn: 3_600 },
    onTokens: noteSecrets,
  });

test('what is asked with a token that cannot be verified any more is asked again with another', async () => {
  const session = await unverifiable();
  const way = client({ token: session.token });
  expect(await way.ask(WHO)).toMatchObject({ data: { viewer: { user: { username: 'operator' } } } });
  expect(session.tokens.accessToken).not.toBe('x.y.z');
});

test('who has no other is signed out', async () => {
  let asked = 0;
  const way = client({
    token: () => 'x.y.z',
    fetch(...request) {
      asked += 1;
      return fetch(...request);
    },
  });
  await expect(way.ask(WHO)).rejects.toMatchObject({ name: 'SignedOutError', code: 'AUTH_003' });
  expect(asked).toBe(2);
});

test('who is refused with the other too is signed out, though it was ended meanwhile', async () => {
  const session = await unverifiable();
  const ended = client({ token: (await unverifiable()).token });
  const { accessToken } = session.tokens;
  const way = client({
    async token({ refused }) {
      if (refused === null) return accessToken;
      const given = await session.token({ refused });
      await client({ token: () => given }).ask({ query: 'mutation { logout { __typename } }' });
      return given;
    },
  });
  await expect(way.ask(WHO)).rejects.toMatchObject({ name: 'SignedOutError', code: 'AUTH_012' });
  expect(await ended.ask(WHO)).toMatchObject({ data: { viewer: { user: { username: 'operator' } } } });
});

test('an event stream with a token that cannot be verified any more begins again with another', async () => {
  proxy.block('SOCKET');
  const [session, without] = [await unverifiable(), { token: () => 'x.y.z' }];
  const { codes, errors } = await follow({ token: session.token });
  const { errors: alone } = await follow(without);
  await raise(1);
  await heard(() => codes.length === 1 && alone.length === 1);
  expect(errors).toEqual([]);
  expect(alone).toMatchObject([{ name: 'SignedOutError', code: 'AUTH_003' }]);
  proxy.block();
});

test('an event stream whose other token cannot be verified either leads to the sign-in, however many there are', async () => {
  proxy.block('SOCKET');
  let given = 0;
  const { errors } = await follow({
    token({ refused }) {
      if (refused !== null || given === 0) given += 1;
      return `x.y.z${given}`;
    },
  });
  await heard(() => errors.length === 1);
  expect(errors).toMatchObject([{ name: 'SignedOutError', code: 'AUTH_003' }]);
  expect(given).toBe(2);
  proxy.block();
});

test('where realtime tokens are asked for with one that cannot be verified any more, another is got', async () => {
  const session = await unverifiable();
  const { codes, errors } = await follow({ token: session.token, realtimeTokens: true });
  await raise(1);
  await heard(() => codes.length === 1);
  expect(errors).toEqual([]);
});

test('a token that is none and cannot be exchanged leads to the sign-in', async () => {
  const tokens = await signIn();
  const session = createSession({
    url,
    tokens: { ...tokens, accessToken: 'x.y.z', refreshToken: `${tokens.refreshToken}x`, expiresIn: 3_600 },
  });
  const { errors } = await follow({ token: session.token });
  await heard(() => errors.length === 1);
  expect(errors).toMatchObject([{ name: 'SignedOutError', code: 'AUTH_003' }]);
});

test('ten who need a token at once use the refresh token once', async () => {
  const session = createSession({ url, tokens: await signIn() });
  const refused = session.tokens.accessToken;
  const given = await Promise.all(upTo(10).map(() => session.token({ refused })));
  noteSecrets(given);
  expect(new Set(given.map((each) => (typeof each === 'object' ? each?.token : each))).size).toBe(1);
});

test('who hears late that his token has ended costs nobody the one that was got meanwhile', async () => {
  const tokens = await signIn();
  const pairs: SessionTokens[] = [];
  const session = createSession({
    url,
    tokens: { ...tokens, expiresIn: 3_600 },
    onTokens: (pair) => {
      noteSecrets(pair);
      pairs.push(pair);
    },
  });
  const { ask } = httpClient(floor.app().url);
  const headers = { authorization: `Bearer ${tokens.accessToken}` };
  await heard(async () => {
    const { body } = await ask('{ viewer { user { id } } }', headers);
    return body.errors?.[0].extensions.code === 'AUTH_002';
  });
  let asked = 0;
  let earlier: Promise<unknown> = Promise.resolve();
  const way = client({
    token: session.token,
    async fetch(...request) {
      asked += 1;
      const isLater = asked === 2;
      const answer = await fetch(...request);
      if (isLater) await earlier;
      return answer;
    },
  });
  const request = { query: '{ viewer { user { username } } }' };
  earlier = way.ask(request);
  const answers = await Promise.all([earlier, way.ask(request)]);
  const data = { viewer: { user: { username: 'operator' } } };
  expect(answers).toMatchObject([{ data }, { data }]);
  expect(pairs.length).toBe(1);
});

test('when the session is over the app is told, and nothing more is tried', async () => {
  const session = createSession({ url, tokens: await signIn() });
  const { way, codes, errors } = await follow({ token: session.token });
  await raise(1);
  await heard(() => codes.length === 1);
  await way.ask({ query: 'mutation { logout { __typename } }' });
  await heard(() => errors.length === 1);
  expect(errors).toMatchObject([{ name: 'SignedOutError', code: 'WS_006' }]);
  expect(way.status).toMatchObject({ state: 'disconnected', retryInMs: null });
  await expect(way.ask({ query: '{ viewer { user { id } } }' })).rejects.toMatchObject({
    name: 'SignedOutError',
  });
});

test('each connection begins with a realtime token of its own where the app wants it', async () => {
  const { way, codes } = await follow({
    token: createSession({ url, tokens: await signIn() }).token,
    realtimeTokens: true,
  });
  await raise(1);
  await heard(() => codes.length === 1);
  proxy.cut('SOCKET');
  await raise(1, 2);
  await heard(() => codes.length === 2);
  expect(way.status.state).toBe('connected');
});
