/** General polls, and cutting and checking what a machine answers to one poll (SAS.md 4, 5.2 and 9.2). */
import { checkAddress, HIGHEST_ADDRESS, TOP_BIT } from './address.ts';
import { hasValidCrc } from './crc.ts';
import { SasDecodeError } from './decode-error.ts';
import {
  BARE_EVENT_BYTES,
  decodeEventData,
  EVENT_MARKER,
  type EventData,
  eventFrameBytes,
} from './event-data.ts';
import type { LongPoll } from './long-poll.ts';
import { LONG_POLLS } from './poll-table.ts';
import { LENGTH_BYTE_OVERHEAD, LONGEST_FRAME } from './request-lengths.ts';
import { SIGNATURE_BYTES, SIGNATURE_CODE, signatureIn } from './rom-signature.ts';
import { byteOf, type LineSymbol } from './symbol.ts';

/** A general poll to address 0: nobody answers, everybody takes it as an acknowledgement. */
export const SYNC_POLL: Uint8Array = Uint8Array.of(TOP_BIT);

/** The one byte of a general poll. @throws RangeError */
export const generalPoll = (address: number): Uint8Array => Uint8Array.of(TOP_BIT | checkAddress(address));

export type DamageReason = 'crc' | 'address' | 'command' | 'length' | 'stream';

export type Reply =
  /** `realTime` is false for the lone byte that answers a general poll; `code` 0 is "no activity" then. */
  | {
      readonly kind: 'exception';
      readonly code: number;
      readonly data: EventData | null;
      readonly realTime: boolean;
    }
  | { readonly kind: 'ack' }
  | { readonly kind: 'nack' }
  | { readonly kind: 'busy' }
  /** `body` is the frame without address, command and CRC, the length byte included: what `decodeAnswer` takes. */
  | { readonly kind: 'data'; readonly body: Uint8Array; readonly frame: Uint8Array }
  /** A ROM signature in place of an exception. */
  | { readonly kind: 'signature'; readonly signature: number }
  | { readonly kind: 'silence' }
  | { readonly kind: 'damaged'; readonly reason: DamageReason; readonly bytes: Uint8Array };

/**
 * NEED_MORE: a reply has not begun or is not whole. MAYBE_COMPLETE: what is here may be all, or the beginning
 * of more; it is final once the line was quiet for the 5 ms gap. COMPLETE: nothing more belongs to it.
 */
export type ReplyState = 'NEED_MORE' | 'MAYBE_COMPLETE' | 'COMPLETE';

export interface ReplyReader {
  push(symbol: LineSymbol | 'error'): void;
  readonly state: ReplyState;
  /** Bytes that arrived after the reply was complete; they are not kept. */
  readonly surplus: number;
  /** The reply, as final as it will be. */
  take(): Reply;
}

/** What the bytes so far are, and whether more may follow. */
interface Verdict {
  readonly state: ReplyState;
  /** Null stands for bytes that are only a beginning. */
  readonly reply: Reply | null;
  /** How many bytes there must be before a judgement can change. */
  readonly until: number;
}

const needMore = (until: number): Verdict => ({ state: 'NEED_MORE', reply: null, until });
const complete = (reply: Reply): Verdict => ({ state: 'COMPLETE', reply, until: 0 });
const maybe = (reply: Reply): Verdict => ({ state: 'MAYBE_COMPLETE', reply, until: 0 });
const damaged = (reason: DamageReason, bytes: Uint8Array): Verdict =>
  maybe({ kind: 'damaged', reason, bytes: bytes.slice() });

const NOTHING_YET = needMore(1);

/** Address, command and CRC around the data of an answer without a length byte. */
const FRAME_OVERHEAD = 4;

/**
 * Reads the answer to one request. The bytes of a reply say little by themselves: `51` is an acknowledgement of
 * address 51h or the exception "handpay pending", by what was asked (SAS.md 5.2).
 *
 * @param held where the bytes are kept while they arrive, of `LONGEST_FRAME` at least: for whoever reads one reply after
 *   another. No reply refers to it.
 * @throws RangeError when the request is a long poll we do not know.
 */
export const createReplyReader = (request: Uint8Array, held = new Uint8Array(LONGEST_FRAME)): ReplyReader =>
  new HeldReply(judgeOf(request), held);

class HeldReply implements ReplyReader {
  readonly #judge: Judge;
  readonly #held: Uint8Array;
  #count = 0;
  #surplus = 0;
  #verdict = NOTHING_YET;

  constructor(judge: Judge, held: Uint8Array) {
    this.#judge = judge;
    this.#held = held;
  }

  get state(): ReplyState {
    return this.#verdict.state;
  }

  get surplus(): number {
    return this.#surplus;
  }

  push(symbol: LineSymbol | 'error'): void {
    const { state, reply, until } = this.#verdict;
    if (state === 'COMPLETE') this.#surplus += 1;
    else if (reply?.kind === 'damaged') this.#keep(symbol, reply.reason);
    else if (symbol === 'error') this.#verdict = damaged('stream', this.#bytes());
    else {
      this.#hold(symbol);
      if (this.#count >= until) this.#verdict = this.#judge(this.#bytes());
    }
  }

  take(): Reply {
    if (this.#verdict.reply !== null) return this.#verdict.reply;
    if (this.#count === 0) return { kind: 'silence' };
    return { kind: 'damaged', reason: 'length', bytes: this.#bytes().slice() };
  }

  /** A damaged reply goes on until the line is quiet; a part of it is kept for the log. */
  #keep(symbol: LineSymbol | 'error', reason: DamageReason): void {
    if (symbol === 'error' || this.#count === LONGEST_FRAME) {
      this.#surplus += 1;
      return;
    }
    this.#hold(symbol);
    this.#verdict = damaged(reason, this.#bytes());
  }

  #hold(symbol: LineSymbol): void {
    this.#held[this.#count] = byteOf(symbol);
    this.#count += 1;
  }

  #bytes(): Uint8Array {
    return this.#held.subarray(0, this.#count);
  }
}

type Judge = (bytes: Uint8Array) => Verdict;

function judgeOf(request: Uint8Array): Judge {
  const [first = 0, code] = request;
  if (code === undefined) return (bytes) => judgeGeneral(bytes, first & HIGHEST_ADDRESS);
  const poll = LONG_POLLS.get(code);
  if (poll === undefined) throw new RangeError(`unknown long poll ${code.toString(16)}`);
  return (bytes) => judgeLong(bytes, first, poll);
}

function judgeGeneral(bytes: Uint8Array, address: number): Verdict {
  const [first = 0, second] = bytes;
  const exception: Reply = { kind: 'exception', code: first, data: null, realTime: false };
  if (first !== address) return complete(exception);
  if (second === undefined) return maybe(exception);
  if (second === EVENT_MARKER) return judgeEvent(bytes);
  if (second === SIGNATURE_CODE) return judgeSignature(bytes);
  return damaged('command', bytes);
}

function judgeLong(bytes: Uint8Array, address: number, poll: LongPoll): Verdict {
  const [first = 0, second] = bytes;
  if (first === (address | TOP_BIT) && poll.type !== 'R') return complete({ kind: 'nack' });
  if (first !== address) return damaged('address', bytes);
  if (second === undefined) return poll.ack ? maybe({ kind: 'ack' }) : needMore(2);
  if (second === 0x00) return complete({ kind: 'busy' });
  if (second === EVENT_MARKER) return judgeEvent(bytes);
  if (second === poll.code && poll.answer !== null) return judgeData(bytes, poll);
  if (second === SIGNATURE_CODE) return judgeSignature(bytes);
  return damaged('command', bytes);
}

function judgeData(bytes: Uint8Array, poll: LongPoll): Verdict {
  const length = answerBytes(bytes, poll);
  if (bytes.length < length) return needMore(length);
  if (!hasValidCrc(bytes)) return damaged('crc', bytes);
  const frame = bytes.slice();
  return complete({ kind: 'data', body: frame.subarray(2, -2), frame });
}

/** Bytes of the whole answer, or as many as it takes to know. */
function answerBytes(bytes: Uint8Array, poll: LongPoll): number {
  if (poll.answer?.lengthByte) return bytes[2] === undefined ? 3 : bytes[2] + LENGTH_BYTE_OVERHEAD;
  return (poll.answer?.field.size ?? 0) + FRAME_OVERHEAD;
}

function judgeSignature(bytes: Uint8Array): Verdict {
  if (bytes.length < SIGNATURE_BYTES) return needMore(SIGNATURE_BYTES);
  if (!hasValidCrc(bytes)) return damaged('crc', bytes);
  return complete({ kind: 'signature', signature: signatureIn(bytes) });
}

/** An event whose data were left out looks whole before its time: whether it is, the gap decides. */
function judgeEvent(bytes: Uint8Array): Verdict {
  const code = bytes[2];
  if (code === undefined || bytes.length < BARE_EVENT_BYTES) return needMore(BARE_EVENT_BYTES);
  const length = eventFrameBytes(code);
  if (bytes.length === length) {
    return hasValidCrc(bytes) ? eventVerdict(code, bytes.subarray(3, -2), bytes) : damaged('crc', bytes);
  }
  if (bytes.length === BARE_EVENT_BYTES && hasValidCrc(bytes)) {
    return maybe({ kind: 'exception', code, data: null, realTime: true });
  }
  return needMore(length);
}

function eventVerdict(code: number, data: Uint8Array, bytes: Uint8Array): Verdict {
  try {
    return complete({ kind: 'exception', code, data: decodeEventData(code, data), realTime: true });
  } catch (error) {
    if (error instanceof SasDecodeError) return damaged('length', bytes);
    throw error;
  }
}
