import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, test } from 'vitest';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { createSasHost, type HostReport } from '../../../src/sas/host/host.ts';
import type { PortSettings } from '../../../src/sas/host/open-port.ts';
import type { HeardSymbol, Port, Sent } from '../../../src/sas/host/port.ts';
import { openProcessPort } from '../../../src/sas/host/process-port.ts';
import { BYTE_MS, USUAL_STYLES } from '../../../src/sas/host/wire-format.ts';
import { createEgm } from '../../../src/sas/simulator/egm.ts';
import { createLine } from '../../../src/sas/simulator/line.ts';
import { aPortServer } from './port-server.ts';
import { openPty } from './pty.ts';
import { until } from './until.ts';

const LONG_POLL = messageSymbols(Uint8Array.of(0x01, 0x1a));
const DEADLINE_MS = 60_000;

const opened: (AsyncDisposable | Disposable)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

const program = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

const tcp = (port: number, wakeupMode: PortSettings['wakeupMode'] = 'RFC2217'): PortSettings => ({
  address: { kind: 'TCP', host: '127.0.0.1', port },
  wakeupMode,
  styles: USUAL_STYLES,
});

const device = (path: string, wakeupMode: PortSettings['wakeupMode'] = 'MARKED'): PortSettings => ({
  address: { kind: 'DEVICE', path },
  wakeupMode,
  styles: USUAL_STYLES,
});

async function open(settings: PortSettings) {
  const port = await openProcessPort(settings);
  opened.push(port);
  return { port, ...hear(port) };
}

function hear(port: Port) {
  const heard: HeardSymbol[] = [];
  const sent: Sent[] = [];
  const closings: (Error | null)[] = [];
  port.onSymbols((symbols) => heard.push(...symbols));
  port.onSent?.((each) => sent.push(each));
  port.onClosed((cause) => closings.push(cause));
  return { heard, sent, closings };
}

/** Processes of ports that this one has started. */
function portProcesses(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((pid) => {
      try {
        const isOurs =
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ')[1] === `${process.pid}`;
        return isOurs && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('port-process')
          ? [Number(pid)]
          : [];
      } catch {
        // It ended meanwhile.
        return [];
      }
    });
}

test('a port in a process of its own hears and speaks like any other', async () => {
  const pty = await openPty();
  opened.push(pty);
  const received: number[] = [];
  pty.onData((bytes) => received.push(...bytes));
  const { port, heard, sent } = await open(device(pty.path));
  port.send(messageSymbols(Uint8Array.of(0x81)));
  await until(() => received.length === 3 && sent.length === 1);
  expect(received).toEqual([0xff, 0x00, 0x81]);
  pty.write(Uint8Array.of(0xff, 0xff, 0xff, 0x00, 0x01));
  await until(() => heard.length === 2);
  expect(heard).toEqual([0xff, 0x101]);
});

test('why a device cannot be opened is said here', async () => {
  const pty = await openPty();
  opened.push(pty);
  await expect(openProcessPort(device('/dev/no-such-line'))).rejects.toThrow(/no-such-line/);
  await expect(openProcessPort(device(pty.path, 'PARITY'))).rejects.toThrow(/ignores MARK and SPACE parity/);
  await expect(openProcessPort(device(pty.path, 'RFC2217'))).rejects.toThrow(/RFC2217 is no way/);
});

test('a device that goes away closes the port', async () => {
  const pty = await openPty();
  opened.push(pty);
  const { port, closings } = await open(device(pty.path));
  pty.hangUp();
  await until(() => closings.length === 1);
  expect(closings[0]?.message).toMatch(/went away/);
  port.send(LONG_POLL);
  expect(closings).toHaveLength(1);
});

/** A port server in a process of its own. */
async function aDistantServer() {
  const child = fork(program('port-server-process.ts'), { execArgv: ['--import', 'tsx'] });
  opened.push({ [Symbol.dispose]: () => void child.kill() });
  const [{ port }] = (await once(child, 'message')) as [{ port: number }];
  return {
    port,
    /** What it was told so far; from then on it takes so long to switch to SPACE parity. */
    async told(slowMs = 0): Promise<{ readonly log: readonly string[]; readonly atMs: readonly number[] }> {
      const answer = once(child, 'message');
      child.send({ slowMs });
      return (await answer)[0];
    },
  };
}

/** When the address and what follows it came. */
function pauseOf({
  log,
  atMs,
}: {
  readonly log: readonly string[];
  readonly atMs: readonly number[];
}): number {
  const address = log.lastIndexOf('01');
  expect(log.slice(address - 1)).toEqual(['PARITY 4', '01', 'PARITY 5', '1a']);
  return (atMs[address + 1] ?? 0) - (atMs[address] ?? 0);
}

test('a switch is held back until the byte in front of it must be gone', async () => {
  const server = await aDistantServer();
  const { port, sent } = await open(tcp(server.port));
  const seen: number[] = [];
  // A server that is not let run in between finds both at once: once it must have been.
  while (Math.max(0, ...seen) <= BYTE_MS && seen.length < 200) {
    port.send(LONG_POLL);
    await until(() => sent.length === seen.length + 1);
    seen.push(pauseOf(await server.told()));
  }
  expect(Math.max(...seen)).toBeGreaterThan(BYTE_MS);
  expect(Math.min(...sent.map(({ gapMs }) => gapMs ?? 0))).toBeGreaterThanOrEqual(1.5);
});

test('a port server that is slow to switch shows as a long pause', async () => {
  const server = await aDistantServer();
  const { port, sent } = await open(tcp(server.port));
  await server.told(1_000);
  port.send(LONG_POLL);
  await until(() => sent.length === 1);
  expect(sent[0]?.gapMs).toBeGreaterThan(500);
});

test.runIf(process.platform === 'linux')(
  'a message that comes too late is not sent: the line may be another driver’s by then',
  async () => {
    const server = await aPortServer();
    opened.push(server);
    const { port, sent } = await open(tcp(server.port));
    const start = server.log.length;
    const [pid = 0] = portProcesses();
    process.kill(pid, 'SIGSTOP');
    port.send(LONG_POLL);
    const lateMs = performance.now() + 1_100;
    await until(() => performance.now() > lateMs);
    process.kill(pid, 'SIGCONT');
    await until(() => sent.length === 1);
    port.send(messageSymbols(Uint8Array.of(0x81)));
    await until(() => sent.length === 2);
    expect(server.log.slice(start)).toEqual(['PARITY 4', '81', 'PARITY 5']);
  },
);

test('work that holds up the host does not stretch the pause inside a message', async () => {
  const server = await aDistantServer();
  const { port, sent } = await open(tcp(server.port));
  port.send(LONG_POLL);
  await until(() => sent.length === 1);
  const busyMs = 3_000;
  port.send(LONG_POLL);
  // The message is with the other process as soon as this one waits for anything at all.
  await new Promise((resolve) => setImmediate(resolve));
  const endMs = performance.now() + busyMs;
  while (performance.now() < endMs);
  expect(sent).toHaveLength(1);
  await until(() => sent.length === 2);
  expect(pauseOf(await server.told())).toBeLessThan(busyMs / 2);
});

/** A host whose port is in a process of its own, and one machine behind a port server. */
async function aDistantMachine({ onException = () => {} }: { onException?: () => void } = {}) {
  const server = await aPortServer();
  opened.push(server);
  const egm = createEgm({ address: 1 });
  opened.push(egm);
  const line = createLine({ egms: [egm] });
  server.onWire((symbol) => line.hear([symbol]));
  line.onReply((symbols) => server.receive(symbols));
  const reports: HostReport[] = [];
  const host = createSasHost({
    open: () => openProcessPort(tcp(server.port)),
    addresses: [1],
    report: async (made) => {
      reports.push(made);
      if (made.kind === 'exception') onException();
    },
  });
  opened.push(host);
  host.start();
  return {
    egm,
    host,
    links: () => reports.flatMap((made) => (made.kind === 'link' ? made.state : [])).join(),
    told: () => reports.flatMap((made) => (made.kind === 'exception' ? made.code : [])),
    lines: () => reports.flatMap((made) => (made.kind === 'line' ? [[made.state, made.cause]] : [])),
  };
}

function killPort(): void {
  const [pid] = portProcesses();
  process.kill(pid ?? 0, 'SIGKILL');
}

test.runIf(process.platform === 'linux')(
  'a host opens its port again when the process of the port is killed, and loses nothing',
  async () => {
    const { egm, host, links, told, lines } = await aDistantMachine();
    await until(() => links() === 'ONLINE' && told().length === 1, DEADLINE_MS);

    killPort();
    await until(() => links() === 'ONLINE,OFFLINE', DEADLINE_MS);
    egm.insertBill(20n);
    await until(() => links() === 'ONLINE,OFFLINE,ONLINE' && told().length === 2, DEADLINE_MS);

    expect(lines()).toEqual([
      ['UP', null],
      ['DOWN', 'its process ended with SIGKILL'],
      ['UP', null],
    ]);
    expect(told()).toEqual([0x17, 0x4a]);
    await until(() => (host.statistics().worstGapMs ?? 0) >= 1.5, DEADLINE_MS);
  },
);

test.runIf(process.platform === 'linux')(
  'an exception whose acknowledgement dies with the process of the port is not told again',
  async () => {
    let isKilled = false;
    const { egm, links, told } = await aDistantMachine({
      onException() {
        if (!isKilled) killPort();
        isKilled = true;
      },
    });
    await until(() => links() === 'ONLINE,OFFLINE', DEADLINE_MS);
    egm.insertBill(20n);
    await until(() => links() === 'ONLINE,OFFLINE,ONLINE' && told().includes(0x4a), DEADLINE_MS);
    expect(told()).toEqual([0x17, 0x4a]);
  },
);

test.runIf(process.platform === 'linux')('a port that is closed leaves no process behind', async () => {
  const server = await aPortServer();
  opened.push(server);
  const { port, closings } = await open(tcp(server.port));
  expect(portProcesses()).toHaveLength(1);
  await port[Symbol.asyncDispose]();
  expect(portProcesses()).toEqual([]);
  expect(closings).toEqual([]);
});

test('its process outlives the signals its parent is sent, and not its parent', async () => {
  const server = createServer();
  opened.push({ [Symbol.dispose]: () => void server.close() });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  const connected = once(server, 'connection');
  const owner: ChildProcess = spawn(
    process.execPath,
    ['--import', 'tsx', program('port-owner-process.ts'), `${address.port}`],
    // In a group of its own, as from a terminal.
    { stdio: ['ignore', 'ignore', 'inherit'], detached: true },
  );
  const [socket] = (await connected) as [Socket];
  let received = 0;
  let isClosed = false;
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    received += chunk.length;
  });
  socket.on('close', () => {
    isClosed = true;
  });
  await until(() => received > 0, DEADLINE_MS);

  process.kill(-(owner.pid ?? 0), 'SIGINT');
  const before = received;
  await until(() => received > before + 30, DEADLINE_MS);
  expect(isClosed).toBe(false);

  owner.kill('SIGKILL');
  await until(() => isClosed, DEADLINE_MS);
});
