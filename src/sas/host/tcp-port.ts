/** A SAS line behind a 9-bit gateway or a simulator on TCP (SAS.md 13.2 and 13.3). */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import type { LineSymbol } from '../codec/symbol.ts';
import { type ByteStream, MARKED_STREAM } from './byte-stream.ts';
import type { Port } from './port.ts';
import { createPortListeners } from './port-listeners.ts';

export interface TcpPortOptions {
  readonly host: string;
  readonly port: number;
  /** How the ninth bit travels; in the marked stream by default. */
  readonly stream?: ByteStream;
  /** How long the connection may take; 5 s by default. */
  readonly connectTimeoutMs?: number;
}

const CONNECT_TIMEOUT_MS = 5_000;
/** A gateway that stops reading must not make us hold what it will never take. */
const MOST_UNSENT_BYTES = 4_096;
/** How long a close waits for the last bytes to leave. */
const FLUSH_TIMEOUT_MS = 500;

/** @throws Error when nobody answers in time. */
export async function openTcpPort(options: TcpPortOptions): Promise<Port> {
  return new TcpLine(await connectTo(options), options.stream ?? MARKED_STREAM);
}

/** @throws Error when nobody answers in time. */
export async function connectTo({ host, port, connectTimeoutMs }: TcpPortOptions): Promise<Socket> {
  const socket = createConnection({ host, port, noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(connectTimeoutMs ?? CONNECT_TIMEOUT_MS) });
    return socket;
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

class TcpLine implements Port {
  readonly #socket: Socket;
  readonly #listeners = createPortListeners();
  readonly #stream: ByteStream;
  #disposed = false;
  #cause: Error | null = null;

  readonly onSymbols = this.#listeners.onSymbols;
  readonly onClosed = this.#listeners.onClosed;

  constructor(socket: Socket, stream: ByteStream) {
    this.#socket = socket;
    this.#stream = stream;
    const decoder = stream.createDecoder();
    socket.on('data', (chunk) => this.#listeners.heard(decoder.push(chunk)));
    socket.on('error', (error) => {
      this.#cause = error;
    });
    socket.on('end', () => socket.destroy());
    socket.on('close', () => {
      if (!this.#disposed) this.#listeners.closed(this.#cause);
    });
  }

  send(symbols: readonly LineSymbol[]): void {
    if (this.#socket.destroyed || this.#socket.writableLength > MOST_UNSENT_BYTES) return;
    this.#socket.write(this.#stream.encode(symbols));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    await hangUp(this.#socket);
  }
}

/** Closes the connection behind the last byte, but does not wait for it for long. */
export async function hangUp(socket: Socket): Promise<void> {
  if (socket.closed) return;
  const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
  socket.destroySoon();
  const impatience = setTimeout(() => socket.destroy(), FLUSH_TIMEOUT_MS);
  await closed;
  clearTimeout(impatience);
}
