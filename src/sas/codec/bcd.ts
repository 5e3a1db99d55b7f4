/** Packed BCD, most significant digits first (SAS.md 0 and 4). */

const SEVEN_BYTES = 10n ** 14n;

/** The value, or null when a nibble is above 9: the value is unknown then, never 0. */
export function decodeBcd(bytes: Uint8Array): bigint | null {
  if (bytes.length > 7) return decodeLongBcd(bytes);
  let value = 0;
  for (const byte of bytes) {
    const high = byte >> 4;
    const low = byte & 0x0f;
    if (high > 9 || low > 9) return null;
    value = value * 100 + high * 10 + low;
  }
  return BigInt(value);
}

/** More than 14 digits do not fit a double exactly. */
function decodeLongBcd(bytes: Uint8Array): bigint | null {
  const head = decodeBcd(bytes.subarray(0, bytes.length - 7));
  const tail = decodeBcd(bytes.subarray(bytes.length - 7));
  return head === null || tail === null ? null : head * SEVEN_BYTES + tail;
}

/** @throws RangeError when the value is negative or needs more than `length` bytes. */
export function encodeBcd(value: bigint, length: number): Uint8Array {
  if (value < 0n || value >= 100n ** BigInt(length)) {
    throw new RangeError(`${value} does not fit ${length} BCD bytes`);
  }
  const bytes = new Uint8Array(length);
  let rest = value;
  for (let end = length; end > 0; end -= 7) {
    // Fourteen digits at a time are exact as a number, and much faster than as a bigint.
    let part = Number(rest % SEVEN_BYTES);
    rest /= SEVEN_BYTES;
    for (let at = end - 1; at >= 0 && at >= end - 7; at -= 1) {
      const two = part % 100;
      bytes[at] = (Math.floor(two / 10) << 4) | (two % 10);
      part = Math.floor(part / 100);
    }
  }
  return bytes;
}
