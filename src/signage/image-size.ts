import type { Pixels } from './stored-file.ts';

/** Bytes of a file: as many as are there from a place on, at most so many. */
export type ReadAt = (position: number, length: number) => Promise<Buffer>;

const HEAD = 32;

/**
 * How large a raster image says it is, in pixels; null when it does not say so where its format has it. Nothing is
 * decoded: what unpacks to more than a screen can hold is known before anybody unpacks it.
 */
export async function imageSize(contentType: string, readAt: ReadAt): Promise<Pixels | null> {
  const size =
    contentType === 'image/jpeg' ? await jpegSize(readAt) : HEADS[contentType]?.(await readAt(0, HEAD));
  return size && size.width > 0 && size.height > 0 ? size : null;
}

const HEADS: Readonly<Record<string, (head: Buffer) => Pixels | null>> = {
  'image/png': (head) =>
    head.length >= 24 && head.toString('latin1', 12, 16) === 'IHDR'
      ? { width: head.readUInt32BE(16), height: head.readUInt32BE(20) }
      : null,
  'image/gif': (head) =>
    head.length >= 10 ? { width: head.readUInt16LE(6), height: head.readUInt16LE(8) } : null,
  'image/webp': webpSize,
};

/** RFC 9649: lossy, lossless, extended. */
function webpSize(head: Buffer): Pixels | null {
  if (head.length < 30) return null;
  switch (head.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return { width: head.readUInt16LE(26) & 0x3fff, height: head.readUInt16LE(28) & 0x3fff };
    case 'VP8L': {
      const bits = head.readUInt32LE(21);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    case 'VP8X':
      return { width: head.readUIntLE(24, 3) + 1, height: head.readUIntLE(27, 3) + 1 };
    default:
      return null;
  }
}

/** Segments before the picture; cameras write some ten. */
const MAX_SEGMENTS = 1_000;

/** ITU-T T.81, annex B: segments until a start of frame, which has the size. */
async function jpegSize(readAt: ReadAt): Promise<Pixels | null> {
  let position = 2;
  for (let segment = 0; segment < MAX_SEGMENTS; segment += 1) {
    const head = await readAt(position, 9);
    if (head.length < 9 || head[0] !== 0xff) return null;
    const marker = head[1] ?? 0;
    if (isStartOfFrame(marker)) return { height: head.readUInt16BE(5), width: head.readUInt16BE(7) };
    // A marker may be preceded by any number of 0xff.
    if (marker === 0xff) position += 1;
    else if (marker === START_OF_SCAN || head.readUInt16BE(2) < 2) return null;
    else position += 2 + head.readUInt16BE(2);
  }
  return null;
}

const START_OF_SCAN = 0xda;
const NO_FRAMES: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);

const isStartOfFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && !NO_FRAMES.has(marker);
