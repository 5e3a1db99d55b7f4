import type { Duplex } from 'node:stream';
import type { RawData, WebSocket } from 'ws';
import type { ClientTrace } from '../auth/session.ts';
import { CLOSE } from '../graphql/close-codes.ts';
import { newId } from '../lib/ids.ts';
import { type Identity, NOBODY } from './authenticate.ts';
import { type Expiring, Expiry } from './expiry.ts';
import { encodeText } from './frame.ts';
import type { Limits } from './limits.ts';
import { SLOW_SHARE } from './sink.ts';
import { type Flushable, flushAtEndOfTurn } from './turn.ts';

/** How a socket ended, or is about to. */
export interface Ending {
  readonly code: number;
  readonly reason: string;
}

/** Who speaks over a connection, and is told what comes of it. */
export interface Holder {
  /** The client has said something; not once closing has begun. */
  heard(text: string): void;
  /** Closing has begun, from either side, and nothing is sent any more. Told once. */
  ended(ending: Ending): void;
  /** The socket is no more. Told once, last. */
  gone(): void;
}

/** What the server tells a client by itself. */
export type Notice =
  | { readonly notice: 'AUTH_EXPIRING'; readonly expiresAt: Date }
  | { readonly notice: 'SERVER_DRAINING'; readonly reconnectAfterMs: number };

const EXPIRED = 'WS_002 What this socket was opened with has expired. Connect with another token.';
const TOO_SLOW = 'WS_004 The socket is read too slowly. Resume after the last cursor.';

/** Of all that may be buffered: how much of answers may wait for those before them to be taken. */
const HELD_SHARE = 8;

/** The protocol allows 123 bytes. */
const MAX_REASON_BYTES = 123;

/** A WebSocket that is open, whoever is at its other end. There are many: what each needs always is all it has. */
export class Connection implements Flushable, Expiring {
  readonly id = newId();
  readonly openedAt = new Date();
  readonly client: ClientTrace;
  /** Queries and mutations under way on it. */
  running = 0;

  readonly #socket: WebSocket;
  /** Beneath the WebSocket: whole messages are written to it directly, several at once. */
  readonly #stream: Duplex;
  readonly #limits: Limits;
  readonly #expiry = new Expiry(this);
  #holder: Holder | null = null;
  #identity = NOBODY;
  #isEnded = false;
  #isAlive = true;
  #waiting: Buffer[] | null = null;
  #waitingBytes = 0;
  /** Of the largest message since all was taken: whoever asked for more than may be buffered is not slow for that. */
  #largestBytes = 0;
  #heldBytes = 0;

  constructor(
    socket: WebSocket,
    stream: Duplex,
    { client, limits }: { client: ClientTrace; limits: Limits },
  ) {
    this.client = client;
    this.#socket = socket;
    this.#stream = stream;
    this.#limits = limits;
    socket.on('message', (data, isBinary) => this.#hear(data, isBinary));
    socket.on('pong', () => {
      this.#isAlive = true;
    });
    socket.once('close', (code, reason) => {
      this.#end({ code, reason: reason.toString() });
      this.#holder?.gone();
    });
  }

  /** From now on this one is told. To be called in the turn it was made. */
  holdBy(holder: Holder): void {
    this.#holder = holder;
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
    return this.bufferedBytes > this.#limits.maxBufferedBytes * SLOW_SHARE;
  }

  get isFull(): boolean {
    return this.bufferedBytes - this.#largestBytes > this.#limits.maxBufferedBytes;
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

  /**
   * Queues an answer, if it is wanted by then: large ones leave one after the other, as fast as they are taken, so that
   * who asked for several is not slow for that. Who asks for more and more and takes nothing is cut off. It does not throw.
   */
  async answer(message: Buffer, isWanted: () => boolean): Promise<void> {
    if (this.#heldBytes > this.#limits.maxBufferedBytes * HELD_SHARE) this.closeAsSlow();
    this.#heldBytes += message.length;
    while (this.isSlow && this.#socket.readyState === this.#socket.OPEN) {
      this.flush();
      if (!this.#stream.writableNeedDrain) break;
      await this.drained();
    }
    this.#heldBytes -= message.length;
    // In the same turn: the next of them looks whether there is room.
    if (isWanted()) this.queue(message);
  }

  /** Adds a whole WebSocket message to what is written at the end of this turn. */
  queue(message: Buffer): void {
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (this.#waiting === null) {
      if (this.#stream.writableLength === 0) this.#largestBytes = 0;
      this.#waiting = [message];
      flushAtEndOfTurn(this);
    } else this.#waiting.push(message);
    this.#waitingBytes += message.length;
    if (message.length > this.#largestBytes) this.#largestBytes = message.length;
  }

  flush(): void {
    const messages = this.#waiting;
    if (messages === null) return;
    this.#waiting = null;
    this.#waitingBytes = 0;
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    const [only] = messages;
    this.#stream.write(messages.length === 1 ? only : Buffer.concat(messages));
  }

  /** A message of the protocol, in order with the frames of subscriptions. Whoever does not read them is cut off. */
  send(message: object): void {
    this.queue(encodeText(JSON.stringify(message)));
    if (this.isFull) this.closeAsSlow();
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

  get noticeMs(): number {
    return this.#limits.expiryNoticeMs;
  }

  onExpiring(expiresAt: Date): void {
    this.notify({ notice: 'AUTH_EXPIRING', expiresAt });
  }

  onExpired(): void {
    this.close(CLOSE.TOKEN_REFUSED, EXPIRED);
  }

  #hear(data: RawData, isBinary: boolean): void {
    // A socket that is closing may still be told things, and does nothing about them.
    if (this.#socket.readyState !== this.#socket.OPEN) return;
    if (isBinary) this.close(CLOSE.BAD_MESSAGE, 'Messages are text');
    else this.#holder?.heard(String(data));
  }

  #end(ending: Ending): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#expiry.stop();
    this.#holder?.ended(ending);
  }
}

/** Whole characters within the bytes a close frame has. */
function cut(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true });
}
