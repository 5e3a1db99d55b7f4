/** A SAS line behind a TCP gateway or simulator that speaks the marked stream (SAS.md 13.2). */
import { once } from 'node:events';
import { createConnection, type Socket } from 'node:net';
import { createMarkedStreamDecoder, encodeMarkedStream } from '../codec/marked-stream.ts';
import type { LineSymbol } from '../codec/symbol.ts';
import type { Port } from './port.ts';
import { createPortListeners } from './port-listeners.ts';

export interface TcpPortOptions {
  readonly host: string;
  readonly port: number;
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
  const socket = createConnection({ host: options.host, port: options.port, noDelay: true, keepAlive: true });
  try {
    await once(socket, 'connect', {
      signal: AbortSignal.timeout(options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS),
    });
    return new TcpLine(socket);
  } catch (error) {
    socket.destroy();
    throw error;
  }
}

class TcpLine implements Port {
  readonly #socket: Socket;
  readonly #listeners = createPortListeners();
  readonly #decoder = createMarkedStreamDecoder();
  #disposed = false;
  #cause: Error | null = null;

  readonly onSymbols = this.#listeners.onSymbols;
  readonly onClosed = this.#listeners.onClosed;

  constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('data', (chunk) => this.#listeners.heard(this.#decoder.push(chunk)));
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
    this.#socket.write(encodeMarkedStream(symbols));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#disposed = true;
    if (this.#socket.closed) return;
    const closed = new Promise<void>((resolve) => this.#socket.once('close', () => resolve()));
    this.#socket.destroySoon();
    const impatience = setTimeout(() => this.#socket.destroy(), FLUSH_TIMEOUT_MS);
    await closed;
    clearTimeout(impatience);
  }
}
