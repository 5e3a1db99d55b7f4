import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { withDeadline } from './deadline.ts';

/** A WebSocket written byte by byte, which says what no library would. */
export interface RawSocket {
  readonly tcp: Socket;
  /** The answer to the handshake, head and body. */
  readonly handshake: string;
  /** Every whole frame of the server so far. */
  readonly frames: readonly Frame[];
  write(bytes: Uint8Array): void;
  /** The close frame of the server; null when the connection ended without one. */
  closed(): Promise<{ readonly code: number; readonly reason: string } | null>;
}

export interface Frame {
  readonly opcode: number;
  readonly payload: Buffer;
}

export const OPCODE = { CONTINUATION: 0, TEXT: 1, BINARY: 2, CLOSE: 8, PING: 9, PONG: 10 } as const;

/** A code that stands for a close frame without one, as in the API of browsers. */
const NO_CODE = 1005;
const DEADLINE_MS = 60_000;

export async function connectRaw(
  port: number,
  {
    protocol = 'graphql-transport-ws',
    path = '/graphql',
    method = 'GET',
    headers = {},
  }: {
    readonly protocol?: string | null;
    readonly path?: string;
    readonly method?: string;
    /** Instead of or beside those of a handshake; null leaves one out. */
    readonly headers?: Readonly<Record<string, string | null>>;
  } = {},
): Promise<RawSocket> {
  const all: Record<string, string | null> = {
    host: `127.0.0.1:${port}`,
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.alloc(16, 7).toString('base64'),
    'sec-websocket-protocol': protocol,
    ...headers,
  };
  const lines = Object.entries(all).flatMap(([name, value]) => (value === null ? [] : `${name}: ${value}`));
  const tcp = connectTcp(port, '127.0.0.1');
  tcp.on('error', () => {});
  const ended = once(tcp, 'close');
  const frames: Frame[] = [];
  let received = Buffer.alloc(0);
  let handshake = '';
  const answered = new Promise<void>((resolve) => {
    tcp.once('close', resolve);
    tcp.on('data', (data) => {
      received = Buffer.concat([received, data]);
      const head = received.indexOf('\r\n\r\n');
      if (handshake === '' && head < 0) return;
      if (handshake === '') {
        const isOpen = received.subarray(0, 12).toString() === 'HTTP/1.1 101';
        const end = isOpen ? head + 4 : received.length;
        handshake = received.subarray(0, end).toString();
        received = received.subarray(end);
        resolve();
      }
      for (let next = takeFrame(); next; next = takeFrame()) {
        frames.push(next);
        // As every client does: the server ends the connection then.
        if (next.opcode === OPCODE.CLOSE) tcp.write(frame(OPCODE.CLOSE, next.payload));
      }
    });
  });
  /** Servers do not mask, and never send more than 64 KiB to a test. */
  function takeFrame(): Frame | null {
    if (received.length < 2) return null;
    const short = received.readUInt8(1);
    const head = short < 126 ? 2 : 4;
    if (received.length < head) return null;
    const length = short < 126 ? short : received.readUInt16BE(2);
    if (received.length < head + length) return null;
    const frame = { opcode: received.readUInt8(0) & 0x0f, payload: received.subarray(head, head + length) };
    received = received.subarray(head + length);
    return frame;
  }
  tcp.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
  await withDeadline(answered, DEADLINE_MS, 'an answer to the handshake');

  return {
    tcp,
    get handshake() {
      return handshake;
    },
    frames,
    write: (bytes) => void tcp.write(bytes),
    async closed() {
      await withDeadline(ended, DEADLINE_MS, 'the end of the connection');
      const close = frames.find(({ opcode }) => opcode === OPCODE.CLOSE);
      if (!close) return null;
      if (close.payload.length < 2) return { code: NO_CODE, reason: '' };
      return { code: close.payload.readUInt16BE(0), reason: close.payload.subarray(2).toString() };
    },
  };
}

/** A frame of a client. Its mask is of zeros, so its payload stands in it as it is. */
export function frame(
  opcode: number,
  payload: Uint8Array | string = '',
  { fin = true, masked = true, reserved = 0 } = {},
): Buffer {
  const bytes = Buffer.from(payload as string);
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  const mask = masked ? 0x80 : 0;
  const length =
    bytes.length < 126 ? [mask | bytes.length] : [mask | 126, bytes.length >> 8, bytes.length & 255];
  return Buffer.concat([Buffer.from([first, ...length]), Buffer.alloc(masked ? 4 : 0), bytes]);
}

export const textFrame = (message: object | string): Buffer =>
  frame(OPCODE.TEXT, typeof message === 'string' ? message : JSON.stringify(message));
