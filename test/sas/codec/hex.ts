/** Bytes of a hex text such as "01 FF 69". */
export const bytes = (hex: string): Uint8Array =>
  Uint8Array.from(hex.split(' ').filter(Boolean), (pair) => Number.parseInt(pair, 16));

/** Upper-case hex with a space between bytes, as in SAS.md. */
export const hexOf = (data: Uint8Array): string =>
  Array.from(data, (byte) => byte.toString(16).toUpperCase().padStart(2, '0')).join(' ');

/** Every way to flip one bit. */
export function* oneBitFlips(data: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < data.length * 8; bit += 1) {
    const flipped = data.slice();
    flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    yield flipped;
  }
}
