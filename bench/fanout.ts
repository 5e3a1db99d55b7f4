/** Deliveries per second to many sockets, next to a bare broadcast of the same bytes in the same run. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { WebSocketServer } from 'ws';
import { system } from '../src/lib/actor.ts';
import { newId } from '../src/lib/ids.ts';
import { startBenchApp } from './bench-app.ts';

const SOCKETS = 500;
const EVENTS = 100;
const ROUNDS = 3;
const OPERATION =
  'subscription { machineEvents { occurredAt type exceptionCode machine { name status } cursor } }';

await using bench = await startBenchApp(() => [{ port: 'nowhere', machines: 1 }]);
const { app, token, venueId } = bench;
const { db, runWork } = app.services;
const machine = await db.selectFrom('machine').select(['id', 'name']).executeTakeFirstOrThrow();

const frame = JSON.stringify({
  id: '1',
  type: 'next',
  payload: {
    data: {
      machineEvents: {
        occurredAt: new Date().toISOString(),
        type: 'GAME_ENDED',
        exceptionCode: 127,
        machine: { name: machine.name, status: 'UNKNOWN' },
        cursor: 'x'.repeat(64),
      },
    },
  },
});

const ours: number[] = [];
const bare: number[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  ours.push(await measureOurs());
  bare.push(await measureBare());
}
const median = (figures: number[]) => figures.sort((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
console.log(`fan-out: ${SOCKETS} sockets, ${EVENTS} durable events, medians of ${ROUNDS} paired rounds`);
console.log(
  `  floorwire            ${Math.round(median(ours))} deliveries per second (outbox, log, execution and socket)`,
);
console.log(
  `  ws broadcast         ${Math.round(median(bare))} deliveries per second (the same ${Buffer.byteLength(frame)} bytes)`,
);
console.log(`  ratio                ${(median(ours) / median(bare)).toFixed(2)}`);

async function measureOurs(): Promise<number> {
  const clients = await startClients(app.services.info.webSocketUrl, [
    JSON.stringify({ type: 'connection_init', payload: { accessToken: token } }),
    JSON.stringify({ id: '1', type: 'subscribe', payload: { query: OPERATION } }),
  ]);
  // The subscriptions are running when a first event has reached the log's listeners.
  await pause(1_000);
  return await timed(clients, async () => {
    for (let i = 0; i < EVENTS; i += 1) {
      await runWork(system('bench'), async (work) => {
        const event = {
          id: newId(),
          machineId: machine.id,
          type: 'GAME_ENDED',
          exceptionCode: 127,
          data: null,
          occurredAt: work.now.toISOString(),
        } as const;
        work.emit({
          type: 'machine.event-raised',
          venueId,
          event,
          machineVersion: '1',
          billAcceptorEnabled: null,
        });
      });
    }
  });
}

async function measureBare(): Promise<number> {
  const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
  await once(server, 'listening');
  const clients = await startClients(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`, []);
  const bytes = Buffer.from(frame);
  const rate = await timed(clients, async () => {
    for (let i = 0; i < EVENTS; i += 1) {
      for (const socket of server.clients) socket.send(bytes, { binary: false });
      await pause(0);
    }
  });
  server.close();
  return rate;
}

async function startClients(url: string, hello: readonly string[]): Promise<ChildProcess> {
  const clients = fork(fileURLToPath(new URL('fanout-clients.ts', import.meta.url)), {
    execArgv: ['--import', 'tsx'],
  });
  clients.send({ url, count: SOCKETS, hello, expected: EVENTS });
  const [said] = await once(clients, 'message');
  if (said !== 'ready') throw new Error('the clients did not connect');
  return clients;
}

async function timed(clients: ChildProcess, run: () => Promise<void>): Promise<number> {
  const done = once(clients, 'message');
  const started = performance.now();
  await run();
  await done;
  const seconds = (performance.now() - started) / 1_000;
  clients.disconnect();
  await once(clients, 'exit');
  return (SOCKETS * EVENTS) / seconds;
}
