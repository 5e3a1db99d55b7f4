import { describe, expect, test } from 'vitest';
import { decodeBcd, encodeBcd } from '../../../src/sas/codec/bcd.ts';
import { bytes } from './hex.ts';

describe('packed BCD', () => {
  test.each([
    ['00 00 00 00', 0n],
    ['00 01 23 45', 12345n],
    ['99 99 99 99', 99999999n],
    ['10', 10n],
    ['00 00 00 12 68 24 23', 12682423n],
    ['00 00 00 00 00 12 68 24 23', 12682423n],
    ['12 34 56 78 90 12 34 56', 1234567890123456n],
    ['99 99 99 99 99 99 99 99 99', 999999999999999999n],
  ])('"%s" ⇄ %d', (hex, value) => {
    const data = bytes(hex);
    expect(decodeBcd(data)).toBe(value);
    expect(encodeBcd(value, data.length)).toEqual(data);
  });

  test.each([
    '0A',
    'A0',
    '00 00 00 0F',
    'F0 00 00 00',
    '00 00 00 00 00 00 00 00 0B',
    '0B 00 00 00 00 00 00 00 00',
  ])('a digit above 9 in "%s" makes the value unknown, not 0', (hex) => {
    expect(decodeBcd(bytes(hex))).toBeNull();
  });

  test('every byte value is two digits or unknown', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const digits = byte.toString(16).padStart(2, '0');
      const expected = /^\d\d$/.test(digits) ? BigInt(digits) : null;
      expect(decodeBcd(Uint8Array.of(byte))).toBe(expected);
    }
  });

  test.each([
    [100n, 1],
    [-1n, 4],
    [100_000_000n, 4],
  ])('%d does not fit %i bytes', (value, length) => {
    expect(() => encodeBcd(value, length)).toThrow(RangeError);
  });
});
