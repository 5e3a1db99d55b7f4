/**
 * Minutes of noise, cuts and damaged frames on a line in play, then the proof that nothing was
 * lost: what subscribers saw equals what the machines did. `SOAK_MINUTES` (default 10).
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { meterCode } from '../src/sas/codec/meters.ts';
import { systemClock } from '../src/sas/host/port.ts';
import { playing } from '../src/sas/simulator/behaviours/playing.ts';
import { createEgm } from '../src/sas/simulator/egm.ts';
import { createFaults } from '../src/sas/simulator/faults.ts';
import { createSimulatedLine } from '../src/sas/simulator/floor.ts';
import { createRandom } from '../src/sas/simulator/random.ts';
import { startBenchApp } from './bench-app.ts';

const MACHINES = 8;
const minutes = Number(process.env.SOAK_MINUTES ?? 10);
const seed = Number(process.env.SOAK_SEED ?? Date.now() % 1e6);
const random = createRandom(seed);

await using bench = await startBenchApp((folder) => [{ port: join(folder, 'line'), machines: MACHINES }]);
const { app, token } = bench;
const { port } = await app.services.db.selectFrom('sas_line').select('port').executeTakeFirstOrThrow();
const egms = Array.from({ length: MACHINES }, (_, at) => createEgm({ address: at + 1 }));
await using line = await createSimulatedLine({
  egms,
  transport: { kind: 'PTY', path: port },
  faultsToHost: createFaults({
    rates: {
      dropSymbol: 0.0003,
      flipDataBit: 0.0006,
      insertSymbol: 0.0003,
      cutMessage: 0.002,
      repeatMessage: 0.001,
    },
    random,
    clock: systemClock,
    longestDelayMs: 50,
  }),
});
const players = egms.map((egm) => playing(egm, { random, gameMs: [800, 2_000], pauseMs: [300, 1_200] }));

const client = createClient({
  url: app.services.info.webSocketUrl,
  webSocketImpl: WebSocket,
  connectionParams: { accessToken: token },
});
let positions = 0;
const reading = (async () => {
  for await (const { errors } of client.iterate({
    query: 'subscription { machineEvents { type cursor } }',
  })) {
    if (errors) throw new Error(JSON.stringify(errors));
    positions += 1;
  }
})();

console.log(`soak: ${minutes} minutes, ${MACHINES} machines, seed ${seed}`);
const startMemory = process.memoryUsage().rss;
const end = Date.now() + minutes * 60_000;
for (let cuts = 0; Date.now() < end; cuts += 1) {
  await pause(Math.min(5_000 + random() * 10_000, Math.max(0, end - Date.now())));
  await line.unplug();
  await pause(random() * 2_000);
  await line.plug();
  const { rss } = process.memoryUsage();
  console.log(
    `  cut ${cuts + 1}, ${positions} events, memory ${Math.round(rss / 1e6)} MB (at the start ${Math.round(startMemory / 1e6)} MB)`,
  );
}
for (const player of players) player[Symbol.dispose]();
await pause(10_000);

const failures: string[] = [];
for (const egm of egms) {
  const machine = await app.services.db
    .selectFrom('machine')
    .select('id')
    .where('address', '=', egm.address)
    .executeTakeFirstOrThrow();
  for (const name of ['COIN_IN', 'COIN_OUT', 'GAMES_PLAYED', 'CURRENT_CREDITS'] as const) {
    const row = await app.services.db
      .selectFrom('machine_meter')
      .select('value')
      .where('machine_id', '=', machine.id)
      .where('code', '=', meterCode(name))
      .executeTakeFirst();
    const truth = egm.meters().get(meterCode(name)) ?? 0n;
    if (row?.value !== truth)
      failures.push(`${name} of machine ${egm.address}: ${row?.value} instead of ${truth}`);
  }
  const ended = await app.services.db
    .selectFrom('machine_event')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('machine_id', '=', machine.id)
    .where('type', '=', 'GAME_ENDED')
    .executeTakeFirstOrThrow();
  const played = egm.meters().get(meterCode('GAMES_PLAYED')) ?? 0n;
  if (ended.count !== played)
    failures.push(`machine ${egm.address}: ${ended.count} GAME_ENDED events for ${played} games`);
}
await client.dispose();
await reading.catch(() => {});
console.log(
  failures.length > 0
    ? `FAILED\n  ${failures.join('\n  ')}`
    : 'passed: meters and games agree with the machines',
);
process.exitCode = failures.length > 0 ? 1 : 0;
