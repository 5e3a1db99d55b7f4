import { expect, test } from 'vitest';
import { imageSize } from '../../src/signage/image-size.ts';
import { aPng } from '../support/uploads.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const sizeOf = (contentType: string, bytes: Buffer) =>
  imageSize(contentType, async (position, length) => bytes.subarray(position, position + length));

/** Two segments of a camera before the frame, one of them as large as there is. */
const EXIF = Buffer.concat([hex('ffe1 ffff'), Buffer.alloc(0xffff - 2, 0xff)]);
const jpegOf = (frame: string): Buffer =>
  Buffer.concat([hex('ffd8'), EXIF, hex('ffdb 0004 0000'), hex(frame)]);

test.each([
  ['PNG', 'image/png', aPng({ width: 640, height: 480 }), 640, 480],
  ['GIF', 'image/gif', hex('474946383961 8002 e001 000000'), 640, 480],
  ['JPEG', 'image/jpeg', jpegOf('ffc0 0011 08 01e0 0280 03'), 640, 480],
  ['progressive JPEG', 'image/jpeg', jpegOf('ffffff c2 0011 08 01e0 0280 03'), 640, 480],
  [
    'lossy WebP',
    'image/webp',
    hex(`52494646 00000000 57454250 56503820 00000000 000000 9d012a 8002 e001 00`),
    640,
    480,
  ],
  [
    'lossless WebP',
    'image/webp',
    hex('52494646 00000000 57454250 5650384c 00000000 2f 7fc27700 0000000000'),
    640,
    480,
  ],
  [
    'extended WebP',
    'image/webp',
    hex('52494646 00000000 57454250 56503858 0a000000 00000000 7f0200 df0100 0000'),
    640,
    480,
  ],
])('a %s says how large it is', async (_name, contentType, bytes, width, height) => {
  expect(await sizeOf(contentType, bytes)).toEqual({ width, height });
});

test.each([
  ['a PNG that ends early', 'image/png', aPng().subarray(0, 20)],
  ['a PNG of no width', 'image/png', aPng({ width: 0 })],
  [
    'a PNG whose first chunk is another',
    'image/png',
    hex('89504e470d0a1a0a 0000000d 49444154 00000001 00000001'),
  ],
  ['a GIF that ends early', 'image/gif', hex('474946383961 80')],
  ['a JPEG without a frame', 'image/jpeg', jpegOf('ffda 0004 0000 0000000000')],
  ['a JPEG that ends early', 'image/jpeg', jpegOf('ffc0 0011')],
  ['a JPEG whose segment has no length', 'image/jpeg', jpegOf('ffe0 0000 0000000000')],
  ['a JPEG of padding alone', 'image/jpeg', Buffer.concat([hex('ffd8'), Buffer.alloc(10_000, 0xff)])],
  [
    'a WebP of another kind',
    'image/webp',
    hex('52494646 00000000 57454250 41424344 00000000 00000000 00000000 0000'),
  ],
  ['what is no raster image', 'application/pdf', Buffer.from('%PDF-1.7')],
])('%s says nothing', async (_name, contentType, bytes) => {
  expect(await sizeOf(contentType, bytes)).toBeNull();
});
