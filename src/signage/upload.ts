import { UploadRejectedError } from './errors.ts';
import type { MediaKind } from './media.ts';
import type { AnnouncedFile, UploadPurpose } from './stored-file.ts';

/**
 * The types of media there are, and what each is. What browsers would run, HTML above all, is none of them; SVG is,
 * and is never shown as part of a page (RULES 51).
 */
export const MEDIA_TYPES = {
  'image/png': 'IMAGE',
  'image/jpeg': 'IMAGE',
  'image/gif': 'IMAGE',
  'image/webp': 'IMAGE',
  'video/mp4': 'VIDEO',
  'video/webm': 'VIDEO',
  'application/pdf': 'DOCUMENT',
  'image/svg+xml': 'DOCUMENT',
} as const satisfies Readonly<Record<string, MediaKind>>;

export type MediaContentType = keyof typeof MEDIA_TYPES;

/** What firmware is announced as: it is for a device, and nothing here looks inside. */
export const FIRMWARE_TYPE = 'application/octet-stream';

/** The largest file of each purpose, in bytes. */
export type UploadLimits = Readonly<Record<UploadPurpose, number>>;

/** In bytes of UTF-8, as file systems count. */
const MAX_FILE_NAME = 200;

/** What is announced, as far as it can be judged before it comes. @throws UploadRejectedError */
export function parseAnnounced(
  given: Omit<AnnouncedFile, 'sha256'> & { readonly sha256: string },
  limits: UploadLimits,
): AnnouncedFile {
  const { purpose, byteSize } = given;
  const contentType = given.contentType.trim().toLowerCase();
  if (!isTaken(purpose, contentType))
    throw new UploadRejectedError('CONTENT_TYPE', `${purpose} takes ${takenTypes(purpose).join(', ')}.`);
  if (byteSize < 1n || byteSize > BigInt(limits[purpose]))
    throw new UploadRejectedError('TOO_LARGE', `${purpose} takes 1 to ${limits[purpose]} bytes.`);
  if (!/^[0-9a-f]{64}$/i.test(given.sha256))
    throw new UploadRejectedError('CHECKSUM_MISMATCH', 'sha256 takes 64 hexadecimal digits.');
  return {
    purpose,
    fileName: parseFileName(given.fileName),
    contentType,
    byteSize,
    sha256: Buffer.from(given.sha256, 'hex'),
  };
}

/** What a file is called where it comes from; never where it lies. @throws UploadRejectedError */
export function parseFileName(text: string): string {
  const name = text.normalize('NFC');
  const isName =
    name.trim() === name &&
    name.length > 0 &&
    Buffer.byteLength(name) <= MAX_FILE_NAME &&
    !/[/\\:\p{C}\u2028\u2029]/u.test(name) &&
    !name.startsWith('.');
  if (!isName)
    throw new UploadRejectedError(
      'FILE_NAME',
      `fileName takes a name without a path: 1 to ${MAX_FILE_NAME} bytes, no / \\ : and no control characters, and no dot at the beginning.`,
    );
  return name;
}

export const isMediaType = (contentType: string): contentType is MediaContentType =>
  Object.hasOwn(MEDIA_TYPES, contentType);

const isTaken = (purpose: UploadPurpose, contentType: string): boolean =>
  takenTypes(purpose).includes(contentType);

const takenTypes = (purpose: UploadPurpose): readonly string[] =>
  purpose === 'MEDIA' ? Object.keys(MEDIA_TYPES) : [FIRMWARE_TYPE];
