import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { expect, test, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { SYSTEM_TIMERS } from '../../src/client/timers.ts';
import { aClientFloor, DOORS, type Door, heard, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** Hanging up and connecting, as a person does with a switch. */
const { floor, proxy, client, raise } = await aClientFloor();

async function follow() {
  const app = client({ timers: SYSTEM_TIMERS });
  const codes: number[] = [];
  const states: string[] = [];
  app.onStatus(({ state }) => void states.push(state));
  const listen = async () =>
    app.on<Door>(
      { query: DOORS, variables: { after: await floor.cursor() } },
      { next: ({ data }) => void codes.push(data?.machineEvents.exceptionCode ?? 0) },
    );
  await listen();
  return { app, codes, states, listen };
}

test('who has disconnected hears nothing, and on connecting what he missed, once', async () => {
  const { app, codes, states, listen } = await follow();
  await raise(2);
  await heard(() => codes.length === 2);
  states.length = 0;
  app.disconnect();
  await heard(() => proxy.open('SOCKET') === 0);
  await raise(2, 3);
  const before = proxy.begun('SOCKET');
  // Nor does who begins to listen meanwhile connect it.
  const stop = await listen();
  expect((await app.ask<{ readonly cursor: string }>({ query: '{ cursor }' })).data?.cursor).toBeTruthy();
  expect(codes).toEqual(upTo(2));
  expect(app.status).toEqual({ state: 'idle' });
  expect(proxy.begun('SOCKET')).toBe(before);
  stop();
  app.connect();
  await heard(() => codes.length === 4);
  await raise(1, 5);
  await heard(() => codes.length === 5);
  expect(codes).toEqual(upTo(5));
  expect(states).toEqual(['idle', 'connecting', 'connected']);
});

test('what is connected stays so, and a wait for the next try is cut short', async () => {
  const { app, codes, states } = await follow();
  await raise(1);
  await heard(() => codes.length === 1);
  const before = proxy.begun('SOCKET');
  app.connect();
  await raise(1, 2);
  await heard(() => codes.length === 2);
  expect(proxy.begun('SOCKET')).toBe(before);
  const retried = new Promise<void>((resolve) => {
    app.onStatus(({ state }) => {
      if (state !== 'disconnected') return;
      app.connect();
      resolve();
    });
  });
  states.length = 0;
  proxy.cut('SOCKET');
  await retried;
  await raise(1, 3);
  await heard(() => codes.length === 3);
  expect(states).toEqual(['disconnected', 'idle', 'connecting', 'connected']);
});

test('what a server asked that was about to go counts no more after another beginning', async () => {
  const server = new WebSocketServer({
    port: 0,
    host: '127.0.0.1',
    handleProtocols: ([first]) => first ?? false,
  });
  await once(server, 'listening');
  server.on('connection', (socket) => {
    socket.once('message', () => {
      socket.send('{"type":"connection_ack"}');
      socket.send('{"type":"ping","payload":{"notice":"SERVER_DRAINING","reconnectAfterMs":4000}}');
    });
  });
  const told: string[] = [];
  const app = client({
    webSocketUrl: `ws://127.0.0.1:${(server.address() as AddressInfo).port}`,
    debug: (line) => void told.push(line),
  });
  app.on({ query: DOORS, variables: { after: await floor.cursor() } }, { next: () => {} });
  await heard(() => told.includes('floorwire received notice SERVER_DRAINING'));
  app.disconnect();
  server.close();
  const retries: (number | null)[] = [];
  app.onStatus((status) => void (status.state === 'disconnected' && retries.push(status.retryInMs)));
  app.connect();
  await heard(() => retries.length);
  expect(retries[0]).toBe(1_000);
});
