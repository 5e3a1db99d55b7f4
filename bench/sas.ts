/** What the SAS host costs, and how soon a subscriber sees what a machine did. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { createSasHost } from '../src/sas/host/host.ts';
import { openSerialPort } from '../src/sas/host/serial-port.ts';
import { createEgm } from '../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../src/sas/simulator/floor.ts';
import { startBenchApp } from './bench-app.ts';
import { measurePaced } from './paced-line.ts';
import { percentile } from './percentile.ts';

const LINES = 4;
const MACHINES_PER_LINE = 8;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 10_000;
const CHANGES = 1_000;

// Five milliseconds are what SAS.md reckons with; at 40 ms eight machines want more than the line has.
for (const periodMs of [40, 200])
  await measurePaced({ lines: LINES, machinesPerLine: MACHINES_PER_LINE, turnaroundMs: 5, periodMs });
await measureHost();
await measureLatency();

/** The simulators are processes of their own, so that only the host's work is counted. */
async function measureHost(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
  const ports = Array.from({ length: LINES }, (_, at) => join(folder, `line-${at}`));
  const simulators = await Promise.all(ports.map(startSimulator));
  const hosts = ports.map((path) =>
    createSasHost({
      open: () => openSerialPort({ path, wakeupMode: 'MARKED' }),
      addresses: Array.from({ length: MACHINES_PER_LINE }, (_, at) => at + 1),
      report: async () => {},
    }),
  );
  try {
    for (const host of hosts) host.start();
    await pause(WARM_UP_MS);
    const polls = () => hosts.reduce((sum, host) => sum + host.statistics().polls, 0);
    const [before, cpuBefore, started] = [polls(), process.cpuUsage(), performance.now()];
    await pause(MEASURE_MS);
    const cpu = process.cpuUsage(cpuBefore);
    const [count, seconds] = [polls() - before, (performance.now() - started) / 1_000];
    const cpuSeconds = (cpu.user + cpu.system) / 1e6;
    const replies = hosts.reduce((sum, host) => sum + host.statistics().silences, 0);
    console.log(
      `sas host: ${LINES * MACHINES_PER_LINE} machines on ${LINES} lines over pseudo-terminals, ${seconds.toFixed(1)} s`,
    );
    console.log(
      `  polls per second      ${Math.round(count / seconds)}   (unanswered since start: ${replies})`,
    );
    console.log(`  CPU of the host       ${((cpuSeconds / seconds) * 100).toFixed(1)} % of one core`);
    console.log(`  polls per CPU-second  ${Math.round(count / cpuSeconds)}`);
  } finally {
    await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
    for (const simulator of simulators) simulator.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

async function startSimulator(path: string): Promise<ChildProcess> {
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  const simulator = spawn(
    process.execPath,
    ['--import', 'tsx', cli, 'simulate', '--tty', path, '--machines', String(MACHINES_PER_LINE)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  await once(simulator.stdout, 'data');
  return simulator;
}

/** From a game's end in the simulator to the frame at a stock graphql-ws client, through PostgreSQL. */
async function measureLatency(): Promise<void> {
  await using bench = await startBenchApp((folder) => [
    { port: join(folder, 'line'), machines: MACHINES_PER_LINE },
  ]);
  const { app, token } = bench;
  const [line] = await app.services.db.selectFrom('sas_line').select('port').execute();
  const egms = Array.from({ length: MACHINES_PER_LINE }, (_, at) => createEgm({ address: at + 1 }));
  await using simulated = await createSimulatedLine({
    egms,
    transport: { kind: 'PTY', path: line?.port ?? '' },
  });
  const client = createClient({
    url: app.services.info.webSocketUrl,
    webSocketImpl: WebSocket,
    connectionParams: { accessToken: token },
  });
  const frames = client.iterate<{ meters: { machine: { address: number }; values: { value: string }[] } }>({
    query: 'subscription { meters(codes: [GAMES_PLAYED]) { machine { address } values { value } } }',
  });
  const shown = new Map<string, () => void>();
  const reading = (async () => {
    for await (const { data } of frames) {
      if (data) shown.get(`${data.meters.machine.address}:${data.meters.values[0]?.value}`)?.();
    }
  })();

  // A floor in service: every machine has been identified and read once.
  const countRead = async () =>
    (await app.services.db.selectFrom('machine_meter_reading').select('machine_id').execute()).length;
  while ((await countRead()) < MACHINES_PER_LINE) await pause(50);

  const latencies: number[] = [];
  for (const egm of egms) while (egm.insertBill(100n) !== null) await pause(50);
  for (let change = 0; change < CHANGES; change += 1) {
    const egm = egms[change % egms.length];
    if (!egm) throw new Error('no machine');
    const played = BigInt(Math.floor(change / egms.length) + 1);
    const seen = new Promise<void>((resolve) => shown.set(`${egm.address}:${played}`, resolve));
    const started = performance.now();
    const refused = egm.play({ wager: 1n, win: 1n });
    if (refused !== null) throw new Error(`play refused: ${refused}`);
    const inTime = await Promise.race([seen.then(() => true), pause(10_000, false)]);
    if (!inTime) throw new Error(`change ${change} was never seen`);
    latencies.push(performance.now() - started);
  }
  await frames.return?.();
  await reading;
  await client.dispose();
  console.log(
    `meter change: simulator → line → PostgreSQL → graphql-ws client, ${CHANGES} changes on ${simulated.egms.length} machines`,
  );
  console.log(
    `  p50 ${percentile(latencies, 0.5).toFixed(0)} ms   p99 ${percentile(latencies, 0.99).toFixed(0)} ms   worst ${Math.max(...latencies).toFixed(0)} ms   (goal: p99 ≤ 500 ms)`,
  );
}
