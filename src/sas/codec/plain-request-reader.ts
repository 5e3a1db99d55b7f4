/**
 * Following the host's side of a line without the ninth bit: message starts are found by their bytes (SAS.md 13.3).
 * For tests and foreign tools, never for a real line: a lost byte costs the rest of its message and a gap.
 */
import { HIGHEST_ADDRESS, TOP_BIT } from './address.ts';
import { hasValidCrc } from './crc.ts';
import { NAMED_POLLS } from './long-polls/named-only.ts';
import { LONG_POLLS } from './poll-table.ts';
import { LONGEST_FRAME, requestHasCrc } from './request-lengths.ts';
import { type HostMessage, type RequestReader, requestBytes } from './request-reader.ts';
import { byteOf } from './symbol.ts';

const BROADCASTS: ReadonlySet<number> = new Set([
  ...Array.from(LONG_POLLS.values())
    .filter((poll) => poll.broadcast)
    .map((poll) => poll.code),
  ...NAMED_POLLS.filter((poll) => poll.type === 'S/G').map((poll) => poll.code),
]);

/** MAYBE_NOISE: a 00 that is only a broadcast when the command of one follows. SKIP: bytes mean nothing until a gap. */
type State = 'IDLE' | 'MAYBE_NOISE' | 'MESSAGE' | 'SKIP';

export function createPlainRequestReader(): RequestReader {
  const held = new Uint8Array(LONGEST_FRAME);
  let count = 0;
  let state: State = 'IDLE';

  function idle(byte: number): HostMessage | null {
    if (byte >= TOP_BIT) {
      state = 'IDLE';
      return { kind: 'generalPoll', address: byte & HIGHEST_ADDRESS };
    }
    held[0] = byte;
    count = 1;
    state = byte === 0 ? 'MAYBE_NOISE' : 'MESSAGE';
    return byte === 0 ? null : { kind: 'longPollStart', address: byte };
  }

  /** The message is told of with its second byte: whole, if it is that short. */
  function afterZero(byte: number): HostMessage | null {
    if (!BROADCASTS.has(byte)) return idle(byte);
    state = 'MESSAGE';
    return message(byte) ?? { kind: 'longPollStart', address: 0 };
  }

  function message(byte: number): HostMessage | null {
    held[count] = byte;
    count += 1;
    const [address = 0, code = 0] = held;
    const length = requestBytes(held, count);
    if (length === null) {
      state = 'SKIP';
      return { kind: 'unknownPoll', address, code };
    }
    if (count < length) return null;
    const frame = held.slice(0, count);
    const crcOk = !requestHasCrc(code) || hasValidCrc(frame);
    state = crcOk ? 'IDLE' : 'SKIP';
    return { kind: 'longPoll', address, code, frame, crcOk };
  }

  return {
    push(symbol) {
      if (symbol === 'error') state = 'SKIP';
      if (symbol === 'error' || state === 'SKIP') return null;
      const byte = byteOf(symbol);
      if (state === 'IDLE') return idle(byte);
      return state === 'MAYBE_NOISE' ? afterZero(byte) : message(byte);
    },
    quiet() {
      state = 'IDLE';
    },
  };
}
