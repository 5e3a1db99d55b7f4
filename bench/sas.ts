/** What the SAS host costs, paced by machines and as fast as it goes, and how soon a subscriber sees what a machine says. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSasHost } from '../src/sas/host/host.ts';
import { openSerialPort } from '../src/sas/host/serial-port.ts';
import { measureLatency } from './line-latency.ts';
import { measurePaced } from './paced-line.ts';

const LINES = 4;
const MACHINES_PER_LINE = 8;
const WARM_UP_MS = 3_000;
const MEASURE_MS = 10_000;

// Five milliseconds are what SAS.md reckons with; at 40 ms eight machines want more than the line has.
for (const periodMs of [40, 200])
  await measurePaced({ lines: LINES, machinesPerLine: MACHINES_PER_LINE, turnaroundMs: 5, periodMs });
await measureFast();
await measureLatency();

/** The simulators are processes of their own, so that only the host's work is counted. */
async function measureFast(): Promise<void> {
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
    const silences = hosts.reduce((sum, host) => sum + host.statistics().silences, 0);
    console.log(
      `fast: ${LINES * MACHINES_PER_LINE} machines that answer at once on ${LINES} lines over pseudo-terminals, ${seconds.toFixed(1)} s`,
    );
    console.log(`  exchanges per second      ${Math.round(count / seconds)}   (unanswered: ${silences})`);
    console.log(`  CPU of the host           ${((cpuSeconds / seconds) * 100).toFixed(1)} % of one core`);
    console.log(`  exchanges per CPU-second  ${Math.round(count / cpuSeconds)}`);
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
