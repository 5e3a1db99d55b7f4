/** The host's side of a line without the ninth bit, with the ninth bit put in where messages begin (SAS.md 13.3). */
import { createPlainRequestReader } from '../codec/plain-request-reader.ts';
import { type LineSymbol, mark } from '../codec/symbol.ts';
import type { Clock } from '../host/port.ts';

export interface PlainReader {
  /** The chunk as symbols, the first byte of each message marked; noise is left out. */
  push(chunk: Uint8Array): LineSymbol[];
}

/** Schedulers pause inside messages, too; on a pseudo-terminal and on TCP longer than a line does. */
const PLAIN_GAP_MS = 20;

export function createPlainReader(clock: Pick<Clock, 'nowMs'>): PlainReader {
  const reader = createPlainRequestReader();
  let isInside = false;
  let heardAtMs = Number.NEGATIVE_INFINITY;

  function symbolsOf(byte: number): LineSymbol[] {
    const message = reader.push(byte);
    const wasInside = isInside;
    if (message !== null) isInside = message.kind === 'longPollStart';
    if (wasInside) return [byte];
    if (message === null) return [];
    // The address of a broadcast is told with the byte behind it.
    const isBroadcast = message.kind !== 'generalPoll' && message.address === 0;
    return isBroadcast ? [mark(0), byte] : [mark(byte)];
  }

  return {
    push(chunk) {
      const now = clock.nowMs();
      if (now - heardAtMs > PLAIN_GAP_MS) {
        reader.quiet();
        isInside = false;
      }
      heardAtMs = now;
      return Array.from(chunk).flatMap(symbolsOf);
    },
  };
}
