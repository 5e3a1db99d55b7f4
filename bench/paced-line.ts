/** Whether a host uses the line time that SAS leaves it: machines that take as long as real ones (SAS.md 2). */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createSasHost } from '../src/sas/host/host.ts';
import { openSerialPort } from '../src/sas/host/serial-port.ts';
import { atLeast, atMost } from './verdict.ts';

export interface LineUse {
  /** Bytes on the wire, and the turnaround of machines. */
  readonly busyMs: number;
  /** Silence though a machine could have been polled. */
  readonly lostMs: number;
  readonly polls: number;
}

export interface PacedOptions {
  readonly lines: number;
  readonly machinesPerLine: number;
  readonly turnaroundMs: number;
  readonly periodMs: number;
}

const WARM_UP_MS = 8_000;
const MEASURE_MS = 10_000;
const BUDGET_GOAL = 90;
const CPU_GOAL = 2;

/** Prints how much of the time in which somebody could have been polled the lines were used. */
export async function measurePaced(options: PacedOptions): Promise<void> {
  const { lines, machinesPerLine, turnaroundMs, periodMs } = options;
  const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
  const ttys = Array.from({ length: lines }, (_, at) => join(folder, `line-${at}`));
  const simulator = await startSimulator(options, ttys);
  const hosts = ttys.map((path) =>
    createSasHost({
      open: () => openSerialPort({ path, wakeupMode: 'MARKED' }),
      addresses: Array.from({ length: machinesPerLine }, (_, at) => at + 1),
      timing: { fastPollPeriodMs: periodMs },
      report: async () => {},
    }),
  );
  try {
    for (const host of hosts) host.start();
    await pause(WARM_UP_MS);
    const [before, cpuBefore, started] = [await useOf(simulator), process.cpuUsage(), performance.now()];
    await pause(MEASURE_MS);
    const cpu = process.cpuUsage(cpuBefore);
    const seconds = (performance.now() - started) / 1_000;
    const after = await useOf(simulator);
    const sum = (key: keyof LineUse) => total(after, key) - total(before, key);
    const used = sum('busyMs') / (sum('busyMs') + sum('lostMs'));
    const silences = hosts.reduce((count, host) => count + host.statistics().silences, 0);
    const cpuShare = (cpu.user + cpu.system) / 1e6 / seconds / lines;
    console.log(
      `paced: ${lines * machinesPerLine} machines on ${lines} lines, turnaround ${turnaroundMs} ms, poll period ${periodMs} ms, ${seconds.toFixed(1)} s`,
    );
    console.log(`  polls per second      ${Math.round(sum('polls') / seconds)}   (unanswered: ${silences})`);
    console.log(`  of the line's time    ${percent(sum('busyMs') / 1_000 / seconds / lines)} talking`);
    console.log(`  of the budget         ${percent(used)} used   ${atLeast(used * 100, BUDGET_GOAL, '%')}`);
    console.log(
      `  CPU of the host       ${percent(cpuShare)} of one core per line   ${atMost(cpuShare * 100, CPU_GOAL, '%')}`,
    );
  } finally {
    await Promise.all(hosts.map((host) => host[Symbol.asyncDispose]()));
    simulator.kill('SIGTERM');
    await rm(folder, { recursive: true, force: true });
  }
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

const total = (uses: readonly LineUse[], key: keyof LineUse): number =>
  uses.reduce((sum, use) => sum + use[key], 0);

async function startSimulator(
  { machinesPerLine, turnaroundMs, periodMs }: PacedOptions,
  ttys: readonly string[],
): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('./paced-simulator.ts', import.meta.url));
  const numbers = [machinesPerLine, turnaroundMs, periodMs].map(String);
  const simulator = spawn(process.execPath, ['--import', 'tsx', script, ...numbers, ...ttys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(simulator.stdout, 'data');
  return simulator;
}

async function useOf(simulator: ChildProcess): Promise<readonly LineUse[]> {
  simulator.kill('SIGUSR2');
  const [said]: unknown[] = simulator.stdout ? await once(simulator.stdout, 'data') : [];
  return JSON.parse(String(said)) as readonly LineUse[];
}
