import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, expect, onTestFinished, test } from 'vitest';
import { SlowConsumerError } from '../../src/events/errors.ts';
import { CLOSE_CODES } from '../../src/graphql/close-codes.ts';
import { type ApiServer, anApiServer, SECRET_DETAIL } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';
import { connectRaw, frame, OPCODE, type RawSocket, textFrame } from '../support/raw-socket.ts';
import { connect } from '../support/socket-client.ts';

const servers: ApiServer[] = [];
const aServer: typeof anApiServer = async (options) => {
  const api = await anApiServer(options);
  servers.push(api);
  return api;
};
afterEach(async () => {
  for (const { http } of servers.splice(0)) await http.close(500);
});

/** The one who follows anything, from when he was let in: what comes before that, in one read with it too, is refused. */
async function follow(api: ApiServer, { frames, write }: RawSocket, query: string): Promise<void> {
  write(textFrame({ type: 'connection_init' }));
  await eventually(() => frames.some(({ opcode }) => opcode === OPCODE.TEXT));
  write(textFrame({ id: '1', type: 'subscribe', payload: { query } }));
  await eventually(() => api.ticks.subscribers === 1);
}

/** A thread of its own: it answers pings also while the server, which is in this one, stands still. */
const ANSWERING_CLIENT = `
  const { parentPort, workerData } = require('node:worker_threads');
  const { WebSocket } = require('ws');
  const socket = new WebSocket('ws://127.0.0.1:' + workerData + '/graphql', 'graphql-transport-ws');
  socket.on('open', () => socket.send(JSON.stringify({ type: 'connection_init' })));
  socket.once('message', () => parentPort.postMessage('acknowledged'));
`;

test('a socket that answers pings lives, one that does not ends', async () => {
  const api = await aServer({ limits: { pingIntervalMs: 1_000 } });
  const alive = await connect(api);
  await alive.init();
  let pings = 0;
  alive.socket.on('ping', () => {
    pings += 1;
  });
  const dead = await connect(api);
  await dead.init();
  dead.socket.pause();

  await eventually(() => api.http.connectionCount === 1);
  await eventually(() => pings >= 3);
  expect(alive.socket.readyState).toBe(alive.socket.OPEN);
  dead.socket.terminate();
  alive.socket.close();
});

test('a client that says nothing more, nor answers a ping, is gone by the next', async () => {
  const api = await aServer({ limits: { pingIntervalMs: 2_000 } });
  const client = await connectRaw(api.port);
  const pings = () => client.frames.filter(({ opcode }) => opcode === OPCODE.PING);
  let answered = 0;
  let isSilent = false;
  client.tcp.on('data', () => {
    if (isSilent) return;
    for (const { payload } of pings().slice(answered)) client.write(frame(OPCODE.PONG, payload));
    answered = pings().length;
  });
  await follow(api, client, 'subscription { ticks }');
  isSilent = true;
  expect(await client.closed()).toBeNull();
  expect(pings().length - answered).toBe(1);
  await eventually(() => api.http.connectionCount === 0 && api.ticks.subscribers === 0);
});

test('a server that stood still itself hears what was answered meanwhile before it judges', async () => {
  const pingIntervalMs = 500;
  const api = await aServer({ limits: { pingIntervalMs } });
  const client = new Worker(ANSWERING_CLIENT, { eval: true, workerData: api.port });
  onTestFinished(async () => void (await client.terminate()));
  await once(client, 'message');
  for (let times = 0; times < 4; times += 1) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2 * pingIntervalMs);
    await turn();
  }
  expect(api.http.connectionCount).toBe(1);
});

test('a reader who never reads again is cut off soon after he was told why', async () => {
  const api = await aServer({ limits: { maxBufferedBytes: 256 * 1024 } });
  const stuck = await connectRaw(api.port);
  await follow(api, stuck, 'subscription { text(bytes: 100000) }');
  stuck.tcp.pause();
  await eventually(() => {
    api.ticks.push(1);
    return api.ticks.subscribers === 0;
  });
  await eventually(() => api.http.connectionCount === 0);
  stuck.tcp.destroy();
});

test('a socket that is not read is closed with 4491 before its frames fill the memory', async () => {
  const api = await aServer({ limits: { maxBufferedBytes: 256 * 1024 } });
  const client = await connect(api);
  await client.init();
  for (let id = 0; id < 50; id += 1) client.subscribe(String(id), 'subscription { text(bytes: 100000) }');
  await eventually(() => api.ticks.subscribers === 50);
  client.socket.pause();

  // Pushed until the network takes no more and the server gives the socket up.
  await eventually(() => {
    api.ticks.push(1);
    return api.ticks.subscribers === 0;
  });
  client.socket.resume();
  expect(await client.closed()).toMatchObject({ code: 4491, reason: expect.stringMatching(/^WS_004 /) });
});

test('answers larger than all that may be buffered reach who reads them, and his frames with them', async () => {
  const api = await aServer();
  const client = await connect(api);
  await client.init();
  client.subscribe('ticks', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  const bytes = 4 * 1024 * 1024;
  const ids = ['a', 'b', 'c'];
  // While the network takes no more.
  client.socket.pause();
  for (const id of ids) client.subscribe(id, `{ text(bytes: ${bytes}) }`);
  await eventually(() => api.http.bufferedBytes() > bytes / 2);
  for (let tick = 0; tick < 3; tick += 1) api.ticks.push(tick);
  client.socket.resume();
  for (const id of ids) {
    await client.message(id, 'complete');
    expect(client.types(id)).toEqual(['next', 'complete']);
    expect((await client.message(id, 'next')).payload.data.text).toHaveLength(bytes);
  }
  await eventually(() => client.types('ticks').length === 3);
  expect(client.types('ticks')).toEqual(['next', 'next', 'next']);
});

test('who asks for more and more and reads nothing of it is cut off', async () => {
  // Not for the pings that he does not answer.
  const api = await aServer({ limits: { maxBufferedBytes: 64 * 1024, pingIntervalMs: 600_000 } });
  const client = await connect(api);
  await client.init();
  client.socket.pause();
  for (let id = 0; id < 20; id += 1) client.subscribe(String(id), '{ text(bytes: 1000000) }');
  await eventually(() => api.http.connectionCount === 0);
});

test('a source that outruns its reader closes the socket with 4491', async () => {
  const api = await aServer();
  const client = await connect(api);
  await client.init();
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.fail(new SlowConsumerError());
  expect(await client.closed()).toMatchObject({ code: 4491, reason: expect.stringMatching(/^WS_004 /) });
});

test('a source that fails otherwise ends its operation alone', async () => {
  const api = await aServer();
  const client = await connect(api);
  await client.init();
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.fail(new Error('internal'));
  const { payload } = await client.message('1', 'error');
  expect(payload[0]).toMatchObject({ message: 'Unexpected error.', extensions: { code: 'SYS_001' } });
  expect(client.socket.readyState).toBe(client.socket.OPEN);
  client.socket.close();
});

test('one socket too many is closed with 4492, and its place is free afterwards', async () => {
  const api = await aServer({ limits: { maxSockets: 1 } });
  const first = await connect(api);
  await first.init();
  const second = await connect(api);
  expect(await second.closed()).toMatchObject({ code: 4492, reason: expect.stringMatching(/^WS_005 /) });
  first.socket.close();
  await eventually(() => api.http.connectionCount === 0);
  const third = await connect(api);
  await third.init();
  third.socket.close();
});

test('a socket too many of one user is closed with 4492; nobody’s are not counted, and a place comes free', async () => {
  const api = await aServer({ limits: { maxSocketsPerUser: 2 } });
  const his = [await connect(api), await connect(api)];
  for (const client of his) await client.init({ accessToken: 'good' });
  const third = await connect(api);
  third.send({ type: 'connection_init', payload: { realtimeToken: 'rt_good' } });
  expect(await third.closed()).toEqual({
    code: 4492,
    reason: 'WS_005 You have 2 connections open already. Close one. Try again in 5 s.',
  });
  for (let stranger = 0; stranger < 3; stranger += 1) await (await connect(api)).init();

  his[0]?.socket.close();
  await eventually(() => api.http.connectionCount === 4);
  const fourth = await connect(api);
  await fourth.init({ accessToken: 'good' });
  const fifth = await connect(api);
  fifth.send({ type: 'connection_init', payload: { accessToken: 'good' } });
  expect(await fifth.closed()).toMatchObject({ code: 4492 });
});

test('a fault before an operation begins is that operation’s error, and the socket stays', async () => {
  let isBroken = false;
  const api = await aServer({
    createContext: () => {
      throw new Error(SECRET_DETAIL);
    },
    refreshActor: async (actor) => {
      if (isBroken) throw new Error(SECRET_DETAIL);
      return actor;
    },
  });
  const client = await connect(api);
  await client.init({ accessToken: 'good' });
  for (const id of ['context', 'actor']) {
    isBroken = id === 'actor';
    client.subscribe(id, 'subscription { ticks }');
    const { payload } = await client.message(id, 'error');
    expect(payload).toEqual([
      expect.objectContaining({
        message: 'Unexpected error.',
        extensions: expect.objectContaining({ code: 'SYS_001' }),
      }),
    ]);
  }
  client.send({ type: 'ping' });
  await eventually(() => client.messages.some(({ type }) => type === 'pong'));
  client.socket.close();
});

/** Every message that can be made of these, well formed or not. */
function* messages(): Generator<object> {
  const types = ['connection_init', 'subscribe', 'next', 'error', 'complete', 'ping', 'pong', null];
  const ids = [undefined, '1', '', 1, null, '__proto__'];
  const payloads = [
    undefined,
    null,
    [],
    {},
    'text',
    { query: '{ hello }', variables: null },
    { query: '{' },
    { query: '{ hello }', operationName: '', variables: { __proto__: null }, extensions: null },
  ];
  for (const type of types) for (const id of ids) for (const payload of payloads) yield { type, id, payload };
}

test('whatever a client says, its socket ends with a code that is announced', async () => {
  const api = await aServer();
  const announced = CLOSE_CODES.map(({ code }) => code);
  await Promise.all(
    [...messages()].map(async (message) => {
      const client = await connect(api);
      await client.init();
      client.send(message);
      client.send('the end');
      const { code } = await client.closed();
      expect(announced, JSON.stringify(message)).toContain(code);
    }),
  );
});
