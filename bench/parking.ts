/**
 * What a lot with 10 000 spaces and 1 000 reports a second costs everybody else: how long another query takes
 * meanwhile, next to how long it takes in calm; and how soon, in how few frames and how exactly a follower sees it.
 *
 * All of them share the machine: on a core of its own the server would be idle three quarters of the time, while the
 * query waited for PostgreSQL, which would have to share another with a hundred devices and twenty followers.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../src/db/embedded.ts';
import { Running } from '../src/lib/running.ts';
import { startHelper } from './fanout/ipc.ts';
import type { Measurement, ServerCommand } from './fanout/protocol.ts';
import { follow } from './parking/following.ts';
import { buildGarage } from './parking/garage.ts';
import type {
  AskingCommand,
  AskingTask,
  Latencies,
  ReportingCommand,
  ReportingTask,
  Said,
} from './parking/protocol.ts';
import { percentile } from './percentile.ts';
import { atMost } from './verdict.ts';
import { createBank } from './wallet/bank.ts';

const SPACES = 10_000;
const DEVICES = 100;
const REPORTS_PER_SECOND = 1_000;
const FOLLOWERS = 20;
const ROUNDS = 7;
const ROUND_MS = 10_000;
const ASKED_PER_SECOND = 50;
const OPEN_FILES = 4_096;
const GOAL = 1.5;

execFileSync(process.execPath, [fileURLToPath(new URL('../scripts/prepare.js', import.meta.url))]);
await using running = new Running();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
running.add({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
const { connection: cluster } = running.add(await startEmbedded({ dataDir: folder }));

console.log(`load before: ${loadavg()[0]?.toFixed(1)}`);
const bank = running.add(await createBank(cluster, { name: 'garage', folder, wallets: 20 }));
const garage = await buildGarage(bank, { spaces: SPACES, devices: DEVICES });
const server = running.add(
  await startHelper<ServerCommand>({
    file: './floorwire.ts',
    task: null,
    role: 'FREE',
    // A server without files to open ends what it has just accepted; askers that wait take a connection each.
    openFiles: OPEN_FILES,
    environment: bank.environment,
  }),
);
const port = Number(server.greeting);
const asking = running.add(
  await startHelper<AskingCommand>({
    file: '../parking/asking.ts',
    role: 'FREE',
    openFiles: OPEN_FILES,
    task: {
      port,
      token: bank.token,
      body: JSON.stringify({
        query: '{ wallets(first: 20) { nodes { id currency available { amount } } } }',
      }),
    } satisfies AskingTask,
  }),
);
const reporting = running.add(
  await startHelper<ReportingCommand>({
    file: '../parking/reporting.ts',
    role: 'FREE',
    task: { port, tokens: garage.tokens, spaceIds: garage.spaceIds } satisfies ReportingTask,
  }),
);
const followers = await Promise.all(
  Array.from({ length: FOLLOWERS }, () => follow({ port, token: bank.token, lotId: garage.lotId })),
);
for (const follower of followers) running.add(follower);

const ask = () => asking.ask<Latencies>({ do: 'pace', perSecond: ASKED_PER_SECOND, durationMs: ROUND_MS });
const cpuMs = async () => (await server.ask<Measurement>({ do: 'measure', collect: false })).cpuMs;
const p99s: { readonly calm: number[]; readonly busy: number[]; readonly ratios: number[] } = {
  calm: [],
  busy: [],
  ratios: [],
};
await ask();
let said: Said = { reports: 0, seconds: 0, occupied: 0 };
let [reports, seconds, costMs] = [0, 0, 0];
for (let round = 0; round < ROUNDS; round += 1) {
  const before = await cpuMs();
  const calm = percentile((await ask()).ms, 0.99);
  const between = await cpuMs();
  const saying = reporting.ask<Said>({
    do: 'report',
    perSecond: REPORTS_PER_SECOND,
    durationMs: ROUND_MS,
  });
  const busy = percentile((await ask()).ms, 0.99);
  said = await saying;
  // Beyond what the query itself costs.
  costMs += (await cpuMs()) - between - (between - before);
  reports += said.reports;
  seconds += said.seconds;
  p99s.calm.push(calm);
  p99s.busy.push(busy);
  p99s.ratios.push(busy / calm);
}
const seenMs = await Promise.all(followers.map((follower) => follower.until(said.occupied)));
const [calm, busy, ratio] = [p99s.calm, p99s.busy, p99s.ratios].map((each) => percentile(each, 0.5));
console.log(
  `another query, p99: ${calm?.toFixed(1)} ms in calm, ${busy?.toFixed(1)} ms at ${Math.round(reports / seconds)} reports/s; ratio ${ratio?.toFixed(2)} ${atMost(ratio ?? Number.NaN, GOAL, '')} (${p99s.ratios.map((each) => each.toFixed(2)).join(' ')})`,
);
console.log(
  `the server’s CPU: ${(costMs / reports).toFixed(3)} ms a report, frames included: ${((costMs / seconds) * 0.1).toFixed(0)} % of a core`,
);
const frames = followers.map(({ count }) => count());
console.log(
  `${FOLLOWERS} followers: ${Math.round(percentile(frames, 0.5))} frames each of ${reports} reports, the last one exact (${said.occupied} of ${SPACES} spaces taken), ${Math.max(...seenMs).toFixed(0)} ms after the last report was answered at most`,
);
