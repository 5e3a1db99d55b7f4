import { createClient } from 'graphql-ws';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { BACKOFF } from '../../src/graphql/client-policy.ts';
import { ACTOR, anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { aClient, aServer } from '../support/protocol.ts';

/** Shown by every token, in a server that announces the end long before it. */
const endingIn = (leftMs: number) => ({
  authenticate: async () => ({ actor: ACTOR, expiresAt: new Date(Date.now() + leftMs), keyId: null }),
});
const TOKEN = { accessToken: 'any' };

test('connection_ack says until when a socket lives, and how', async () => {
  const api = await aServer(endingIn(3_600_000));
  const before = Date.now();
  const client = await aClient(api, TOKEN);
  const { expiresAt, ...rest } = client.messages[0]?.payload ?? {};
  expect(Date.parse(expiresAt)).toBeGreaterThanOrEqual(before + 3_600_000);
  expect(Date.parse(expiresAt)).toBeLessThanOrEqual(Date.now() + 3_600_000);
  expect(rest).toEqual({
    connectionId: expect.any(String),
    heartbeatIntervalSeconds: 30,
    expiryNoticeSeconds: 60,
    backoff: BACKOFF,
  });

  const nobody = await aClient(api);
  expect(nobody.messages[0]?.payload).toMatchObject({ expiresAt: null });
});

test('a socket is told before its token ends, once, and closes with 4403 when nothing comes of it', async () => {
  const api = await aServer(endingIn(600));
  const client = await aClient(api, TOKEN);
  expect(await client.closed()).toMatchObject({ code: 4403 });
  expect(client.messages).toEqual([
    { type: 'connection_ack', payload: expect.anything() },
    { type: 'ping', payload: { notice: 'AUTH_EXPIRING', expiresAt: client.messages[0]?.payload.expiresAt } },
  ]);
});

test('a server that shuts down says so at once, and when to come back, not to all at the same time', async () => {
  const api = await anApiServer();
  const clients = [await aClient(api), await aClient(api), await aClient(api)];
  const [busy] = clients;
  busy?.subscribe('1', 'mutation { wait }');
  await eventually(() => api.waiting() === 1);
  const closing = api.http.close();
  const notices = await eventually(() => {
    const pings = clients.flatMap(({ messages }) => messages.filter(({ type }) => type === 'ping'));
    return pings.length === clients.length && pings.map(({ payload }) => payload);
  });
  expect(busy?.types('1')).toEqual([]);
  api.release();
  await closing;
  expect(notices.every(({ notice }) => notice === 'SERVER_DRAINING')).toBe(true);
  const waits = notices.map(({ reconnectAfterMs }) => reconnectAfterMs);
  expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
  expect(new Set(waits).size).toBe(clients.length);
  expect(await busy?.closed()).toMatchObject({ code: 1012 });
  expect(busy?.messages.map(({ type }) => type)).toEqual(['connection_ack', 'ping', 'next', 'complete']);
});

test('the stock client goes on past every notice, and can hear them', async () => {
  const api = await anApiServer(endingIn(60_000));
  const heard: unknown[] = [];
  const acknowledged: unknown[] = [];
  const client = createClient({
    url: `ws://127.0.0.1:${api.port}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: TOKEN,
    retryAttempts: 0,
    on: {
      connected: (_socket, payload) => acknowledged.push(payload),
      ping: (isReceived, payload) => isReceived && heard.push(payload?.notice),
    },
  });
  const ticks = client.iterate<{ ticks: number }>({ query: 'subscription { ticks }' });
  const first = ticks.next();
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  expect((await first).value?.data).toEqual({ ticks: 1 });
  expect(acknowledged).toEqual([expect.objectContaining({ expiresAt: expect.any(String) })]);
  const ended = expect(ticks.next()).rejects.toMatchObject({ code: 1012 });
  await api.http.close();
  await ended;
  expect(heard).toEqual(['SERVER_DRAINING']);
  await client.dispose();
});
