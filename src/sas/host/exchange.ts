/**
 * One request and its reply on an open port, and what the next message on the line will acknowledge.
 *
 * Whatever arrives, in whatever amount, is bounded here: a reply under way holds 260 bytes at most, everything else
 * is counted and forgotten.
 */
import { TOP_BIT } from '../codec/address.ts';
import { createReplyReader, type Reply, type ReplyReader, SYNC_POLL } from '../codec/frame.ts';
import { LONGEST_FRAME } from '../codec/request-lengths.ts';
import { byteOf, isMarked, type LineSymbol, messageSymbols } from '../codec/symbol.ts';
import { Alarm } from './alarm.ts';
import type { Clock, HeardSymbol, Port, Sent } from './port.ts';
import type { HostTiming } from './profiles.ts';
import { countGap, type LineCounters } from './statistics.ts';
import { BYTE_MS } from './wire-format.ts';

export interface ExchangeOptions {
  readonly clock: Clock;
  readonly timing: Pick<HostTiming, 'responseTimeoutMs' | 'interByteGapMs' | 'suspicionMs'>;
  readonly counters: LineCounters;
  /** A machine called out its address because it hears nobody (SAS.md 5.4). */
  readonly onChirp?: (address: number) => void;
}

export interface AskOptions {
  /**
   * Whether the machine shall take the request as "not received, again": false acknowledges its last answer, by a
   * poll to address 0 in front where the request alone would not (SAS.md 5.1).
   */
  readonly repeat: boolean;
  /** Puts the poll to address 0 in front in any case: a machine that lost the line waits for it (SAS.md 5.3). */
  readonly resync?: boolean;
}

/** A port that can tell when a message has left tells it before this; it has closed otherwise. */
const SENDING_MS = 5_000;
/** Bytes may wait in the kernel because this process was busy: before giving up, the event loop gets one turn. */
const SECOND_LOOK_MS = 1;

const SYNC_SYMBOLS = messageSymbols(SYNC_POLL);
/** Nobody answers it, so nobody knows whether it was heard: after trouble it is said so often. */
const SYNCS_AFTER_TROUBLE = 3;

interface Awaited {
  readonly reader: ReplyReader;
  readonly isGeneral: boolean;
  giveUpAtMs: number;
  readonly resolve: (reply: Reply | null) => void;
  lastHeardAtMs: number | null;
  secondLook: boolean;
}

export class Exchange implements Disposable {
  readonly #port: Port;
  readonly #options: ExchangeOptions;
  /** When whatever is awaited has taken too long. */
  readonly #alarm: Alarm;
  /** Where replies are held while they arrive, one after the other. */
  readonly #held = new Uint8Array(LONGEST_FRAME);
  #awaited: Awaited | null = null;
  #lastAsked: Uint8Array | null = null;
  /** What the machines have heard for certain, because it was answered. */
  #lastAnswered: Uint8Array | null = null;
  #closed = false;
  /** Of a port that tells: who waits for what has not left yet, in the order in which it was sent. */
  readonly #leaving: ((hasLeft: boolean) => void)[] = [];
  #troubledAtMs = Number.NEGATIVE_INFINITY;
  #silences = 0;

  /** @param onClosed told once when the port goes away, after a reply under way was given up. */
  constructor(port: Port, options: ExchangeOptions, onClosed: (cause: Error | null) => void) {
    this.#port = port;
    this.#options = options;
    this.#alarm = new Alarm(options.clock, () => this.#timedOut());
    port.onSymbols((symbols) => this.#heard(symbols));
    port.onSent?.((sent) => this.#sent(sent));
    port.onClosed((cause) => {
      this.#closed = true;
      for (const tell of this.#leaving.splice(0)) tell(false);
      this.#finish(null);
      onClosed(cause);
    });
  }

  /** To be called when nothing will be asked any more. */
  [Symbol.dispose](): void {
    this.#alarm[Symbol.dispose]();
  }

  get isClosed(): boolean {
    return this.#closed;
  }

  /** How many polls in a row nobody answered, whoever was asked. */
  get silencesInRow(): number {
    return this.#silences;
  }

  /** Whether something was wrong on the line during the last `withinMs`. */
  isTroubled(withinMs: number): boolean {
    return this.#options.clock.nowMs() - this.#troubledAtMs < withinMs;
  }

  /** Notes trouble the line itself cannot see. */
  noteTrouble(): void {
    this.#troubledAtMs = this.#options.clock.nowMs();
  }

  /**
   * Acknowledges whatever was answered last, which nobody answers. Resolves once it has left, as far as the port can
   * tell; false when it never will.
   */
  acknowledge(): Promise<boolean> {
    return this.#send(this.#syncSymbols());
  }

  /** Nobody answers, and everybody takes it as an acknowledgement. Resolves once it is on the wire; false if it is not. */
  async broadcast(frame: Uint8Array): Promise<boolean> {
    if (this.#closed) return false;
    const { clock, counters } = this.#options;
    counters.broadcasts += 1;
    this.#lastAsked = frame;
    const symbols = messageSymbols(frame);
    const leaving = this.#send(symbols);
    await new Promise<void>((resolve) => clock.setTimer(symbols.length * BYTE_MS, resolve));
    return (await leaving) && !this.#closed;
  }

  /**
   * Sends a request and waits for its reply; null when the port closed. One at a time.
   *
   * A reply with bytes behind it is damaged: nobody can tell which of them were meant.
   */
  ask(request: Uint8Array, { repeat, resync = false }: AskOptions): Promise<Reply | null> {
    if (this.#closed) return Promise.resolve(null);
    const isTakenForRepeat = isSamePoll(request, this.#lastAsked) || isSamePoll(request, this.#lastAnswered);
    const message = messageSymbols(request);
    const symbols: readonly LineSymbol[] =
      resync || (!repeat && isTakenForRepeat) ? [...this.#syncSymbols(), ...message] : message;
    this.#lastAsked = request;
    this.#options.counters.polls += 1;
    if (repeat) this.#options.counters.retries += 1;
    return new Promise((resolve) => {
      const sendingMs = this.#port.onSent ? SENDING_MS : symbols.length * BYTE_MS;
      const timeoutMs = sendingMs + this.#options.timing.responseTimeoutMs;
      this.#awaited = {
        reader: createReplyReader(request, this.#held),
        isGeneral: request.length === 1,
        giveUpAtMs: this.#giveUpAtMs(timeoutMs),
        resolve,
        lastHeardAtMs: null,
        secondLook: false,
      };
      this.#alarm.set(timeoutMs);
      void this.#send(symbols);
    });
  }

  #syncSymbols(): readonly LineSymbol[] {
    if (!this.isTroubled(this.#options.timing.suspicionMs)) return SYNC_SYMBOLS;
    return Array.from({ length: SYNCS_AFTER_TROUBLE }, () => SYNC_SYMBOLS).flat();
  }

  #send(symbols: readonly LineSymbol[]): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    const left = this.#port.onSent
      ? new Promise<boolean>((resolve) => this.#leaving.push(resolve))
      : Promise.resolve(true);
    this.#port.send(symbols);
    return left;
  }

  /** From now on the machine may take its time, not from when the message was handed over (SAS.md 2.1). */
  #sent({ hasLeft, gapMs }: Sent): void {
    this.#leaving.shift()?.(hasLeft);
    if (gapMs !== null) countGap(this.#options.counters, gapMs);
    const awaited = this.#awaited;
    if (awaited === null || this.#leaving.length > 0 || awaited.lastHeardAtMs !== null) return;
    const { responseTimeoutMs } = this.#options.timing;
    awaited.giveUpAtMs = this.#giveUpAtMs(responseTimeoutMs);
    this.#alarm.set(responseTimeoutMs);
  }

  #giveUpAtMs(timeoutMs: number): number {
    return this.#options.clock.nowMs() + timeoutMs + LONGEST_FRAME * BYTE_MS;
  }

  #heard(symbols: readonly HeardSymbol[]): void {
    const { counters } = this.#options;
    const awaited = this.#awaited;
    let taken = false;
    for (const symbol of symbols) {
      if (symbol === 'error') counters.streamErrors += 1;
      if (symbol !== 'error' && isMarked(symbol) && !taken && !isInside(awaited)) {
        counters.chirps += 1;
        this.noteTrouble();
        this.#options.onChirp?.(byteOf(symbol));
      } else if (awaited === null) {
        counters.discardedBytes += 1;
        this.noteTrouble();
      } else {
        awaited.reader.push(symbol);
        taken = true;
      }
    }
    if (awaited !== null && taken) this.#progress(awaited);
  }

  #progress(awaited: Awaited): void {
    const first = awaited.lastHeardAtMs === null;
    awaited.lastHeardAtMs = this.#options.clock.nowMs();
    if (isWhole(awaited) && !this.#mayBeStale(awaited)) this.#finish(awaited.reader.take());
    else if (first) {
      awaited.secondLook = isWhole(awaited);
      this.#alarm.set(awaited.secondLook ? SECOND_LOOK_MS : this.#options.timing.interByteGapMs);
    }
  }

  /**
   * A lone byte does not tell whose it is. After trouble it may be an answer of another machine that came late, with
   * the one that was meant right behind it: what has arrived by then is looked at first.
   */
  #mayBeStale({ isGeneral }: Awaited): boolean {
    return isGeneral && this.isTroubled(this.#options.timing.suspicionMs);
  }

  #timedOut(): void {
    const awaited = this.#awaited;
    if (awaited === null) return;
    const now = this.#options.clock.nowMs();
    if (!awaited.secondLook) {
      awaited.secondLook = true;
      this.#alarm.set(SECOND_LOOK_MS);
      return;
    }
    const quietMs = awaited.lastHeardAtMs === null ? Number.POSITIVE_INFINITY : now - awaited.lastHeardAtMs;
    const { interByteGapMs } = this.#options.timing;
    if (!isWhole(awaited) && quietMs < interByteGapMs && now < awaited.giveUpAtMs) {
      awaited.secondLook = false;
      this.#alarm.set(interByteGapMs - quietMs);
      return;
    }
    this.#finish(this.#verdict(awaited.reader));
  }

  #verdict(reader: ReplyReader): Reply {
    this.#options.counters.discardedBytes += reader.surplus;
    const reply = reader.take();
    if (reader.surplus === 0 || reply.kind === 'damaged') return reply;
    return { kind: 'damaged', reason: 'length', bytes: new Uint8Array() };
  }

  #finish(reply: Reply | null): void {
    const awaited = this.#awaited;
    if (awaited === null) return;
    this.#awaited = null;
    this.#alarm.stop();
    if (reply) this.#count(reply);
    awaited.resolve(reply);
  }

  #count(reply: Reply): void {
    const { counters } = this.#options;
    this.#silences = reply.kind === 'silence' ? this.#silences + 1 : 0;
    if (reply.kind === 'silence') counters.silences += 1;
    else if (reply.kind === 'damaged') {
      counters.damaged += 1;
      if (reply.reason === 'crc') counters.crcErrors += 1;
      this.noteTrouble();
    } else {
      this.#lastAnswered = this.#lastAsked;
      counters.replies += 1;
      if (reply.kind === 'busy') counters.busy += 1;
      if (reply.kind === 'nack') counters.nacks += 1;
    }
  }
}

/** Whether nothing more belongs to what has arrived, and nothing more has. */
const isWhole = ({ reader }: Awaited): boolean => reader.state === 'COMPLETE' && reader.surplus === 0;

/** Whether a reply has begun that may go on. */
const isInside = (awaited: Awaited | null): boolean =>
  awaited !== null && awaited.lastHeardAtMs !== null && awaited.reader.state !== 'COMPLETE';

/** Whether a machine takes the second as a repetition of the first: same kind, address and command. */
function isSamePoll(request: Uint8Array, before: Uint8Array | null): boolean {
  if (before === null || request[0] !== before[0]) return false;
  return (request[0] ?? 0) >= TOP_BIT || request[1] === before[1];
}
