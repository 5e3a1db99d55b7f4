import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { queryObjects } from 'node:v8';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { Connection } from '../../src/http/connection.ts';
import { EventGroup } from '../../src/http/event-group.ts';
import { Expiry } from '../../src/http/expiry.ts';
import { EventStream } from '../../src/http/sse.ts';
import { Subscriber } from '../../src/http/subscriber.ts';
import { type ApiServer, anApiServer } from '../support/api-server.ts';
import { eventually } from '../support/deadline.ts';

const AT_ONCE = 25;

let api: ApiServer;
let ticking: NodeJS.Timeout;
beforeAll(async () => {
  api = await anApiServer({ limits: { ssePingIntervalMs: 50 } });
  ticking = setInterval(() => api.ticks.push(1), 2);
});
afterAll(async () => {
  clearInterval(ticking);
  await api.http.close(1_000);
});

/** A thing of which each connection has one, with the timers and listeners that would keep it alive. */
const KINDS = { Connection, Expiry, Subscriber, EventGroup, EventStream, WebSocket };

const SUBSCRIBE = JSON.stringify({
  id: '1',
  type: 'subscribe',
  payload: { query: 'subscription { ticks }' },
});
const INIT = JSON.stringify({ type: 'connection_init', payload: { accessToken: 'good' } });

async function someTurns(count: number): Promise<void> {
  for (let at = 0; at < count; at += 1) await turn();
}

const heard = (socket: WebSocket, type: string) =>
  new Promise<void>((resolve) => {
    const hear = (data: unknown) => {
      if (!String(data).includes(`"type":"${type}"`)) return;
      socket.off('message', hear);
      resolve();
    };
    socket.on('message', hear);
    socket.once('close', resolve);
  });

/** How far a client gets before it is gone. */
const MOMENTS: readonly ((socket: WebSocket) => Promise<unknown>)[] = [
  async () => {},
  (socket) => once(socket, 'open'),
  async (socket) => {
    await once(socket, 'open');
    socket.send(INIT);
  },
  async (socket) => {
    await once(socket, 'open');
    const acknowledged = heard(socket, 'connection_ack');
    socket.send(INIT);
    await acknowledged;
  },
  async (socket) => {
    await once(socket, 'open');
    const acknowledged = heard(socket, 'connection_ack');
    socket.send(INIT);
    await acknowledged;
    socket.send(SUBSCRIBE);
  },
  async (socket) => {
    await once(socket, 'open');
    const acknowledged = heard(socket, 'connection_ack');
    socket.send(INIT);
    await acknowledged;
    const flowing = heard(socket, 'next');
    socket.send(SUBSCRIBE);
    await flowing;
  },
];

async function cycle(at: number): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${api.port}/graphql`, 'graphql-transport-ws');
  socket.on('error', () => {});
  const gone = new Promise((resolve) => socket.once('close', resolve));
  await MOMENTS[at % MOMENTS.length]?.(socket);
  await someTurns(at % 7);
  if (at % 5 === 0 && socket.readyState === socket.OPEN) socket.close();
  else socket.terminate();
  await gone;
}

/** Looks for one kind after the other: a look is a full collection of garbage, and takes a second or more. */
async function expectNoneAlive(...names: (keyof typeof KINDS)[]): Promise<void> {
  // The test's own source remembers whoever followed it.
  api.ticks.finish();
  await someTurns(100);
  for (const name of names) {
    const count = () => queryObjects(KINDS[name], { format: 'count' });
    await eventually(() => expect(count(), name).toBe(0) ?? true);
  }
}

async function inBatches(count: number, run: (at: number) => Promise<void>): Promise<void> {
  for (let at = 0; at < count; at += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - at) }, (_, i) => run(at + i)));
}

test('1 000 sockets that come and go at any moment leave nothing behind', async () => {
  await inBatches(1_000, cycle);
  await eventually(() => api.http.connectionCount === 0 && api.http.fanOutCounts().subscriptions === 0);
  expect(api.http.fanOutCounts().groups).toBe(0);
  expect([...api.http.openConnections()]).toEqual([]);
  await expectNoneAlive('Connection', 'Expiry', 'Subscriber', 'EventGroup', 'WebSocket');
}, 180_000);

async function follow(at: number): Promise<void> {
  const abort = new AbortController();
  const answered = fetch(`${api.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: 'Bearer good',
    },
    body: JSON.stringify({ query: 'subscription { ticks }' }),
    signal: abort.signal,
  });
  answered.catch(() => {});
  if (at % 3 === 1) await answered;
  if (at % 3 === 2) await (await answered).body?.getReader().read();
  await someTurns(at % 7);
  abort.abort();
}

test('300 streams of events that are left at any moment leave nothing behind', async () => {
  await inBatches(300, follow);
  await eventually(() => api.http.streamCount === 0 && api.http.fanOutCounts().subscriptions === 0);
  expect(api.http.fanOutCounts().groups).toBe(0);
  expect([...api.http.openConnections()]).toEqual([]);
  await expectNoneAlive('EventStream', 'Expiry', 'Subscriber', 'EventGroup');
}, 180_000);
