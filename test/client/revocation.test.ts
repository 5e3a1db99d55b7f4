import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSession } from '../../src/client/session.ts';
import { PASSWORD } from '../support/builders.ts';
import { noteSecrets } from '../support/secrets.ts';
import { aClientFloor, DOORS, heard, listener } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What an operator closes, while the session goes on; and what ends with the session. */
const { floor, proxy, url, client, raise } = await aClientFloor();
afterEach(() => proxy.block());

const connections = async (): Promise<readonly { readonly id: string; readonly transport: string }[]> => {
  const { data } = await floor.ask('{ realtimeConnections(first: 100) { nodes { id transport } } }', {
    as: 'ADMIN',
  });
  return data.realtimeConnections.nodes;
};
// They are listed a moment later than they come and go: that of the test before is not to be taken for another.
beforeEach(() => heard(async () => (await connections()).length === 0));

const REASON = 'WS_006 An operator closed this connection: the hall closes';

/** Closes the one connection there is of a kind. */
async function disconnect(transport: 'WEBSOCKET' | 'SSE'): Promise<void> {
  const connectionId = await heard(async () => {
    const own = (await connections()).filter((each) => each.transport === transport);
    return own.length === 1 && own[0]?.id;
  });
  await floor.ask(
    'mutation ($input: DisconnectClientInput!) { disconnectClient(input: $input) { __typename } }',
    { as: 'ADMIN', variables: { input: { connectionId, reason: 'the hall closes' } } },
  );
}

test('a socket that an operator closes stays closed, with his words, until somebody listens anew', async () => {
  const way = client();
  const [told, again] = [listener(), listener()];
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  const before = proxy.begun('SOCKET');
  way.on(request, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
  await disconnect('WEBSOCKET');
  await heard(() => told.errors.length === 1);
  const [error] = told.errors;
  expect(error).toMatchObject({ name: 'ConnectionClosedError', code: 4493, reason: REASON });
  expect(way.status).toEqual({ state: 'disconnected', retryInMs: null, error });
  expect(way.latest(request)).toMatchObject({ isStale: true });
  expect(proxy.begun('SOCKET') - before).toBe(1);
  way.on(request, again);
  await heard(() => again.codes.length === 1);
  expect([told.errors.length, again.errors, way.status.state]).toEqual([1, [], 'connected']);
  way.dispose();
});

test('where nobody can be asked about the session, it is not taken as over', async () => {
  const way = client();
  const told = listener();
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
  proxy.block('HTTP', 'SSE');
  await disconnect('WEBSOCKET');
  await heard(() => told.errors.length === 1);
  expect(told.errors).toMatchObject([{ name: 'ConnectionClosedError', code: 4493, reason: REASON }]);
  way.dispose();
});

test('who reconnects before it is known why is heard', async () => {
  const way = client();
  const told = listener();
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
  const stop = way.onStatus((status) => {
    if (status.state !== 'connecting') return;
    stop();
    way.reconnect();
  });
  await disconnect('WEBSOCKET');
  await raise(1, 2);
  await heard(() => told.codes.length === 2);
  expect(told).toMatchObject({ codes: [1, 2], errors: [] });
  way.dispose();
});

test('over streams it is told in the same words, and the end of the session as what it is', async () => {
  const { data } = await client({ token: () => null }).ask<{
    readonly login: {
      readonly accessToken: string;
      readonly refreshToken: string;
      readonly expiresIn: number;
    };
  }>({
    query: `mutation { login(input: { identifier: "operator", password: "${PASSWORD}" }) {
      ... on LoginSuccess { accessToken refreshToken expiresIn }
    } }`,
  });
  if (!data) throw new Error('Nobody signed in.');
  noteSecrets(data.login);
  const way = client({ token: createSession({ url, tokens: data.login }).token });
  const [closed, over] = [listener(), listener()];
  proxy.block('SOCKET');
  const request = { query: DOORS, variables: { after: await floor.cursor() } };
  way.on(request, closed);
  await raise(1);
  await heard(() => closed.codes.length === 1);
  await disconnect('SSE');
  await heard(() => closed.errors.length === 1);
  expect(closed.errors).toMatchObject([{ name: 'ConnectionClosedError', code: 4493, reason: REASON }]);
  way.on(request, over);
  await heard(() => over.codes.length === 1);
  await way.ask({ query: 'mutation { logout { __typename } }' });
  await heard(() => over.errors.length === 1);
  expect(over.errors).toMatchObject([{ name: 'SignedOutError', code: 'WS_006' }]);
});
