/**
 * CRC-16/KERMIT: polynomial 1021h reflected, start value 0, no final XOR, low byte first on the wire
 * (SAS.md 3). It covers everything from the address byte to the last data byte.
 */

const REFLECTED_POLYNOMIAL = 0x8408;

const TABLE = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >> 1) ^ REFLECTED_POLYNOMIAL : crc >> 1;
  return crc;
});

/** The CRC of the bytes. The seed is 0 on the line; a ROM signature (21) starts from the host's seed. */
export function crc16(bytes: Uint8Array, seed = 0): number {
  let crc = seed;
  for (const byte of bytes) crc = (crc >> 8) ^ (TABLE[(crc ^ byte) & 0xff] ?? 0);
  return crc;
}

/** The bytes followed by their CRC, low byte first. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const crc = crc16(bytes);
  const frame = new Uint8Array(bytes.length + 2);
  frame.set(bytes);
  frame[bytes.length] = crc & 0xff;
  frame[bytes.length + 1] = crc >> 8;
  return frame;
}

/** Whether the last two bytes are the CRC of the rest. A frame without at least one byte before them is not valid. */
export function hasValidCrc(frame: Uint8Array): boolean {
  // The CRC of a message followed by its own CRC is zero: that is what the two bytes are for.
  return frame.length >= 3 && crc16(frame) === 0;
}
