import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { type ByteStream, PLAIN_STREAM } from '../../../src/sas/host/byte-stream.ts';
import type { LineControl } from '../../../src/sas/host/line-control.ts';
import type { HeardSymbol, Port, Sent } from '../../../src/sas/host/port.ts';
import { openSerialPort } from '../../../src/sas/host/serial-port.ts';
import { openTcpPort } from '../../../src/sas/host/tcp-port.ts';
import { LineControlError } from '../../../src/sas/host/termios.ts';
import { steadyClock } from '../../support/steady-clock.ts';
import { openPty } from './pty.ts';
import { until } from './until.ts';

const GENERAL_POLL = messageSymbols(Uint8Array.of(0x81));
const LOCK = messageSymbols(Uint8Array.of(0x01, 0x01, 0x51, 0x08));

const opened: (Port | Disposable)[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) {
    if (Symbol.asyncDispose in each) await each[Symbol.asyncDispose]();
    else each[Symbol.dispose]();
  }
});

function hear(port: Port) {
  const heard: HeardSymbol[] = [];
  const closings: (Error | null)[] = [];
  port.onSymbols((symbols) => heard.push(...symbols));
  port.onClosed((cause) => closings.push(cause));
  return { heard, closings };
}

async function aPtyLine({
  lineControl,
  wakeupMode = lineControl ? 'PARITY' : 'MARKED',
}: {
  readonly lineControl?: LineControl;
  readonly wakeupMode?: 'MARKED' | 'PLAIN' | 'PARITY';
} = {}) {
  const pty = await openPty();
  opened.push(pty);
  const received: number[] = [];
  pty.onData((bytes) => received.push(...bytes));
  const port = await openSerialPort({
    path: pty.path,
    wakeupMode,
    ...(lineControl && { lineControl }),
  });
  opened.push(port);
  return { pty, port, received, ...hear(port) };
}

test('a pseudo-terminal carries the ninth bit in-band in both directions', async () => {
  const { pty, port, received, heard } = await aPtyLine();
  port.send(GENERAL_POLL);
  await until(() => received.length === 3);
  expect(received).toEqual([0xff, 0x00, 0x81]);

  pty.write(Uint8Array.of(0x01, 0xff, 0xff, 0x69, 0xff, 0x00, 0x01));
  await until(() => heard.length === 4);
  expect(heard).toEqual([0x01, 0xff, 0x69, 0x101]);
});

test('bytes a terminal would swallow arrive as they are', async () => {
  const { pty, port, received, heard } = await aPtyLine();
  const control = [0x03, 0x04, 0x0a, 0x0d, 0x11, 0x13, 0x1a, 0x1c, 0x7f];
  pty.write(Uint8Array.from(control));
  await until(() => heard.length === control.length);
  expect(heard).toEqual(control);

  port.send(control);
  await until(() => received.length === control.length);
  expect(received).toEqual(control);
});

test('the end of the other side closes the port at once, whether it was heard or silent', async () => {
  const { pty, closings } = await aPtyLine();
  using clock = steadyClock();
  pty.hangUp();
  await until(() => closings.length === 1);
  expect(clock.elapsedMs).toBeLessThan(1_000);
});

test('a hang-up right behind bytes is noticed too, and only once', async () => {
  const { pty, port, heard, closings } = await aPtyLine();
  pty.write(Uint8Array.of(0x11));
  await until(() => heard.length === 1);
  pty.hangUp();
  port.send(GENERAL_POLL);
  await until(() => closings.length === 1);
  port.send(GENERAL_POLL);
  await port[Symbol.asyncDispose]();
  expect(closings).toHaveLength(1);
});

test('closing it ourselves is not reported as a close', async () => {
  const { port, closings } = await aPtyLine();
  await port[Symbol.asyncDispose]();
  port.send(GENERAL_POLL);
  expect(closings).toEqual([]);
});

test('a line is locked: the second host is refused', async () => {
  const { pty } = await aPtyLine();
  await expect(openSerialPort({ path: pty.path, wakeupMode: 'MARKED' })).rejects.toThrow(/lock/i);
});

test('a device that is not there is an error, not a crash', async () => {
  await expect(openSerialPort({ path: '/dev/no-such-line', wakeupMode: 'MARKED' })).rejects.toThrow(
    /no-such-line/,
  );
});

test('without a ninth bit every byte travels as it is', async () => {
  const { pty, port, received, heard } = await aPtyLine({ wakeupMode: 'PLAIN' });
  port.send([...GENERAL_POLL, ...messageSymbols(Uint8Array.of(0x01, 0xff))]);
  await until(() => received.length === 3);
  expect(received).toEqual([0x81, 0x01, 0xff]);

  pty.write(Uint8Array.of(0x01, 0xff, 0x00, 0x51));
  await until(() => heard.length === 4);
  expect(heard).toEqual([0x01, 0xff, 0x00, 0x51]);
  expect(port.onSent).toBeUndefined();
});

/** Writes down what it is to send. */
function aLineControl(reads: LineControl['reads'] = 'MARKED') {
  const calls: string[] = [];
  const gaps = [null, 1.5, 0.5];
  const lineControl: LineControl = {
    reads,
    setup: () => void calls.push('setup'),
    sendWithWakeup(_, bytes) {
      calls.push(Buffer.from(bytes).toString('hex'));
      return gaps.shift() ?? null;
    },
  };
  return { lineControl, calls };
}

test('PARITY leaves every message to the line control, and tells the longest pause of each sending', async () => {
  const { lineControl, calls } = aLineControl();
  const { pty, port, heard, received } = await aPtyLine({ lineControl });
  const sent: Sent[] = [];
  port.onSent?.((each) => sent.push(each));
  port.send([...messageSymbols(Uint8Array.of(0x80)), ...LOCK]);
  port.send(LOCK);
  port.send(GENERAL_POLL);
  expect(calls).toEqual(['setup', '80', '01015108', '01015108', '81']);
  expect(sent).toEqual([
    { hasLeft: true, gapMs: 1.5 },
    { hasLeft: true, gapMs: 0.5 },
    { hasLeft: true, gapMs: null },
  ]);

  pty.write(Uint8Array.of(0xff, 0x00, 0x01));
  await until(() => heard.length === 1);
  expect(heard).toEqual([0x101]);
  expect(received).toEqual([]);
});

test('where the ninth bit of what is received cannot be told, FF is a byte like any other', async () => {
  const { pty, heard } = await aPtyLine({ lineControl: aLineControl('PLAIN').lineControl });
  pty.write(Uint8Array.of(0x01, 0xff, 0x69));
  await until(() => heard.length === 3);
  expect(heard).toEqual([0x01, 0xff, 0x69]);
});

test('a driver that cannot do parity closes the device again', async () => {
  const pty = await openPty();
  opened.push(pty);
  const lineControl: LineControl = {
    reads: 'MARKED',
    setup() {
      throw new Error('no CMSPAR here');
    },
    sendWithWakeup: () => null,
  };
  await expect(openSerialPort({ path: pty.path, wakeupMode: 'PARITY', lineControl })).rejects.toThrow(
    'no CMSPAR',
  );
  opened.push(await openSerialPort({ path: pty.path, wakeupMode: 'MARKED' }));
});

test.runIf(process.platform === 'linux').each(['PARITY', 'EVEN_ODD'] as const)(
  'a pseudo-terminal, which has no parity, is refused for %s',
  async (wakeupMode) => {
    const pty = await openPty();
    opened.push(pty);
    const opening = openSerialPort({ path: pty.path, wakeupMode });
    await expect(opening).rejects.toThrow(LineControlError);
    await expect(opening).rejects.toThrow(/ignores (MARK and SPACE|EVEN and ODD) parity/);
  },
);

async function aGateway(stream?: ByteStream) {
  const server = createServer({ noDelay: true });
  const sockets: Socket[] = [];
  server.on('connection', (socket) => sockets.push(socket));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  opened.push({
    [Symbol.dispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  });
  const port = await openTcpPort({
    host: '127.0.0.1',
    port: address.port,
    ...(stream && { stream }),
  });
  opened.push(port);
  await until(() => sockets.length === 1);
  const received: number[] = [];
  sockets[0]?.on('data', (chunk) => received.push(...chunk));
  return { server, gateway: sockets[0], port, received, ...hear(port) };
}

test('a TCP gateway carries the same marked stream', async () => {
  const { gateway, port, received, heard } = await aGateway();
  port.send(LOCK);
  await until(() => received.length === 6);
  expect(received).toEqual([0xff, 0x00, 0x01, 0x01, 0x51, 0x08]);
  gateway?.write(Uint8Array.of(0x01));
  await until(() => heard.length === 1);
  expect(heard).toEqual([0x01]);
});

test('a gateway may carry no ninth bit at all', async () => {
  const { gateway, port, received, heard } = await aGateway(PLAIN_STREAM);
  port.send(LOCK);
  await until(() => received.length === 4);
  expect(received).toEqual([0x01, 0x01, 0x51, 0x08]);
  gateway?.write(Uint8Array.of(0x01, 0xff, 0xff));
  await until(() => heard.length === 3);
  expect(heard).toEqual([0x01, 0xff, 0xff]);
});

test('a gateway that hangs up closes the port', async () => {
  const { gateway, closings } = await aGateway();
  gateway?.destroy();
  await until(() => closings.length === 1);
});

test('a gateway nobody listens on is an error', async () => {
  const { server, port } = await aGateway();
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening on TCP');
  await port[Symbol.asyncDispose]();
  server.close();
  await expect(openTcpPort({ host: '127.0.0.1', port: address.port })).rejects.toThrow(/ECONNREFUSED/);
});
