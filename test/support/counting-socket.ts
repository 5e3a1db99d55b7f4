import { randomBytes } from 'node:crypto';
import { connect } from 'node:net';
import { createFrameReader } from './frame-reader.ts';

/** A WebSocket that counts what it is told and reads nothing of it: thousands of them fit in one process. */
export interface CountingSocket {
  /** Messages since it had said all it had to say. */
  readonly frames: number;
  /** All that came, in bytes. */
  readonly bytes: number;
  /** Whether it is over, from whichever side. */
  readonly isOver: boolean;
  /** The code with which the server closed it; null when it did not. */
  readonly closeCode: number | null;
  /** Reads nothing any more, not even that it is over. */
  stall(): void;
  destroy(): void;
}

export interface CountingSocketOptions {
  readonly port: number;
  /** What it says, a message when the one before was answered; the last is not waited for. */
  readonly hello: readonly string[];
  readonly onFrame?: (socket: CountingSocket) => void;
  /** Default true. */
  readonly answersPings?: boolean;
}

const TEXT = 0x1;
const CLOSE = 0x8;
const PING = 0x9;
const PONG = 0xa;

/** Resolves when it has said all it has to say. Rejects when the server does not open it. */
function openCountingSocket(options: CountingSocketOptions): Promise<CountingSocket> {
  const { port, onFrame, answersPings = true } = options;
  return new Promise((resolve, reject) => {
    const stream = connect({ port, host: '127.0.0.1', noDelay: true });
    const messages = [...options.hello];
    let isOpen = false;
    const state = { frames: 0, bytes: 0, isOver: false, closeCode: null as number | null };
    const socket: CountingSocket = Object.assign(state, {
      stall: () => void stream.pause(),
      destroy: () => void stream.destroy(),
    });
    const speak = () => {
      const message = messages.shift();
      if (message !== undefined) stream.write(masked(TEXT, message));
      if (messages.length === 0) resolve(socket);
    };
    const count = () => {
      state.frames += 1;
      onFrame?.(socket);
    };
    const read = createFrameReader((opcode, payload) => {
      if (opcode === PING && answersPings) stream.write(masked(PONG, ''));
      if (opcode === CLOSE) state.closeCode = payload.length < 2 ? 1005 : payload.readUInt16BE(0);
      if (opcode === TEXT) messages.length > 0 ? speak() : count();
    });
    stream.once('error', reject);
    stream.once('close', () => {
      state.isOver = true;
    });
    stream.once('connect', () => stream.write(upgrade(port)));
    stream.on('data', (chunk) => {
      state.bytes += chunk.length;
      if (isOpen) return read(chunk);
      const end = chunk.indexOf('\r\n\r\n');
      if (end < 0 || !chunk.toString('latin1', 0, 12).includes(' 101'))
        return stream.destroy(new Error(`no socket: ${chunk.toString('latin1', 0, 200)}`));
      isOpen = true;
      speak();
      read(chunk.subarray(end + 4));
    });
  });
}

/** As many at a time as a server that takes new connections in turn has room for. */
const AT_ONCE = 64;

/** Opens one for each place from 0 on. */
export async function openCountingSockets(
  count: number,
  optionsOf: (at: number) => CountingSocketOptions,
): Promise<readonly CountingSocket[]> {
  const sockets: CountingSocket[] = [];
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(AT_ONCE, count) }, async () => {
      while (next < count) {
        const at = next;
        next += 1;
        sockets[at] = await openCountingSocket(optionsOf(at));
      }
    }),
  );
  return sockets;
}

const upgrade = (port: number): string =>
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
