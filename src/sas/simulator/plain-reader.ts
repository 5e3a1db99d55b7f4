/** Finds out where the host's messages begin when no ninth bit says so (SAS.md 13.3). */
import { TOP_BIT } from '../codec/address.ts';
import { hasValidCrc } from '../codec/crc.ts';
import { LENGTH_BYTE_OVERHEAD, requestHasCrc, requestLengthOf } from '../codec/request-lengths.ts';
import { type LineSymbol, mark } from '../codec/symbol.ts';
import type { Clock } from '../host/port.ts';

export interface PlainReader {
  /** The chunk as symbols, the first byte of each message marked; noise is left out. */
  push(chunk: Uint8Array): LineSymbol[];
}

/** Schedulers pause inside messages, too; on a pseudo-terminal and on TCP longer than a line does. */
const PLAIN_GAP_MS = 20;

/** A 00 is taken for the address of a broadcast only in front of these. */
const BROADCASTS: ReadonlySet<number> = new Set([0x75, 0x7a, 0x7b, 0x7c, 0x7d, 0x7f, 0x80, 0x86]);

/**
 * A pause inside a message ends it. Behind a message of unknown length or with a wrong checksum everything is noise up
 * to the next pause.
 */
export function createPlainReader(clock: Pick<Clock, 'nowMs'>): PlainReader {
  /** The message under way, address first; none when a message may begin. */
  let held: number[] = [];
  let skipping = false;
  let heardAtMs = Number.NEGATIVE_INFINITY;

  function next(byte: number): LineSymbol[] {
    if (skipping) return [];
    if (held.length === 0) return start(byte);
    const isBroadcast = held.length === 1 && held[0] === 0;
    if (isBroadcast && !BROADCASTS.has(byte)) {
      held = [];
      return start(byte);
    }
    held.push(byte);
    finish();
    return isBroadcast ? [mark(0), byte] : [byte];
  }

  function start(byte: number): LineSymbol[] {
    if (byte < TOP_BIT) held = [byte];
    // Whether 00 is an address, the byte behind it tells.
    return byte === 0 ? [] : [mark(byte)];
  }

  function finish(): void {
    const [, code = 0, length = 0] = held;
    const known = requestLengthOf(code);
    if (known === 'LENGTH_BYTE' && held.length < 3) return;
    const bytes = known === 'LENGTH_BYTE' ? length + LENGTH_BYTE_OVERHEAD : known;
    if (bytes !== null && held.length < bytes) return;
    skipping = bytes === null || (requestHasCrc(code) && !hasValidCrc(Uint8Array.from(held)));
    held = [];
  }

  return {
    push(chunk) {
      const now = clock.nowMs();
      if (now - heardAtMs > PLAIN_GAP_MS) {
        held = [];
        skipping = false;
      }
      heardAtMs = now;
      return Array.from(chunk).flatMap(next);
    },
  };
}
