import { describe, expect, test } from 'vitest';
import { crc16, hasValidCrc, withCrc } from '../../../src/sas/codec/crc.ts';
import { bytes, hexOf, oneBitFlips } from './hex.ts';

describe('CRC-16/KERMIT', () => {
  test.each([
    ['31 32 33 34 35 36 37 38 39', 0x2189, '89 21'],
    ['', 0x0000, '00 00'],
    ['01', 0x1189, '89 11'],
    ['FF', 0x0f78, '78 0F'],
    ['01 01', 0x0851, '51 08'],
    ['01 02', 0x3aca, 'CA 3A'],
    ['01 03', 0x2b43, '43 2B'],
    ['01 06', 0x7cee, 'EE 7C'],
    ['01 0A', 0xb682, '82 B6'],
    ['01 FF 00', 0xa51c, '1C A5'],
    ['01 FF 69', 0x5bdb, 'DB 5B'],
    ['01 71 01 FF', 0xd01f, '1F D0'],
    ['01 72 02 FF 00', 0x220f, '0F 22'],
    ['01 74 FF 00 00 00', 0xf91a, '1A F9'],
    ['01 A0 00 00', 0x136c, '6C 13'],
    ['01 7B 08 00 00 00 00 00 00 00 00', 0x1887, '87 18'],
    ['FF FF FF FF FF FF FF FF', 0x8765, '65 87'],
  ])('of "%s" is %i, on the wire "%s"', (hex, crc, wire) => {
    expect(crc16(bytes(hex))).toBe(crc);
    expect(hexOf(withCrc(bytes(hex)))).toBe(`${hex} ${wire}`.trim());
  });

  test('of the whole is the CRC of its end, seeded with the CRC of its beginning', () => {
    const data = bytes('01 7B 08 00 00 00 00');
    for (let at = 0; at <= data.length; at += 1) {
      expect(crc16(data.subarray(at), crc16(data.subarray(0, at)))).toBe(crc16(data));
    }
  });

  test('agrees with the bit-by-bit definition on random data', () => {
    let state = 1;
    const next = (): number => {
      state = (state * 48271) % 0x7fffffff;
      return state;
    };
    for (let run = 0; run < 300; run += 1) {
      const data = Uint8Array.from({ length: next() % 64 }, () => next() & 0xff);
      let crc = 0;
      for (const byte of data) {
        for (let bit = 0; bit < 8; bit += 1) {
          const feedback = (crc ^ (byte >> bit)) & 1;
          crc = feedback ? (crc >> 1) ^ 0x8408 : crc >> 1;
        }
      }
      expect(crc16(data)).toBe(crc);
    }
  });

  test('refuses every frame with one flipped bit, and frames too short to carry one', () => {
    const frame = bytes('01 FF 69 DB 5B');
    expect(hasValidCrc(frame)).toBe(true);
    for (const flipped of oneBitFlips(frame)) expect(hasValidCrc(flipped)).toBe(false);
    expect(hasValidCrc(bytes('00 00'))).toBe(false);
    expect(hasValidCrc(bytes(''))).toBe(false);
  });
});
