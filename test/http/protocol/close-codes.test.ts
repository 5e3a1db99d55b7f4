import { afterEach, expect, test } from 'vitest';
import { SlowConsumerError } from '../../../src/events/errors.ts';
import { CLOSE_CODES } from '../../../src/graphql/close-codes.ts';
import { ACTOR, type ApiServer, anApiServer } from '../../support/api-server.ts';
import { eventually } from '../../support/deadline.ts';
import { connectRaw, frame, OPCODE } from '../../support/raw-socket.ts';
import { connect, type SocketClient } from '../../support/socket-client.ts';

let api: ApiServer;
afterEach(() => api.http.close(500));

const INIT = { type: 'connection_init', payload: { accessToken: 'good' } };
const say = (message: object | string) => async (client: SocketClient) => client.send(message);
const initThen = (act: (client: SocketClient) => unknown) => async (client: SocketClient) => {
  await client.init(INIT.payload);
  await act(client);
};
const rawly = (bytes: Buffer) => async () => {
  const socket = await connectRaw(api.port);
  socket.write(bytes);
  return await socket.closed();
};

interface Provocation {
  readonly settings?: Parameters<typeof anApiServer>[0];
  readonly protocol?: null;
  /** What makes the server close this socket; or a close of another one. */
  readonly act: (client: SocketClient) => Promise<unknown>;
}

/** One way to be closed with each code that is announced. */
const WAYS: Readonly<Record<number, Provocation>> = {
  1002: { act: rawly(frame(OPCODE.TEXT, 'x', { masked: false })) },
  1007: { act: rawly(frame(OPCODE.TEXT, Buffer.from([0xff]))) },
  1009: { act: say(' '.repeat(300_000)) },
  1012: { act: initThen(() => void api.http.close()) },
  1013: { act: say({ type: 'connection_init', payload: { accessToken: 'away' } }) },
  4400: { act: say('nonsense') },
  4401: { act: say({ id: '1', type: 'subscribe', payload: { query: '{ hello }' } }) },
  4403: { act: say({ type: 'connection_init', payload: { accessToken: 'expired' } }) },
  4406: { protocol: null, act: async () => undefined },
  4408: { settings: { limits: { initTimeoutMs: 50 } }, act: async () => undefined },
  4409: {
    act: initThen((client) => {
      for (let turn = 0; turn < 2; turn += 1) client.subscribe('1', 'subscription { ticks }');
    }),
  },
  4429: { act: initThen((client) => client.send(INIT)) },
  4491: {
    act: initThen(async (client) => {
      client.subscribe('1', 'subscription { ticks }');
      await eventually(() => api.ticks.subscribers === 1);
      api.ticks.fail(new SlowConsumerError());
    }),
  },
  4492: { settings: { limits: { maxSockets: 0 } }, act: async () => undefined },
  4493: { act: initThen(() => api.http.endSession(ACTOR.sessionId)) },
};

test.each(CLOSE_CODES.map((entry) => [entry.code, entry] as const))(
  '%d closes a socket, and says by which error',
  async (code, { errorCode }) => {
    const way = WAYS[code];
    if (!way) throw new Error(`no way to be closed with ${code}`);
    api = await anApiServer(way.settings);
    const client = await connect(api, way.protocol === null ? { protocol: null } : {});
    const other = await way.act(client);
    const closed = other ?? (await client.closed());
    expect(closed).toMatchObject({ code });
    if (errorCode !== null) expect(closed).toMatchObject({ reason: expect.stringMatching(`^${errorCode} `) });
    if (other) client.socket.close();
  },
);
