/** Packed BCD, most significant digits first (SAS.md 0 and 4). */

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
  return head === null || tail === null ? null : head * 10n ** 14n + tail;
}

/** @throws RangeError when the value is negative or needs more than `length` bytes. */
export function encodeBcd(value: bigint, length: number): Uint8Array {
  const digits = value.toString();
  if (value < 0n || digits.length > length * 2) {
    throw new RangeError(`${digits} does not fit ${length} BCD bytes`);
  }
  const padded = digits.padStart(length * 2, '0');
  return Uint8Array.from({ length }, (_, at) => Number.parseInt(padded.slice(at * 2, at * 2 + 2), 16));
}
