/**
 * A SAS line on a port server that speaks RFC 2217: its parity is switched over the network.
 *
 * The server carries out data and settings in the order of the stream, but many switch the parity before the byte in
 * front of it has left. So the switch is held back until that byte must be gone; `send` blocks meanwhile, about two
 * milliseconds, and belongs into a process of its own (`process-port.ts`). How long the pause on the wire was, the
 * times of the server's answers tell.
 */
import type { Socket } from 'node:net';
import type { LineSymbol } from '../codec/symbol.ts';
import { COURTESIES, formatSettings, LINE_SETTINGS } from './com-port.ts';
import { ComPortSession } from './com-port-session.ts';
import { messagesOf } from './messages.ts';
import type { Port } from './port.ts';
import { createPortListeners } from './port-listeners.ts';
import { connectTo, hangUp, type TcpPortOptions } from './tcp-port.ts';
import { pause } from './termios.ts';
import {
  BYTE_MS,
  formatsOf,
  restingFormat,
  type Segment,
  segmentsOf,
  styleOf,
  USUAL_STYLES,
  type WireFormat,
  type WireStyles,
} from './wire-format.ts';

export interface Rfc2217PortOptions extends Omit<TcpPortOptions, 'stream'> {
  readonly styles?: WireStyles;
  /** How long the server may take to answer a command; 2 s by default. */
  readonly answerTimeoutMs?: number;
}

const ANSWER_TIMEOUT_MS = 2_000;
/** How long after its last bit the server is given to notice that a byte has left. */
const SERVER_SETTLE_MS = 1.5;
const MOST_UNSENT_BYTES = 4_096;
const NO_BYTES = new Uint8Array();

/**
 * Connects, and sets the port to 19200 baud with SPACE parity.
 *
 * @throws Error when nobody answers in time; LineControlError when the server does not speak RFC 2217 or its port does
 * not do the parity it takes.
 */
export async function openRfc2217Port(options: Rfc2217PortOptions): Promise<Port> {
  const line = new Rfc2217Line(await connectTo(options), options);
  try {
    await line.setUp();
    return line;
  } catch (error) {
    await line[Symbol.asyncDispose]();
    throw error;
  }
}

/** A message on its way. */
interface Sending {
  /** The longest pause inside it as it was handed over; null when it is in one piece. */
  readonly gapMs: number | null;
  /** Its parts, with the time at which the server had switched to their format; null without a switch. */
  readonly parts: readonly { readonly bytes: number; readonly switched: Promise<number | null> }[];
}

class Rfc2217Line implements Port {
  readonly #socket: Socket;
  readonly #session: ComPortSession;
  readonly #styles: WireStyles;
  readonly #listeners = createPortListeners();
  #format: WireFormat | null = null;
  /** When the last bit must have left, if the server sends at once. */
  #goneAtMs = 0;

  readonly onSymbols = this.#listeners.onSymbols;
  readonly onClosed = this.#listeners.onClosed;
  readonly onSent = this.#listeners.onSent;

  constructor(socket: Socket, { styles = USUAL_STYLES, answerTimeoutMs }: Rfc2217PortOptions) {
    this.#socket = socket;
    this.#styles = styles;
    this.#session = new ComPortSession(socket, {
      answerTimeoutMs: answerTimeoutMs ?? ANSWER_TIMEOUT_MS,
      onData: this.#listeners.heard,
      onEnded: this.#listeners.closed,
    });
  }

  async setUp(): Promise<void> {
    await this.#session.negotiate();
    await this.#session.send(LINE_SETTINGS, NO_BYTES);
    this.#session.mention(COURTESIES);
    for (const format of formatsOf('MARK_SPACE', this.#styles)) await this.#sendIn(format);
    if (this.#format) await this.#sendIn(restingFormat(this.#format, 'MARK_SPACE'));
  }

  send(symbols: readonly LineSymbol[]): void {
    if (this.#socket.destroyed) return;
    const isStuck = this.#socket.writableLength > MOST_UNSENT_BYTES;
    const sendings = isStuck ? [] : messagesOf(symbols).map((message) => this.#sendMessage(message));
    // It rejects only when the connection ended, which the listener of `onClosed` is told.
    this.#tellSent(sendings).catch(() => {});
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.close();
    await hangUp(this.#socket);
  }

  #sendMessage(message: Uint8Array): Sending {
    const style = styleOf(this.#styles, message);
    const settleMs = Math.max(SERVER_SETTLE_MS, style.paritySettleMs);
    const segments = segmentsOf(message, 'MARK_SPACE', style);
    const last = segments.at(-1)?.format ?? 'SPACE';
    const parts: Sending['parts'][number][] = [];
    let gapMs: number | null = null;
    for (const [at, { format, bytes }] of withRest(segments, restingFormat(last, 'MARK_SPACE')).entries()) {
      const waitMs = Math.max(format === this.#format ? 0 : settleMs, at === 1 ? style.addressGapMs : 0);
      // Also before the first: nobody answers a broadcast, so the next message may be right behind it.
      pause(this.#goneAtMs + waitMs - performance.now());
      if (at > 0 && bytes.length > 0) gapMs = Math.max(gapMs ?? 0, performance.now() - this.#goneAtMs);
      parts.push({ bytes: bytes.length, switched: this.#sendIn(format, bytes) });
      this.#goneAtMs = performance.now() + bytes.length * BYTE_MS;
    }
    return { gapMs, parts };
  }

  #sendIn(format: WireFormat, bytes: Uint8Array = NO_BYTES): Promise<number | null> {
    const settings = formatSettings(this.#format, format);
    this.#format = format;
    const switched = this.#session.send(settings, bytes);
    // Whoever waits for it hears of a failure; that nobody does is no reason to end the process.
    switched.catch(() => {});
    return switched;
  }

  async #tellSent(sendings: readonly Sending[]): Promise<void> {
    let gapMs: number | null = null;
    for (const sending of sendings) {
      const seenMs = await seenGap(sending);
      const longestMs = sending.gapMs === null ? null : Math.max(sending.gapMs, seenMs);
      if (longestMs !== null) gapMs = Math.max(gapMs ?? 0, longestMs);
    }
    const leftMs = Math.ceil(this.#goneAtMs - performance.now());
    const tell = () => this.#listeners.sent({ hasLeft: sendings.length > 0, gapMs });
    if (leftMs > 0) setTimeout(tell, leftMs);
    else tell();
  }
}

/** A message that ends in another format than answers are read in is followed by the switch alone. */
function withRest(segments: readonly Segment[], resting: WireFormat): readonly Segment[] {
  if (segments.at(-1)?.format === resting) return segments;
  return [...segments, { format: resting, bytes: NO_BYTES }];
}

/** The longest pause between two parts by the server's answers: the way to it and back counts in none of them. */
async function seenGap({ parts }: Sending): Promise<number> {
  let longestMs = 0;
  let before: { readonly atMs: number; readonly bytes: number } | null = null;
  for (const { bytes, switched } of parts) {
    const atMs = await switched;
    if (before && atMs !== null && bytes > 0) {
      longestMs = Math.max(longestMs, atMs - before.atMs - before.bytes * BYTE_MS);
    }
    before = atMs === null ? null : { atMs, bytes };
  }
  return longestMs;
}
