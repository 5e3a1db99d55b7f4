import { expect, test, vi } from 'vitest';
import type { SessionTokens } from '../../src/client/session.ts';
import { PASSWORD } from '../support/builders.ts';
import { httpClient } from '../support/http-client.ts';
import { noteSecrets } from '../support/secrets.ts';
import { aClientFloor, DOORS, heard, listener, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** An app that has got another token, and tells so. */
const { floor, proxy, client, raise } = await aClientFloor();

const TOKENS = 'accessToken refreshToken expiresIn';

async function tokensOf(mutation: string): Promise<SessionTokens> {
  const { body } = await httpClient(floor.app().url).ask(`mutation { ${mutation} }`);
  const [tokens] = Object.values<SessionTokens>(body.data);
  if (!tokens?.accessToken) throw new Error(JSON.stringify(body));
  noteSecrets(tokens);
  return tokens;
}

const signIn = () =>
  tokensOf(`login(input: { identifier: "operator", password: "${PASSWORD}" }) {
    ... on LoginSuccess { ${TOKENS} }
  }`);

const exchanged = ({ refreshToken }: SessionTokens) =>
  tokensOf(`refreshToken(input: { refreshToken: "${refreshToken}" }) {
    ... on RefreshTokenSuccess { ${TOKENS} }
  }`);

/** Follows the doors with whatever token there is. */
async function follow() {
  const lines: string[] = [];
  const given: { tokens: SessionTokens; isHeld: Promise<void> | null } = {
    tokens: await signIn(),
    isHeld: null,
  };
  const way = client({
    debug: (line) => void lines.push(line),
    async token() {
      const { accessToken } = given.tokens;
      await given.isHeld;
      return accessToken;
    },
  });
  const before = proxy.begun('SOCKET');
  const told = listener();
  const after = await floor.cursor();
  way.on({ query: DOORS, variables: { after } }, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
  return {
    way,
    told,
    after,
    given,
    renewals: () => lines.filter((line) => line === 'floorwire sent refreshConnection').length,
    sockets: () => proxy.begun('SOCKET') - before,
  };
}

test('a socket is renewed at once with another token of its sign-in, and goes on', async () => {
  const { way, told, given, renewals, sockets } = await follow();
  given.tokens = await exchanged(given.tokens);
  way.updateToken();
  await heard(() => renewals() === 1);
  await raise(1, 2);
  await heard(() => told.codes.length === 2);
  expect([told.codes, told.errors, sockets()]).toEqual([upTo(2), [], 1]);
});

test('told during a renewal it renews once more, with the token of then', async () => {
  const { way, given, renewals, sockets } = await follow();
  let release = () => {};
  given.isHeld = new Promise((resolve) => {
    release = resolve;
  });
  way.updateToken();
  given.tokens = await exchanged(given.tokens);
  way.updateToken();
  expect(renewals()).toBe(0);
  given.isHeld = null;
  release();
  await heard(() => renewals() === 2);
  expect(sockets()).toBe(1);
});

test('with the token of another sign-in the socket is another, and nothing is lost or told again', async () => {
  const { way, told, given, sockets } = await follow();
  given.tokens = await signIn();
  way.updateToken();
  await heard(() => sockets() === 2);
  await raise(2, 2);
  await heard(() => told.codes.length === 3);
  expect([told.codes, told.errors]).toEqual([upTo(3), []]);
});

test('what has ended with its sign-in connects with the next one, and one that has hung up does not', async () => {
  const { way, told, after, given } = await follow();
  await way.ask({ query: 'mutation { logout { __typename } }' });
  await heard(() => told.errors.length === 1);
  expect(way.status).toMatchObject({ state: 'disconnected', retryInMs: null });
  given.tokens = await signIn();
  way.updateToken();
  expect(way.status.state).toBe('connecting');
  const later = listener();
  way.on({ query: DOORS, variables: { after } }, later);
  await heard(() => later.codes.length === 1);
  way.disconnect();
  way.updateToken();
  expect(way.status.state).toBe('idle');
});

test('a token that comes while a socket is under way with another is the one it begins with', async () => {
  const { accessToken } = await signIn();
  const given: { token: string | null; isAsked: () => void } = { token: null, isAsked: () => {} };
  const way = client({
    token() {
      queueMicrotask(given.isAsked);
      return given.token;
    },
  });
  given.isAsked = () => {
    given.isAsked = () => {};
    given.token = accessToken;
    expect(way.status.state).toBe('connecting');
    way.updateToken();
  };
  const told = listener();
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1);
  await heard(() => told.codes.length + told.errors.length > 0);
  expect(told).toMatchObject({ codes: [1], errors: [] });
});

test('who has signed in is not taken for nobody on a socket from before', async () => {
  const given: { token: string | null } = { token: null };
  const way = client({ token: () => given.token, lingerMs: 10_000_000 });
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  const [before, told] = [listener(), listener()];
  way.on(request, before);
  await heard(() => before.errors.length === 1);
  expect(before.errors[0]).toMatchObject({ code: 'AUTH_001' });
  expect(way.status.state).toBe('connected');
  given.token = (await signIn()).accessToken;
  way.updateToken();
  await heard(() => way.status.state === 'idle');
  way.on(request, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
  expect(told.errors).toEqual([]);
});
