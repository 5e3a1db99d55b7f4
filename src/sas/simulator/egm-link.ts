/**
 * A machine's end of the line: which message is for it, what the message acknowledges, what to answer.
 *
 * The rules are those of SAS.md 5.1 (implied acknowledgement), 5.3 (synchronisation) and 9.2 (real-time events).
 */
import { TOP_BIT } from '../codec/address.ts';
import { SasDecodeError } from '../codec/decode-error.ts';
import { billValueOf, exceptionOfBill } from '../codec/denominations.ts';
import { encodeEvent } from '../codec/event-data.ts';
import { exceptionCode } from '../codec/exceptions.ts';
import { decodeRequest, encodeAnswer } from '../codec/poll-table.ts';
import { createRequestReader, type HostMessage } from '../codec/request-reader.ts';
import { encodeSignature } from '../codec/rom-signature.ts';
import { isMarked, type LineSymbol } from '../codec/symbol.ts';
import type { Clock } from '../host/port.ts';
import type { AnsweringMachine } from './answers/answering.ts';
import { ANSWERS } from './answers.ts';
import type { CabinetState, StoredException } from './cabinet-state.ts';
import { linkLost } from './due.ts';
import { nextException, withoutException } from './exception-queue.ts';
import { isKnownPoll } from './known-polls.ts';
import { createReminders } from './reminders.ts';
import { createWatchdog, type Watchdog } from './watchdog.ts';

export interface LinkOptions {
  readonly address: number;
  readonly clock: Clock;
  /** From the last byte of a poll to the first of its answer; 0 answers at once. */
  readonly responseDelayMs: number;
  /** Whether the machine is too busy for this long poll now. */
  readonly isBusy: (code: number) => boolean;
  /** Long polls this machine does not know, besides those nobody here knows. */
  readonly unsupportedPolls: ReadonlySet<number>;
  /** Whether "no activity" is sent in real-time mode; silence says the same (SAS.md 9.2). */
  readonly reportsIdleInRealTime: boolean;
}

/** What the link sees of its machine. */
export interface LinkedMachine extends AnsweringMachine {
  /** A ROM signature that is computed and was not acknowledged; null without. */
  readonly signature: number | null;
  signatureRead(): void;
}

export interface EgmLink extends Disposable {
  /** A symbol of the host. Answers go to the listener of `onReply`. */
  hear(symbol: LineSymbol | 'error'): void;
  onReply(listener: (reply: Uint8Array) => void): void;
  /** Called for each chirp: the machine's address with the ninth bit. */
  onChirp(listener: () => void): void;
  /** Whether the machine answers polls to itself. */
  readonly synchronised: boolean;
}

/** No implied acknowledgement for so long: the machine must be synchronised anew (SAS.md 5.5, one source). */
const ACKNOWLEDGEMENT_LIMIT_MS = 30_000;

const NO_ACTIVITY = exceptionCode('NO_ACTIVITY');
const REEL_STOPPED = exceptionCode('REEL_STOPPED');

/** What a stored answer answered: a general poll, or the long poll of this code. */
type Asked = 'GENERAL' | number;

/** An answer the host has not acknowledged. */
interface Pending {
  readonly asked: Asked;
  readonly reply: Uint8Array;
  /** What the acknowledgement brings about. */
  readonly settle: (() => void) | null;
  readonly sentAtMs: number;
}

type Answer = Pick<Pending, 'reply' | 'settle'>;

export function createEgmLink(machine: LinkedMachine, options: LinkOptions): EgmLink {
  return new Link(machine, options);
}

class Link implements EgmLink {
  readonly #machine: LinkedMachine;
  readonly #options: LinkOptions;
  readonly #reader = createRequestReader();
  readonly #reminders = createReminders();
  readonly #watchdog: Watchdog;
  #listener: ((reply: Uint8Array) => void) | null = null;
  #chirpListener: (() => void) | null = null;
  #pending: Pending | null = null;
  #synchronised = false;
  #delayed: Disposable | null = null;

  constructor(machine: LinkedMachine, options: LinkOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#watchdog = createWatchdog({
      clock: options.clock,
      onSilence: () => this.#linkLost(),
      onChirp: () => this.#chirpListener?.(),
    });
  }

  get synchronised(): boolean {
    return this.#synchronised;
  }

  onReply(listener: (reply: Uint8Array) => void): void {
    this.#listener = listener;
  }

  onChirp(listener: () => void): void {
    this.#chirpListener = listener;
  }

  hear(symbol: LineSymbol | 'error'): void {
    if (symbol !== 'error' && isMarked(symbol)) this.#heardAddress();
    const message = this.#reader.push(symbol);
    if (message !== null) this.#take(message);
  }

  [Symbol.dispose](): void {
    this.#delayed?.[Symbol.dispose]();
    this.#watchdog[Symbol.dispose]();
    this.#listener = null;
    this.#chirpListener = null;
  }

  /** An address byte cancels whatever was about to be sent, and ends a silence. */
  #heardAddress(): void {
    this.#watchdog.heard();
    this.#delayed?.[Symbol.dispose]();
    this.#delayed = null;
  }

  #linkLost(): void {
    this.#synchronised = false;
    this.#pending = null;
    this.#machine.setRealTime(false);
    this.#commit(linkLost);
  }

  #commit(change: (state: CabinetState) => CabinetState): void {
    const { cabinet } = this.#machine;
    cabinet.commit(change(cabinet.state));
  }

  #take(message: HostMessage): void {
    if (message.address !== this.#options.address) this.#takeForeign(message);
    else if (this.#synchronised) this.#takeOwn(message);
  }

  /** Any poll to another address, to address 0, or a broadcast acknowledges; and it synchronises. */
  #takeForeign(message: HostMessage): void {
    this.#acknowledged();
    this.#synchronised = true;
    if (message.kind !== 'longPoll' || message.address !== 0 || !message.crcOk) return;
    const { code, frame } = message;
    if (ANSWERS.get(code)?.poll.broadcast && this.#supports(code)) this.#execute(frame);
  }

  #supports(code: number): boolean {
    return isKnownPoll(code, this.#machine.cabinet.settings) && !this.#options.unsupportedPolls.has(code);
  }

  #takeOwn(message: HostMessage): void {
    if (message.kind === 'generalPoll') this.#settleThen('GENERAL', () => this.#report('GENERAL'));
    else if (message.kind === 'longPoll') this.#takeLongPoll(message);
    else if (message.kind === 'unknownPoll') this.#settleThen(message.code, () => {});
  }

  /** A frame with a wrong CRC may be anything: it settles nothing, and is refused if its command is ours. */
  #takeLongPoll({ code, frame, crcOk }: Extract<HostMessage, { kind: 'longPoll' }>): void {
    const supported = this.#supports(code);
    if (crcOk) this.#settleThen(code, () => supported && this.#answerLongPoll(code, frame));
    else if (supported) this.#nack();
  }

  /** The implied acknowledgement of SAS.md 5.1: the same kind of poll again asks for the same answer again. */
  #settleThen(asked: Asked, proceed: () => void): void {
    const pending = this.#pending;
    if (pending?.asked !== asked) {
      this.#acknowledged();
      proceed();
    } else if (this.#options.clock.nowMs() - pending.sentAtMs > ACKNOWLEDGEMENT_LIMIT_MS) this.#linkLost();
    else this.#send(pending.reply);
  }

  #acknowledged(): void {
    const pending = this.#pending;
    this.#pending = null;
    pending?.settle?.();
  }

  #answerLongPoll(code: number, frame: Uint8Array): void {
    // In real-time mode an event takes the place of the answer, and the poll is not executed (SAS.md 9.2).
    if (this.#machine.realTime && this.#hasNews()) this.#report(code);
    else if (this.#options.isBusy(code)) this.#sendBusy();
    else {
      const answer = this.#execute(frame);
      if (answer === 'REFUSED') this.#nack();
      else if (answer === 'BUSY') this.#sendBusy();
      else this.#sendForAcknowledgement(code, answer);
    }
  }

  #execute(frame: Uint8Array): Answer | 'REFUSED' | 'BUSY' {
    try {
      const { address, poll, request } = decodeRequest(frame);
      const answered = ANSWERS.get(poll.code)?.answer(this.#machine, request);
      if (answered?.kind !== 'DATA') return 'BUSY';
      const { acknowledged } = answered;
      const reply = encodeAnswer(poll, address, answered.answer);
      return { reply, settle: acknowledged ? () => this.#commit(acknowledged) : null };
    } catch (error) {
      if (error instanceof SasDecodeError) return 'REFUSED';
      throw error;
    }
  }

  #hasNews(): boolean {
    return this.#machine.signature !== null || this.#nextException() !== null;
  }

  /** A finished signature, the next exception, or that there is none. */
  #report(asked: Asked): void {
    const { signature } = this.#machine;
    if (signature !== null) {
      const reply = encodeSignature(this.#options.address, signature);
      this.#sendForAcknowledgement(asked, { reply, settle: () => this.#machine.signatureRead() });
      return;
    }
    const exception = this.#nextException();
    const { realTime } = this.#machine;
    if (exception === null && realTime && !this.#options.reportsIdleInRealTime) return;
    // "No activity" is nothing that could be acknowledged, or asked for again.
    if (exception === null) this.#send(this.#reportOf(NO_ACTIVITY, null));
    else {
      this.#reminders.told(exception.code, this.#options.clock.nowMs());
      const settle = () => this.#commit((state) => withoutException(state, exception.id));
      this.#sendForAcknowledgement(asked, { reply: this.#reportOf(exception.code, exception), settle });
    }
  }

  #reportOf(code: number, exception: StoredException | null): Uint8Array {
    if (!this.#machine.realTime) return Uint8Array.of(exception === null ? code : singleByteOf(exception));
    const isBare = code === REEL_STOPPED && !this.#machine.cabinet.settings.event88Data;
    return encodeEvent(this.#options.address, code, isBare ? null : (exception?.data ?? null));
  }

  #nextException(): StoredException | null {
    const { cabinet } = this.#machine;
    const nowMs = this.#options.clock.nowMs();
    this.#commit((state) => this.#reminders.remind(state, cabinet.settings, nowMs));
    return nextException(cabinet.state);
  }

  #sendBusy(): void {
    this.#send(Uint8Array.of(this.#options.address, 0x00));
  }

  #nack(): void {
    this.#send(Uint8Array.of(this.#options.address | TOP_BIT));
  }

  #sendForAcknowledgement(asked: Asked, answer: Answer): void {
    this.#send(answer.reply, () => {
      this.#pending = { ...answer, asked, sentAtMs: this.#options.clock.nowMs() };
    });
  }

  /** A reply that is cancelled before it was sent leaves nothing to be acknowledged. */
  #send(reply: Uint8Array, sent: () => void = () => {}): void {
    const transmit = (): void => {
      this.#delayed = null;
      sent();
      this.#listener?.(reply);
    };
    const { responseDelayMs, clock } = this.#options;
    if (responseDelayMs > 0) this.#delayed = clock.setTimer(responseDelayMs, transmit);
    else transmit();
  }
}

/** Outside real-time mode a bill is told by a code for its value. */
function singleByteOf({ code, data }: StoredException): number {
  if (data?.kind !== 'BILL_ACCEPTED') return code;
  return exceptionOfBill(billValueOf(data.denomination) ?? 0n);
}
