/**
 * Line symbols in an 8-bit byte stream: a pty, a TCP socket, or a Linux port read with PARMRK (SAS.md 13.2).
 *
 * A plain byte stands for itself, FF is doubled, and `FF 00 b` is byte b with its ninth bit set. The code is
 * prefix-free: every symbol sequence has exactly one encoding, and the stream is read from the left only.
 */
import { byteOf, isMarked, type LineSymbol, mark } from './symbol.ts';

export interface MarkedStreamDecoder {
  /** What the chunk completes; `error` stands for two bytes that mean nothing. State survives between chunks. */
  push(chunk: Uint8Array): readonly (LineSymbol | 'error')[];
  /** How many stream errors were met so far. */
  readonly errors: number;
}

const MOST_BYTES_A_SYMBOL = 3;

export function encodeMarkedStream(symbols: readonly LineSymbol[]): Uint8Array {
  const bytes = new Uint8Array(MOST_BYTES_A_SYMBOL * symbols.length);
  let count = 0;
  for (const symbol of symbols) {
    const byte = byteOf(symbol);
    if (isMarked(symbol)) {
      // FF 00: the zero is there already.
      bytes[count] = 0xff;
      count += 2;
    } else if (byte === 0xff) {
      bytes[count] = 0xff;
      count += 1;
    }
    bytes[count] = byte;
    count += 1;
  }
  return bytes.subarray(0, count);
}

export function createMarkedStreamDecoder(): MarkedStreamDecoder {
  let state: 'DATA' | 'SAW_FF' | 'SAW_FF00' = 'DATA';
  let errors = 0;

  function next(byte: number, out: (LineSymbol | 'error')[]): void {
    if (state === 'DATA') {
      if (byte === 0xff) state = 'SAW_FF';
      else out.push(byte);
      return;
    }
    if (state === 'SAW_FF' && byte === 0x00) {
      state = 'SAW_FF00';
      return;
    }
    if (state === 'SAW_FF00') out.push(mark(byte));
    else if (byte === 0xff) out.push(byte);
    else {
      errors += 1;
      out.push('error');
    }
    state = 'DATA';
  }

  return {
    push(chunk) {
      const out: (LineSymbol | 'error')[] = [];
      for (const byte of chunk) next(byte, out);
      return out;
    },
    get errors() {
      return errors;
    },
  };
}
