import { afterEach, expect, test } from 'vitest';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import type { HeardSymbol, Port, Sent } from '../../../src/sas/host/port.ts';
import { openRfc2217Port } from '../../../src/sas/host/rfc2217-port.ts';
import { LineControlError } from '../../../src/sas/host/termios.ts';
import { BYTE_MS, USUAL_STYLE, type WireStyle } from '../../../src/sas/host/wire-format.ts';
import { aPortServer, type PortServer, type PortServerOptions } from './port-server.ts';
import { until } from './until.ts';

const [IAC, DO, WILL, SB, SE] = [255, 253, 251, 250, 240];
const GENERAL_POLL = messageSymbols(Uint8Array.of(0x81));

const opened: AsyncDisposable[] = [];
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each[Symbol.asyncDispose]();
});

function open(server: PortServer, style: Partial<WireStyle> = {}): Promise<Port> {
  return openRfc2217Port({
    host: '127.0.0.1',
    port: server.port,
    styles: { usual: { ...USUAL_STYLE, ...style }, byAddress: new Map() },
    answerTimeoutMs: 1_000,
  });
}

async function aServer(options?: PortServerOptions): Promise<PortServer> {
  const server = await aPortServer(options);
  opened.push(server);
  return server;
}

/** A line that is set up; the server's log begins where it is. */
async function aLine(options: PortServerOptions = {}, style: Partial<WireStyle> = {}) {
  const server = await aServer(options);
  const port = await open(server, style);
  opened.push(port);
  const heard: HeardSymbol[] = [];
  const sent: Sent[] = [];
  const closings: (Error | null)[] = [];
  port.onSymbols((symbols) => heard.push(...symbols));
  port.onSent?.((each) => sent.push(each));
  port.onClosed((cause) => closings.push(cause));
  const start = server.log.length;
  return { server, port, heard, sent, closings, log: () => server.log.slice(start) };
}

const message = (...bytes: number[]) => messageSymbols(Uint8Array.from(bytes));

test('the port is set to 19200 baud, eight bits and SPACE parity, and MARK is tried', async () => {
  const { server } = await aLine();
  expect(server.log).toEqual([
    'BAUDRATE 0 0 75 0',
    'DATASIZE 8',
    'CONTROL 1',
    'CONTROL 8',
    'CONTROL 11',
    'COMMAND-10 0',
    'COMMAND-11 0',
    'COMMAND-12 3',
    'PARITY 4',
    'STOPSIZE 1',
    'PARITY 5',
  ]);
});

test('the address goes out with MARK parity and the rest with SPACE, FF doubled', async () => {
  const { port, log, sent } = await aLine();
  port.send([...message(0x80), ...message(0x01, 0x72, 0x02, 0xff, 0x00, 0x0f, 0x22)]);
  await until(() => sent.length === 1);
  expect(log()).toEqual([
    ...['PARITY 4', '80', 'PARITY 5'],
    ...['PARITY 4', '01', 'PARITY 5', '72', '02', 'ff', '00', '0f', '22'],
  ]);
});

test('a message right behind another waits until that must have left', async () => {
  const { port, log, sent } = await aLine();
  const broadcast = [0x00, 0x7f, 0x11, 0x21, 0x20, 0x26, 0x12, 0x30, 0x00, 0x00, 0x00];
  const startMs = performance.now();
  port.send([...message(...broadcast), ...GENERAL_POLL]);
  expect(performance.now() - startMs).toBeGreaterThan((broadcast.length + 1) * BYTE_MS);
  await until(() => sent.length === 1);
  expect(log().slice(-3)).toEqual(['PARITY 4', '81', 'PARITY 5']);
});

test('a general poll has no pause inside, and leaves the port in SPACE parity', async () => {
  const { port, log, sent } = await aLine();
  port.send(GENERAL_POLL);
  await until(() => sent.length === 1);
  expect(log()).toEqual(['PARITY 4', '81', 'PARITY 5']);
  expect(sent).toEqual([{ hasLeft: true, gapMs: null }]);
});

test.each([
  ['EVEN', ['01', '1a']],
  ['TWO_STOP_BITS', ['PARITY 1', 'STOPSIZE 2', '01', 'PARITY 5', 'STOPSIZE 1', '1a']],
] as const)('a machine that wants %s gets it', async (parityMode, wanted) => {
  const { port, log, sent } = await aLine({}, { parityMode });
  port.send(message(0x01, 0x1a));
  await until(() => sent.length === 1);
  expect(log()).toEqual(wanted);
});

test('a machine may want time behind its address', async () => {
  const { port, sent } = await aLine({}, { addressGapMs: 4 });
  port.send(message(0x01, 0x1a));
  await until(() => sent.length === 1);
  expect(sent[0]?.gapMs).toBeGreaterThanOrEqual(4);
});

test('what is received is taken out of the telnet stream, in any chunking', async () => {
  const { server, heard } = await aLine();
  server.receive([0x01, 0xff, 0x69, 0xdb, 0x5b]);
  await until(() => heard.length === 5);
  server.raw(0x01, IAC);
  await until(() => heard.length === 6);
  server.raw(IAC, 0x00, IAC, SB, 44);
  // The state of the modem, which nobody asked for, and an option nobody knows.
  server.raw(107, 0x30, IAC, SE, IAC, WILL, 1, 0x51);
  await until(() => heard.length === 9);
  expect(heard).toEqual([0x01, 0xff, 0x69, 0xdb, 0x5b, 0x01, 0xff, 0x00, 0x51]);
});

test('what else the server offers or asks for is declined, once', async () => {
  const { server, log } = await aLine();
  server.raw(IAC, WILL, 1, IAC, DO, 24);
  await until(() => log().length === 2);
  expect(log()).toEqual(['DONT 1', 'WONT 24']);
});

test.each([
  [44, /does not speak RFC 2217/],
  [0, /does not pass bytes on as they are/],
])('a server that declines option %d is refused in words', async (option, words) => {
  const server = await aServer({ declines: [option] });
  await expect(open(server)).rejects.toThrow(LineControlError);
  await expect(open(server)).rejects.toThrow(words);
});

test('a server whose port knows no MARK parity is refused in words', async () => {
  const server = await aServer({ grant: (name, value) => (name === 'PARITY' ? [1] : value) });
  await expect(open(server)).rejects.toThrow(/does not take MARK parity/);
});

test('a server that says nothing is given up', async () => {
  const server = await aServer({ grant: () => null });
  await expect(open(server)).rejects.toThrow(/does not answer/);
});

test('a server that no longer answers closes the port', async () => {
  let answers = true;
  const { port, closings } = await aLine({ grant: (_, value) => (answers ? value : null) });
  answers = false;
  port.send(GENERAL_POLL);
  await until(() => closings.length === 1);
  expect(closings[0]?.message).toMatch(/does not answer/);
  port.send(GENERAL_POLL);
});

test('a server that hangs up closes the port, once; closing it ourselves is no news', async () => {
  const { server, closings } = await aLine();
  server.hangUp();
  await until(() => closings.length === 1);
  const other = await aLine();
  await other.port[Symbol.asyncDispose]();
  other.port.send(GENERAL_POLL);
  expect([closings.length, other.closings.length]).toEqual([1, 0]);
});
