/** Called for each whole frame of a server; `opcode` as RFC 6455 5.2 has it, `end` the last bytes that came of it. */
export type OnFrame = (opcode: number, end: Buffer) => void;

const SHORT = 126;
const LONG = 127;

/**
 * Counts the frames in a stream of bytes without reading what is in them: a client that costs less
 * than the server it measures. The frames of a server are not masked.
 */
export function createFrameReader(onFrame: OnFrame): (chunk: Buffer) => void {
  /** A header whose end has not come. */
  let head: Buffer | null = null;
  let opcode = 0;
  let missing = 0;

  return (chunk) => {
    let bytes = chunk;
    let at = 0;
    if (missing > 0) {
      if (missing > bytes.length) {
        missing -= bytes.length;
        return;
      }
      at = missing;
      missing = 0;
      onFrame(opcode, bytes.subarray(0, at));
    } else if (head) {
      bytes = Buffer.concat([head, bytes]);
      head = null;
    }
    while (at < bytes.length) {
      const size = headerBytes(bytes, at);
      if (size === null) {
        head = bytes.subarray(at);
        return;
      }
      opcode = (bytes[at] ?? 0) & 0x0f;
      const end = at + size + payloadBytes(bytes, at);
      if (end > bytes.length) {
        missing = end - bytes.length;
        return;
      }
      const payload = bytes.subarray(at + size, end);
      at = end;
      onFrame(opcode, payload);
    }
  };
}

/** Null while it is cut off. */
function headerBytes(bytes: Buffer, at: number): number | null {
  const length = bytes[at + 1];
  if (length === undefined) return null;
  const size = length === LONG ? 10 : length === SHORT ? 4 : 2;
  return at + size > bytes.length ? null : size;
}

function payloadBytes(bytes: Buffer, at: number): number {
  const length = bytes[at + 1] ?? 0;
  if (length === LONG) return Number(bytes.readBigUInt64BE(at + 2));
  return length === SHORT ? bytes.readUInt16BE(at + 2) : length;
}
