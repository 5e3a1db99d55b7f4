import { describe, expect, test } from 'vitest';
import { createMarkedStreamDecoder, encodeMarkedStream } from '../../../src/sas/codec/marked-stream.ts';
import {
  formatSymbols,
  isMarked,
  type LineSymbol,
  mark,
  messageSymbols,
} from '../../../src/sas/codec/symbol.ts';
import { bytes, hexOf } from './hex.ts';

const symbolsOf = (text: string): LineSymbol[] =>
  text.split(' ').map((each) => {
    const byte = Number.parseInt(each.replace('*', ''), 16);
    return each.startsWith('*') ? mark(byte) : byte;
  });

/** Every way to cut the stream into chunks. */
function* chunkings(stream: Uint8Array): Generator<Uint8Array[]> {
  for (let cuts = 0; cuts < 1 << (stream.length - 1); cuts += 1) {
    const chunks: Uint8Array[] = [];
    let from = 0;
    for (let at = 1; at <= stream.length; at += 1) {
      if (at < stream.length && ((cuts >> (at - 1)) & 1) === 0) continue;
      chunks.push(stream.subarray(from, at));
      from = at;
    }
    yield chunks;
  }
}

describe('marked stream', () => {
  test.each([
    ['general poll, address 1', '*81', 'FF 00 81'],
    ['general poll, address 127', '*FF', 'FF 00 FF'],
    ['72 interrogate with a plain FF', '*01 72 02 FF 00 0F 22', 'FF 00 01 72 02 FF FF 00 0F 22'],
    [
      'broadcast 80, one level',
      '*00 80 01 01 00 00 12 34 56 40 86',
      'FF 00 00 80 01 01 00 00 12 34 56 40 86',
    ],
    ['event 69', '01 FF 69 DB 5B', '01 FF FF 69 DB 5B'],
    ['two chirps', '*01 *01', 'FF 00 01 FF 00 01'],
    ['a plain FF before a marked byte', 'FF *01', 'FF FF FF 00 01'],
    ['80 before an address', '*80 *01 11', 'FF 00 80 FF 00 01 11'],
    ['marked zero and marked FF', '*00 *FF FF 00', 'FF 00 00 FF 00 FF FF FF 00'],
  ])('%s: %s ⇄ %s in every chunking', (_, text, hex) => {
    const symbols = symbolsOf(text);
    expect(hexOf(encodeMarkedStream(symbols))).toBe(hex);
    for (const chunks of chunkings(bytes(hex))) {
      const decoder = createMarkedStreamDecoder();
      const decoded = chunks.flatMap((chunk) => decoder.push(chunk));
      expect(formatSymbols(decoded)).toBe(text);
      expect(decoder.errors).toBe(0);
    }
  });

  test('an escape cut into three reads gives one symbol', () => {
    const decoder = createMarkedStreamDecoder();
    expect(decoder.push(bytes('FF'))).toEqual([]);
    expect(decoder.push(bytes('00'))).toEqual([]);
    expect(decoder.push(bytes('81'))).toEqual([mark(0x81)]);
  });

  test('FF before 01 to FE is a stream error, counted, and the next byte is data again', () => {
    for (let byte = 0x01; byte <= 0xfe; byte += 1) {
      const decoder = createMarkedStreamDecoder();
      expect(decoder.push(Uint8Array.of(0x01, 0xff, byte, 0x22))).toEqual([0x01, 'error', 0x22]);
      expect(decoder.errors).toBe(1);
    }
  });

  test('a stream that ends inside an escape waits', () => {
    const decoder = createMarkedStreamDecoder();
    expect(decoder.push(bytes('01 FF'))).toEqual([0x01]);
    expect(decoder.push(bytes(''))).toEqual([]);
    expect(decoder.push(bytes('FF'))).toEqual([0xff]);
  });

  test('every symbol survives the way out and back', () => {
    const symbols = Array.from({ length: 512 }, (_, symbol) => symbol);
    expect(createMarkedStreamDecoder().push(encodeMarkedStream(symbols))).toEqual(symbols);
  });
});

describe('symbols', () => {
  test('a host message has its first byte marked and no other', () => {
    expect(formatSymbols(messageSymbols(bytes('01 72 02 FF')))).toBe('*01 72 02 FF');
    expect(messageSymbols(bytes('01 02')).map(isMarked)).toEqual([true, false]);
    expect(messageSymbols(new Uint8Array())).toEqual([]);
  });

  test('a stream error shows in a log line', () => {
    expect(formatSymbols([0x01, 'error', mark(0x81)])).toBe('01 ! *81');
  });
});
