import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { ClientTrace } from '../auth/session.ts';
import { CLOSE } from '../graphql/close-codes.ts';
import { newId } from '../lib/ids.ts';
import { type Identity, NOBODY } from './authenticate.ts';
import { Expiry } from './expiry.ts';
import { encodeText } from './frame.ts';
import type { Limits } from './limits.ts';
import { SLOW_SHARE } from './sink.ts';
import { type Flushable, flushAtEndOfTurn } from './turn.ts';

/** How a socket ended, or is about to. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** What the server tells a client by itself. */
export type Notice =
  | { readonly notice: 'AUTH_EXPIRING'; readonly expiresAt: Date }
  | { readonly notice: 'SERVER_DRAINING'; readonly reconnectAfterMs: number };

const EXPIRED = 'WS_002 What this socket was opened with has expired. Connect with another token.';
const TOO_SLOW = 'WS_004 The socket is read too slowly. Resume after the last cursor.';

/** The protocol allows 123 bytes. */
const MAX_REASON_BYTES = 123;

/** A WebSocket that is open, whoever is at its other end. */
export class Connection implements Flushable {
  readonly id = newId();
  readonly openedAt = new Date();
  readonly client: ClientTrace;
  /** Queries and mutations under way on it. */
  running = 0;
  /** When closing began from either side; nothing is sent any more. */
  readonly ended: Promise<Ending>;

  readonly #socket: WebSocket;
  /** Beneath the WebSocket: whole messages are written to it directly, several at once. */
  readonly #stream: Duplex;
  readonly #maxBufferedBytes: number;
  #end!: (ending: Ending) => void;
  #identity = NOBODY;
  readonly #expiry: Expiry;
  #isAlive = true;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  constructor(socket: WebSocket, stream: Duplex, options: { client: ClientTrace; limits: Limits }) {
    this.client = options.client;
    this.#socket = socket;
    this.#stream = stream;
    this.#maxBufferedBytes = options.limits.maxBufferedBytes;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#expiry = new Expiry({
      noticeMs: options.limits.expiryNoticeMs,
      onNotice: (expiresAt) => this.notify({ notice: 'AUTH_EXPIRING', expiresAt }),
      onEnd: () => this.close(CLOSE.TOKEN_REFUSED, EXPIRED),
    });
    this.ended.then(() => this.#expiry.stop());
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.once('close', (code, reason) => this.#end({ code, reason: reason.toString() }));
  }

  /** Who is at its other end: nobody before `connection_init`. What showed it is not kept. */
  get identity(): Identity {
    return this.#identity;
  }

  /** Written and gathered, and not yet taken by the network. */
  get bufferedBytes(): number {
    return this.#stream.writableLength + this.#waitingBytes;
  }

  get isSlow(): boolean {
    return this.bufferedBytes > this.#maxBufferedBytes * SLOW_SHARE;
  }

  get isFull(): boolean {
    return this.bufferedBytes > this.#maxBufferedBytes;
  }

  /** Resolves when the network has taken what waited, or the socket is gone. It does not throw. */
  async drained(): Promise<void> {
    this.flush();
    if (!this.#stream.writableNeedDrain || this.#socket.readyState !== this.#socket.OPEN) return;
    await new Promise<void>((resolve) => {
      const settle = () => {
        this.#stream.off('drain', settle).off('close', settle);
        resolve();
      };
      this.#stream.on('drain', settle).on('close', settle);
    });
  }

  /** Adds a whole WebSocket message to what is written at the end of this turn. */
  queue(message: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#waiting.length === 0) flushAtEndOfTurn(this);
    this.#waiting.push(message);
    this.#waitingBytes += message.length;
  }

  flush(): void {
    const messages = this.#waiting;
    if (messages.length === 0) return;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const [only] = messages;
    this.#stream.write(messages.length === 1 ? only : Buffer.concat(messages));
  }

  /** A message of the protocol, in order with the frames of subscriptions. Resolves when there is room for more. */
  async send(text: string): Promise<void> {
    this.queue(encodeText(text));
    if (this.isFull) return this.closeAsSlow();
    if (this.isSlow) await this.drained();
  }

  /** Says something that no operation asked for: a `ping` of the protocol, which every client answers. */
  notify(notice: Notice): void {
    this.queue(encodeText(JSON.stringify({ type: 'ping', payload: notice })));
  }

  closeAsSlow(): void {
    this.close(CLOSE.SLOW_CONSUMER, TOO_SLOW);
  }

  /** Closes once; later calls change nothing. A reason begins with an error code where there is one. */
  close(code: number, reason: string): void {
    this.flush();
    this.#socket.close(code, cut(reason));
    this.#end({ code, reason });
  }

  terminate(): void {
    this.#socket.terminate();
  }

  /** Says who is at its other end. It closes when what he showed ends, and not when what he showed before does. */
  identify(shown: Identity): void {
    this.#identity = shown;
    this.#expiry.set(shown.expiresAt);
  }

  /** Pings, or ends a socket that did not answer the ping before. */
  checkAlive(): void {
    if (!this.#isAlive) this.terminate();
    else this.#socket.ping();
    this.#isAlive = false;
  }
}

/** Whole characters within the bytes a close frame has. */
function cut(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true });
}
