/** A simulated line on a TCP port of this machine. */
import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import type { LineSymbol } from '../codec/symbol.ts';
import type { HeardSymbol } from '../host/port.ts';
import { type LineCoding, MARKED_CODING } from './line-coding.ts';
import type { Wire } from './wire.ts';

export interface TcpLine extends Wire {
  /** Stays the same when the line is unplugged and plugged in again. */
  readonly port: number;
}

const LOOPBACK = '127.0.0.1';
/** What a host may leave unread before answers are lost. */
const UNREAD_LIMIT_BYTES = 65_536;

/** Listens on the loopback address; port 0 takes a free one. @throws Error when the port is taken */
export async function createTcpLine(port = 0, coding: LineCoding = MARKED_CODING): Promise<TcpLine> {
  const line = new LineOnTcp(port, coding);
  await line.plug();
  return line;
}

class LineOnTcp implements TcpLine {
  readonly #coding: LineCoding;
  #port: number;
  #server: Server | null = null;
  /** One host at a time, as on a serial line; a new one takes the place of the one before. */
  #host: Socket | null = null;
  #listener: (symbols: readonly HeardSymbol[]) => void = () => {};
  #last: Promise<void> = Promise.resolve();

  constructor(port: number, coding: LineCoding) {
    this.#port = port;
    this.#coding = coding;
  }

  get port(): number {
    return this.#port;
  }

  onSymbols(listener: (symbols: readonly HeardSymbol[]) => void): void {
    this.#listener = listener;
  }

  send(symbols: readonly LineSymbol[]): void {
    const host = this.#host;
    if (host === null || host.writableLength > UNREAD_LIMIT_BYTES) return;
    host.write(this.#coding.encode(symbols));
  }

  plug(): Promise<void> {
    return this.#next(() => this.#open());
  }

  unplug(): Promise<void> {
    return this.#next(() => this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.unplug();
  }

  /** Plugging and unplugging happen one after the other, whatever the caller awaits. */
  #next(step: () => Promise<void>): Promise<void> {
    const next = this.#last.then(step);
    this.#last = next.catch(() => {});
    return next;
  }

  async #open(): Promise<void> {
    if (this.#server !== null) return;
    const server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    server.listen(this.#port, LOOPBACK);
    await once(server, 'listening');
    // From here on an error is about one connection that could not be accepted.
    server.on('error', () => {});
    const address = server.address();
    if (address !== null && typeof address === 'object') this.#port = address.port;
    this.#server = server;
  }

  #accept(socket: Socket): void {
    const decoder = this.#coding.createDecoder();
    this.#host?.destroy();
    this.#host = socket;
    socket.on('data', (chunk: Buffer) => this.#listener(decoder.push(chunk)));
    // A host that goes away without a word is followed by 'close', like any other.
    socket.on('error', () => {});
    socket.on('close', () => {
      if (this.#host === socket) this.#host = null;
    });
  }

  async #close(): Promise<void> {
    const server = this.#server;
    if (server === null) return;
    this.#server = null;
    this.#host?.destroy();
    server.close();
    await once(server, 'close');
  }
}
