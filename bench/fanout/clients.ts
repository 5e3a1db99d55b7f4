/** A process full of sockets that count what arrives on them. */
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { createFrameReader } from './frame-reader.ts';
import { serveCommands } from './ipc.ts';
import { type ClientCommand, type ClientTask, type Count, nowMs } from './protocol.ts';

const AT_ONCE = 64;
const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

let frames = 0;
let bytes = 0;
let closed = 0;
let sampled = 0;
const perSocket: number[] = [];
const arrivals: number[][] = [];
const expected: { readonly frames: number; readonly resolve: () => void }[] = [];

serveCommands<ClientTask, ClientCommand>(async ({ port, hellos }) => {
  const left = hellos.map((hello, at) => ({ hello, at }));
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (let next = left.shift(); next; next = left.shift()) await open(port, next);
    }),
  );
  return { greeting: null, answer };
});

function answer(command: ClientCommand): Promise<void> | Count | null {
  if (command.do === 'count') {
    const reached = perSocket.filter((count) => count > 0).length;
    return { frames, bytes, reached, closed, arrivals };
  }
  if (command.do === 'reset') {
    frames = 0;
    bytes = 0;
    sampled = command.sampled;
    perSocket.fill(0);
    arrivals.splice(0, arrivals.length, ...Array.from({ length: sampled }, () => []));
    return null;
  }
  if (frames >= command.frames) return null;
  return new Promise((resolve) => expected.push({ frames: command.frames, resolve }));
}

function count(at: number): void {
  frames += 1;
  perSocket[at] = (perSocket[at] ?? 0) + 1;
  if (at < sampled) arrivals[at]?.push(nowMs());
  while (expected[0] && frames >= expected[0].frames) expected.shift()?.resolve();
}

/** Resolves when the socket has said all it has to say. */
function open(
  port: number,
  { hello, at }: { readonly hello: readonly string[]; readonly at: number },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const messages = [...hello];
    let isOpen = false;
    const speak = () => {
      const message = messages.shift();
      if (message !== undefined) socket.write(masked(TEXT, message));
      if (messages.length === 0) resolve();
    };
    const read = createFrameReader((opcode) => {
      if (opcode === PING) socket.write(masked(PONG, ''));
      if (opcode === CLOSE) closed += 1;
      if (opcode !== TEXT) return;
      if (messages.length > 0) speak();
      else count(at);
    });
    perSocket[at] = 0;
    socket.once('error', reject);
    socket.once('connect', () => socket.write(upgrade(port)));
    socket.on('data', (chunk) => {
      bytes += chunk.length;
      if (isOpen) return read(chunk);
      const end = chunk.indexOf('\r\n\r\n');
      if (end < 0 || !chunk.toString('latin1', 0, 12).includes(' 101')) return refuse(socket, chunk, reject);
      isOpen = true;
      speak();
      if (chunk.length > end + 4) read(chunk.subarray(end + 4));
    });
  });
}

function refuse(socket: Socket, chunk: Buffer, reject: (error: Error) => void): void {
  socket.destroy();
  reject(new Error(`no socket: ${chunk.toString('latin1', 0, 200)}`));
}

const upgrade = (port: number) =>
  [
    'GET /graphql HTTP/1.1',
    `Host: 127.0.0.1:${port}`,
    'Upgrade: websocket',
    'Connection: Upgrade',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Protocol: graphql-transport-ws',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    '\r\n',
  ].join('\r\n');

/** With a mask of zeros, which changes nothing. */
function masked(opcode: number, text: string): Buffer {
  const payload = Buffer.from(text);
  const head =
    payload.length < 126
      ? [0x80 | opcode, 0x80 | payload.length]
      : [0x80 | opcode, 0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), payload]);
}
