/** Cutting and checking requests, as a machine or a line monitor hears them (SAS.md 4 and 6.9). */
import { HIGHEST_ADDRESS, TOP_BIT } from './address.ts';
import { hasValidCrc } from './crc.ts';
import { LENGTH_BYTE_OVERHEAD, LONGEST_FRAME, requestHasCrc, requestLengthOf } from './request-lengths.ts';
import { byteOf, isMarked, type LineSymbol } from './symbol.ts';

/** What a request reader has heard. Every address byte is reported at once, because it acknowledges (5.1). */
export type HostMessage =
  | { readonly kind: 'generalPoll'; readonly address: number }
  /** The address byte of a long poll; the rest follows. Address 0 is a broadcast. */
  | { readonly kind: 'longPollStart'; readonly address: number }
  | {
      readonly kind: 'longPoll';
      readonly address: number;
      readonly code: number;
      readonly frame: Uint8Array;
      readonly crcOk: boolean;
    }
  /** A command whose length nobody knows: it lasts until the next message. */
  | { readonly kind: 'unknownPoll'; readonly address: number; readonly code: number };

export interface RequestReader {
  /** What the symbol completes, if anything. Unmarked symbols outside a message are noise. */
  push(symbol: LineSymbol | 'error'): HostMessage | null;
  /** A pause longer than a message may have: what was under way is void (SAS.md 1). */
  quiet(): void;
}

/** Follows the host's side of a line. It holds at most one message, so never more than 260 bytes. */
export function createRequestReader(): RequestReader {
  const held = new Uint8Array(LONGEST_FRAME);
  let count = 0;

  function start(byte: number): HostMessage {
    const address = byte & HIGHEST_ADDRESS;
    if (byte >= TOP_BIT) {
      count = 0;
      return { kind: 'generalPoll', address };
    }
    held[0] = byte;
    count = 1;
    return { kind: 'longPollStart', address };
  }

  function add(byte: number): HostMessage | null {
    if (count === 0) return null;
    held[count] = byte;
    count += 1;
    const [address = 0, code = 0] = held;
    const length = requestBytes(held, count);
    if (length === null) {
      count = 0;
      return { kind: 'unknownPoll', address, code };
    }
    if (count < length) return null;
    const frame = held.slice(0, count);
    count = 0;
    return { kind: 'longPoll', address, code, frame, crcOk: !requestHasCrc(code) || hasValidCrc(frame) };
  }

  return {
    push(symbol) {
      if (symbol === 'error') {
        count = 0;
        return null;
      }
      return isMarked(symbol) ? start(byteOf(symbol)) : add(symbol);
    },
    quiet() {
      count = 0;
    },
  };
}

/** Bytes of the request under way, as far as can be told; null when its command is unknown. */
export function requestBytes(held: Uint8Array, count: number): number | null {
  const length = requestLengthOf(held[1] ?? 0);
  if (length !== 'LENGTH_BYTE') return length;
  return count < 3 ? LENGTH_BYTE_OVERHEAD : (held[2] ?? 0) + LENGTH_BYTE_OVERHEAD;
}
