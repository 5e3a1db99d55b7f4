/**
 * From `exec` to the first answer: floorwire as it is built, on a database that is there and up to date, next to a bare
 * server of node:http and pg. In turn, for what disturbs the machine meanwhile disturbs both.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startEmbedded } from '../src/db/embedded.ts';
import { migrate } from '../src/db/migrate.ts';
import { Running } from '../src/lib/running.ts';
import { aFreePort } from '../test/support/free-port.ts';
import { percentile } from './percentile.ts';
import { atMost } from './verdict.ts';

const ROUNDS = 9;
const ASKED_EVERY_MS = 5;
const MAX_RATIO = 1.9;

interface Started {
  readonly answeredMs: number;
  readonly cpuMs: number;
}

const pathOf = (file: string) => fileURLToPath(new URL(file, import.meta.url));
execFileSync(process.execPath, [pathOf('../scripts/prepare.js')]);
await using running = new Running();
const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
running.add({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
const { connection } = running.add(await startEmbedded({ dataDir: join(folder, 'cluster') }));
await migrate(connection, pathOf('../migrations'));

/** Whether it answered. */
function ask(port: number, query: string): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { 'content-type': 'application/json' };
    const options = { host: '127.0.0.1', port, path: '/graphql', method: 'POST', headers };
    const asking = request(options, (answer) => {
      answer.resume().on('end', () => resolve(answer.statusCode === 200));
    });
    asking.on('error', () => resolve(false)).end(JSON.stringify({ query }));
  });
}

/** Of a process, in all its threads. */
function cpuMsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(11, 13);
  // In hundredths of a second, whatever the kernel.
  return (Number(user) + Number(system)) * 10;
}

async function start(program: string): Promise<Started> {
  const port = await aFreePort();
  const startedMs = performance.now();
  const child = spawn(process.execPath, [program], {
    env: {
      PATH: process.env.PATH,
      PORT: String(port),
      DATABASE_URL: connection,
      DATA_DIR: join(folder, 'data'),
      DEMO: '0',
      LOG_LEVEL: 'error',
    },
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  while (!(await ask(port, '{ serverTime }'))) {
    if (child.exitCode !== null) throw new Error(`${program} ended before it answered`);
    await pause(ASKED_EVERY_MS);
  }
  const started = { answeredMs: performance.now() - startedMs, cpuMs: cpuMsOf(child.pid ?? 0) };
  child.kill();
  await ended;
  return started;
}

const bare: Started[] = [];
const ours: Started[] = [];
for (let round = 0; round < ROUNDS; round += 1) {
  bare.push(await start(pathOf('start/bare.js')));
  ours.push(await start(pathOf('../dist/main.js')));
}

const median = (all: readonly Started[], figure: keyof Started) =>
  percentile(
    all.map((each) => each[figure]),
    0.5,
  );
const ratio = median(ours, 'answeredMs') / median(bare, 'answeredMs');
console.log(
  `start: from exec to the first answer, medians of ${ROUNDS}, taken in turn, node ${process.version}`,
);
for (const [name, all] of [
  ['a bare server', bare],
  ['floorwire', ours],
] as const)
  console.log(
    `  ${name.padEnd(14)} ${median(all, 'answeredMs').toFixed(0)} ms, ${median(all, 'cpuMs').toFixed(0)} ms of processor time`,
  );
console.log(`  ratio          ${ratio.toFixed(1)} ${atMost(ratio, MAX_RATIO, '×')}`);
