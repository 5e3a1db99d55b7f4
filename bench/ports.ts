/** What it costs to have a port in a process of its own, and what that is good for. */
import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { messageSymbols } from '../src/sas/codec/symbol.ts';
import { openPortHere, type PortSettings } from '../src/sas/host/open-port.ts';
import type { Port } from '../src/sas/host/port.ts';
import { openProcessPort } from '../src/sas/host/process-port.ts';
import { USUAL_STYLES } from '../src/sas/host/wire-format.ts';
import { percentile } from './percentile.ts';

const EXCHANGES = 2_000;
const MESSAGES = 300;
const BUSY_MS = 40;
const SYNC_POLL = messageSymbols(Uint8Array.of(0x80));
const GENERAL_POLL = messageSymbols(Uint8Array.of(0x81));
const LONG_POLL = messageSymbols(Uint8Array.of(0x01, 0x1a));

const folder = await mkdtemp(join(tmpdir(), 'floorwire-bench-'));
const children: ChildProcess[] = [];
try {
  await measureExchanges();
  await measureGaps();
} finally {
  for (const child of children) child.kill();
  await rm(folder, { recursive: true, force: true });
}

/** A general poll and its answer over a pseudo-terminal; the machine is a process of its own. */
async function measureExchanges(): Promise<void> {
  const path = join(folder, 'line');
  const cli = fileURLToPath(new URL('../src/cli.ts', import.meta.url));
  const simulator = spawn(process.execPath, ['--import', 'tsx', cli, 'simulate', '--tty', path, '--idle'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(simulator);
  await once(simulator.stdout, 'data');
  const settings: PortSettings = {
    address: { kind: 'DEVICE', path },
    wakeupMode: 'MARKED',
    styles: USUAL_STYLES,
  };
  console.log(`ports: a general poll and its answer over a pseudo-terminal, ${EXCHANGES} times`);
  for (const [where, open] of [
    ['in this process', openPortHere],
    ['in its own', openProcessPort],
  ] as const) {
    const startMs = performance.now();
    await using port = await open(settings);
    const openMs = performance.now() - startMs;
    const tookMs = await exchanges(port);
    console.log(
      `  port ${where.padEnd(16)} p50 ${percentile(tookMs, 0.5).toFixed(2)} ms   p99 ${percentile(tookMs, 0.99).toFixed(2)} ms   opened in ${openMs.toFixed(0)} ms${memoryText()}`,
    );
  }
}

async function exchanges(port: Port): Promise<readonly number[]> {
  let answered: () => void = () => {};
  port.onSymbols(() => answered());
  const tookMs: number[] = [];
  for (let at = 0; at < EXCHANGES; at += 1) {
    port.send(SYNC_POLL);
    const startMs = performance.now();
    const answer = new Promise<void>((resolve) => {
      answered = resolve;
    });
    port.send(GENERAL_POLL);
    await Promise.race([answer, pause(1_000)]);
    tookMs.push(performance.now() - startMs);
  }
  return tookMs;
}

/** What the processes of ports hold in memory. */
function memoryText(): string {
  const held = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const status = readFileSync(`/proc/${pid}/status`, 'utf8');
        const isOurs = new RegExp(`^PPid:\\s+${process.pid}$`, 'm').test(status);
        const isPort = readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('port-process');
        return isOurs && isPort ? Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
  return held.length === 0 ? '' : `   holds ${Math.round(Math.max(...held) / 1_024)} MB`;
}

/** The pause inside a message to a port server, which is another process, while this one is idle and while it is not. */
async function measureGaps(): Promise<void> {
  const program = fileURLToPath(new URL('../test/sas/host/port-server-process.ts', import.meta.url));
  const server = fork(program, { execArgv: ['--import', 'tsx'] });
  children.push(server);
  const [{ port: number }] = (await once(server, 'message')) as [{ port: number }];
  await using port = await openProcessPort({
    address: { kind: 'TCP', host: '127.0.0.1', port: number },
    wakeupMode: 'RFC2217',
    styles: USUAL_STYLES,
  });
  console.log(`ports: the pause inside a message over RFC 2217, ${MESSAGES} messages`);
  for (const [state, busyMs] of [
    ['host idle', 0],
    [`host busy ${BUSY_MS} ms at a time`, BUSY_MS],
  ] as const) {
    const gaps = await pauses(port, busyMs);
    const long = gaps.filter((gap) => gap > 4).length;
    console.log(
      `  ${state.padEnd(28)} p50 ${percentile(gaps, 0.5).toFixed(2)} ms   p99 ${percentile(gaps, 0.99).toFixed(2)} ms   worst ${Math.max(...gaps).toFixed(2)} ms   over 4 ms: ${long}`,
    );
  }
}

async function pauses(port: Port, busyMs: number): Promise<readonly number[]> {
  const gaps: number[] = [];
  let told: () => void = () => {};
  port.onSent?.(({ gapMs }) => {
    if (gapMs !== null) gaps.push(gapMs);
    told();
  });
  for (let at = 0; at < MESSAGES; at += 1) {
    const sent = new Promise<void>((resolve) => {
      told = resolve;
    });
    port.send(LONG_POLL);
    await new Promise((resolve) => setImmediate(resolve));
    const endMs = performance.now() + busyMs;
    while (performance.now() < endMs);
    await sent;
  }
  return gaps;
}
