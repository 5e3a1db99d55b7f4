import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { ACTOR, type ApiServer, anApiServer, type LogLine } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';

const api = await anApiServer({ limits: { initTimeoutMs: 60_000 } });
const hasty = await anApiServer({ limits: { initTimeoutMs: 50 } });
const guarded = await anApiServer({ requireHttps: true, trustedProxies: { hops: 1 } });
afterAll(async () => {
  for (const { http } of [api, hasty, guarded]) await http.close(2_000);
});

/** What the log says of sockets, beside what it says of their operations, from now on. */
function listen({ lines }: ApiServer) {
  const before = lines.length;
  return (): readonly LogLine[] =>
    lines.slice(before).filter(({ msg }) => /^(?:socket \w+|upgrade refused)$/.test(msg));
}

/** All there is of one socket that is opened, used and ended. */
async function storyOf(
  server: ApiServer,
  use: (client: SocketClient) => Promise<unknown> | unknown,
  options: Parameters<typeof connect>[1] = {},
): Promise<readonly LogLine[]> {
  const said = listen(server);
  const client = await connect(server, options);
  await use(client);
  await eventually(() => said().some(({ msg }) => msg === 'socket ended'));
  return said();
}

const OPENED = { msg: 'socket opened', protocol: 'graphql-transport-ws', address: '127.0.0.1' };
const USER = { actor: 'user', userId: ACTOR.userId, sessionId: ACTOR.sessionId };

test.each([
  ['nobody', undefined, { shown: 'nothing', actor: 'anonymous', expiresAt: null }],
  ['an access token', { accessToken: 'good' }, { shown: 'access token', ...USER }],
  ['a realtime token', { realtimeToken: 'rt_good' }, { shown: 'realtime token', ...USER }],
])('a socket of %s leaves a line when it is opened, known and ended', async (_, payload, identity) => {
  let connectionId: string | undefined;
  const story = await storyOf(api, async (client) => {
    await client.init(payload);
    connectionId = client.messages[0]?.payload.connectionId;
    for (const id of ['1', '2']) {
      client.subscribe(id, '{ hello }');
      await client.message(id, 'complete');
    }
    client.socket.close(1000, 'Bye');
  });
  expect(story).toMatchObject([
    OPENED,
    { msg: 'socket identified', ...identity },
    { msg: 'socket ended', closeCode: 1000, reason: 'Bye', operations: 2, ms: expect.any(Number) },
  ]);
  expect(connectionId).toEqual(expect.any(String));
  for (const line of story)
    expect(line).toMatchObject({ level: 'debug', transport: 'websocket', connectionId });
  expect(JSON.stringify(story)).not.toMatch(/good/);
});

const INIT = { type: 'connection_init', payload: { accessToken: 'good' } };
const TICKS = { id: '1', type: 'subscribe', payload: { query: 'subscription { ticks }' } };
const say =
  (...messages: readonly (object | string)[]) =>
  async (client: SocketClient) => {
    for (const message of messages) {
      client.send(message);
      if (message === INIT) await eventually(() => client.messages.length > 0);
    }
  };

test.each([
  [4400, api, say('nonsense'), {}],
  [4401, api, say(TICKS), {}],
  [4403, api, say({ type: 'connection_init', payload: { accessToken: 'expired' } }), {}],
  [4406, api, () => {}, { protocol: null }],
  [4408, hasty, () => {}, {}],
  [4409, api, say(INIT, TICKS, TICKS), {}],
  [4429, api, say(INIT, INIT), {}],
  [
    4493,
    api,
    async (client: SocketClient) => {
      await client.init(INIT.payload);
      api.http.endSession(ACTOR.sessionId);
    },
    {},
  ],
])('a socket that is closed with %d leaves a line that says why', async (closeCode, server, use, options) => {
  let closed: { readonly reason: string } | undefined;
  const story = await storyOf(
    server,
    async (client) => {
      await use(client);
      closed = await client.closed();
    },
    options,
  );
  expect(story.at(0)).toMatchObject({ ...OPENED, protocol: 'protocol' in options ? '' : OPENED.protocol });
  expect(story.at(-1)).toMatchObject({ msg: 'socket ended', closeCode, reason: closed?.reason });
  expect(closed?.reason).not.toBe('');
});

test.each([
  ['an unknown page', api, '/graphql', { origin: 'https://evil.example' }, 403, /CORS_ORIGINS/],
  ['plain http', guarded, '/graphql', { 'x-forwarded-proto': 'http' }, 403, /plain http/],
  ['another path', api, '/elsewhere?token=secret', {}, 404, /\/graphql/],
])(
  'an upgrade that is refused for %s leaves a line that says why',
  async (_, server, path, headers, status, why) => {
    const said = listen(server);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${path}`, ['graphql-transport-ws'], {
      headers,
    });
    const [, answer] = await once(socket, 'unexpected-response');
    expect(answer.statusCode).toBe(status);
    answer.destroy();
    const { origin } = headers as { origin?: string };
    expect(said()).toEqual([
      {
        level: 'debug',
        time: expect.any(Number),
        transport: 'websocket',
        status,
        why: expect.stringMatching(why),
        address: '127.0.0.1',
        ...(origin && { origin }),
        msg: 'upgrade refused',
      },
    ]);
  },
);
