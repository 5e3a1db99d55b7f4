import type { MediaContentType } from './upload.ts';

/** How much of the beginning of a file tells what it is. */
export const HEAD_BYTES = 4_096;

/**
 * What the beginning of a file says it is; null when that is none of the media. Only the types that are taken are
 * known here: a library that knows hundreds looks into archives and containers to tell them apart.
 */
export function mediaTypeOf(head: Buffer): MediaContentType | null {
  return SIGNS.find(([, is]) => is(head))?.[0] ?? null;
}

/** Whether a file is packed: what is inside can be of any size and any kind. */
export const isArchive = (head: Buffer): boolean => ARCHIVES.some((is) => is(head));

type Sign = (head: Buffer) => boolean;

const holds =
  (sign: Buffer, at: number): Sign =>
  (head) =>
    head.subarray(at, at + sign.length).equals(sign);

const begins = (hex: string): Sign => holds(Buffer.from(hex, 'hex'), 0);

const says = (text: string, at = 0): Sign => holds(Buffer.from(text, 'latin1'), at);

const all =
  (...signs: readonly Sign[]): Sign =>
  (head) =>
    signs.every((is) => is(head));

/** ISO base media of the brands that are videos; others are pictures, sounds, or QuickTime. */
const MP4_BRANDS = ['isom', 'iso2', 'iso4', 'iso5', 'iso6', 'mp41', 'mp42', 'avc1', 'dash', 'M4V ', 'MSNV'];

/** EBML whose DocType (0x4282) is not Matroska's. */
const WEBM_DOC_TYPE = Buffer.from('4282847765626d', 'hex');

/** What may stand before the root of an SVG. A document type has no part inside: it would define entities. */
const SVG =
  /^\uFEFF?\s*(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,2000}-->\s*)*(?:<!DOCTYPE\s+svg[^>[]{0,300}>\s*)?(?:<!--(?:(?!-->)[\s\S]){0,2000}-->\s*)*<svg[\s>]/;

const SIGNS: readonly (readonly [MediaContentType, Sign])[] = [
  ['image/png', begins('89504e470d0a1a0a')],
  ['image/jpeg', begins('ffd8ff')],
  ['image/gif', (head) => says('GIF87a')(head) || says('GIF89a')(head)],
  ['image/webp', all(says('RIFF'), says('WEBP', 8))],
  ['video/mp4', all(says('ftyp', 4), (head) => MP4_BRANDS.includes(head.toString('latin1', 8, 12)))],
  ['video/webm', all(begins('1a45dfa3'), (head) => head.subarray(0, 128).includes(WEBM_DOC_TYPE))],
  ['application/pdf', says('%PDF-')],
  ['image/svg+xml', (head) => SVG.test(head.toString('utf8'))],
];

const ARCHIVES: readonly Sign[] = [
  // ZIP: with entries, without any, and in several parts.
  begins('504b0304'),
  begins('504b0506'),
  begins('504b0708'),
  // gzip, compress, bzip2, xz, zstd, LZ4.
  begins('1f8b'),
  begins('1f9d'),
  says('BZh'),
  begins('fd377a585a00'),
  begins('28b52ffd'),
  begins('04224d18'),
  // 7-Zip, RAR, cabinets, tar.
  begins('377abcaf271c'),
  begins('526172211a07'),
  says('MSCF'),
  says('ustar', 257),
];
