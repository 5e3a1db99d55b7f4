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
import { HANDPAY_INFORMATION } from '../codec/long-polls/handpay.ts';
import { decodeRequest, encodeAnswer } from '../codec/poll-table.ts';
import { createRequestReader, type HostMessage } from '../codec/request-reader.ts';
import { isMarked, type LineSymbol } from '../codec/symbol.ts';
import type { Clock } from '../host/port.ts';
import { ANSWERS, type AnsweringMachine } from './answers.ts';
import type { StoredException } from './cabinet-state.ts';
import { nextException, withoutException } from './exception-queue.ts';
import { handpayPending, handpayRead, unreadHandpay } from './handpay.ts';

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

export interface EgmLink extends Disposable {
  /** A symbol of the host. Answers go to the listener of `onReply`. */
  hear(symbol: LineSymbol | 'error'): void;
  onReply(listener: (reply: Uint8Array) => void): void;
  /** Whether the machine answers polls to itself. */
  readonly synchronised: boolean;
}

/** No address byte for so long: the machine must be synchronised anew (SAS.md 5.3 and 5.5). */
const SILENCE_LIMIT_MS = 5_000;
/** No implied acknowledgement for so long: the same (SAS.md 5.5, one source). */
const ACKNOWLEDGEMENT_LIMIT_MS = 30_000;
/** A handpay nobody has read is announced again after so long (SAS.md 9.1, one source). */
const HANDPAY_REMINDER_MS = 15_000;

const NO_ACTIVITY = exceptionCode('NO_ACTIVITY');
const HANDPAY_PENDING = exceptionCode('HANDPAY_PENDING');

/** What a stored answer answered: a general poll, or the long poll of this code. */
type Asked = 'GENERAL' | number;

/** An answer the host has not acknowledged. */
interface Pending {
  readonly asked: Asked;
  readonly reply: Uint8Array;
  readonly exceptionId: number | null;
  readonly sentAtMs: number;
}

type Answer = Pick<Pending, 'reply' | 'exceptionId'>;

export function createEgmLink(machine: AnsweringMachine, options: LinkOptions): EgmLink {
  return new Link(machine, options);
}

class Link implements EgmLink {
  readonly #machine: AnsweringMachine;
  readonly #options: LinkOptions;
  readonly #reader = createRequestReader();
  #listener: ((reply: Uint8Array) => void) | null = null;
  #pending: Pending | null = null;
  #synchronised = false;
  #heardAtMs: number;
  #handpayReportedAtMs = Number.NEGATIVE_INFINITY;
  #delayed: Disposable | null = null;

  constructor(machine: AnsweringMachine, options: LinkOptions) {
    this.#machine = machine;
    this.#options = options;
    this.#heardAtMs = options.clock.nowMs();
  }

  get synchronised(): boolean {
    return this.#synchronised;
  }

  onReply(listener: (reply: Uint8Array) => void): void {
    this.#listener = listener;
  }

  hear(symbol: LineSymbol | 'error'): void {
    if (symbol !== 'error' && isMarked(symbol)) this.#heardAddress();
    const message = this.#reader.push(symbol);
    if (message !== null) this.#take(message);
  }

  [Symbol.dispose](): void {
    this.#delayed?.[Symbol.dispose]();
    this.#listener = null;
  }

  /** An address byte cancels whatever was about to be sent, and ends a silence. */
  #heardAddress(): void {
    const now = this.#options.clock.nowMs();
    if (now - this.#heardAtMs > SILENCE_LIMIT_MS) this.#linkLost();
    this.#heardAtMs = now;
    this.#delayed?.[Symbol.dispose]();
    this.#delayed = null;
  }

  #linkLost(): void {
    this.#synchronised = false;
    this.#pending = null;
    this.#machine.setRealTime(false);
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
    const answering = ANSWERS.get(message.code);
    if (answering?.poll.broadcast && !this.#options.unsupportedPolls.has(message.code))
      this.#execute(message.frame);
  }

  #takeOwn(message: HostMessage): void {
    if (message.kind === 'generalPoll') this.#settleThen('GENERAL', () => this.#report('GENERAL'));
    else if (message.kind === 'longPoll') this.#takeLongPoll(message);
    else if (message.kind === 'unknownPoll') this.#settleThen(message.code, () => {});
  }

  /** A frame with a wrong CRC may be anything: it settles nothing, and is refused if its command is ours. */
  #takeLongPoll({ code, frame, crcOk }: Extract<HostMessage, { kind: 'longPoll' }>): void {
    const supported = ANSWERS.has(code) && !this.#options.unsupportedPolls.has(code);
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
    if (pending === null) return;
    this.#pending = null;
    const { cabinet } = this.#machine;
    if (pending.exceptionId !== null) cabinet.commit(withoutException(cabinet.state, pending.exceptionId));
    else if (pending.asked === HANDPAY_INFORMATION.code) cabinet.commit(handpayRead(cabinet.state));
  }

  #answerLongPoll(code: number, frame: Uint8Array): void {
    // In real-time mode an event takes the place of the answer, and the poll is not executed (SAS.md 9.2).
    if (this.#machine.realTime && this.#nextException() !== null) this.#report(code);
    else if (this.#options.isBusy(code)) this.#send(Uint8Array.of(this.#options.address, 0x00));
    else {
      const reply = this.#execute(frame);
      if (reply === null) this.#nack();
      else this.#sendForAcknowledgement(code, { reply, exceptionId: null });
    }
  }

  /** The answer; null when the machine refuses the data. */
  #execute(frame: Uint8Array): Uint8Array | null {
    try {
      const { address, poll, request } = decodeRequest(frame);
      return encodeAnswer(poll, address, ANSWERS.get(poll.code)?.answer(this.#machine, request));
    } catch (error) {
      if (error instanceof SasDecodeError) return null;
      throw error;
    }
  }

  /** The next exception, or that there is none. */
  #report(asked: Asked): void {
    const exception = this.#nextException();
    const { realTime } = this.#machine;
    if (exception === null && realTime && !this.#options.reportsIdleInRealTime) return;
    if (exception?.code === HANDPAY_PENDING) this.#handpayReportedAtMs = this.#options.clock.nowMs();
    const reply = realTime
      ? encodeEvent(this.#options.address, exception?.code ?? NO_ACTIVITY, exception?.data ?? null)
      : Uint8Array.of(exception === null ? NO_ACTIVITY : singleByteOf(exception));
    // "No activity" is nothing that could be acknowledged, or asked for again.
    if (exception === null) this.#send(reply);
    else this.#sendForAcknowledgement(asked, { reply, exceptionId: exception.id });
  }

  #nextException(): StoredException | null {
    this.#remindOfHandpay();
    return nextException(this.#machine.cabinet.state);
  }

  #remindOfHandpay(): void {
    const { cabinet } = this.#machine;
    if (unreadHandpay(cabinet.state) === null) return;
    const quiet = this.#options.clock.nowMs() - this.#handpayReportedAtMs;
    if (quiet >= HANDPAY_REMINDER_MS) cabinet.commit(handpayPending(cabinet.state));
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
