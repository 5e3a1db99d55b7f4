import type { FileHandle } from 'node:fs/promises';
import { UploadRejectedError } from './errors.ts';
import { HEAD_BYTES, isArchive, mediaTypeOf } from './file-kind.ts';
import { imageSize, type ReadAt } from './image-size.ts';
import type { Pixels, StagedFile } from './stored-file.ts';
import { isMediaType, MEDIA_TYPES } from './upload.ts';

const MAX_SIDE = 16_384;
/** What takes 256 MiB once it is unpacked. */
const MAX_PIXELS = 64 * 1_024 * 1_024;

/**
 * Looks into a file that has come: whether it is what was announced, and nothing that is packed.
 *
 * @returns the size of an image, null of what is none
 * @throws UploadRejectedError
 */
export async function checkContent(
  handle: FileHandle,
  { purpose, contentType }: Pick<StagedFile, 'purpose' | 'contentType'>,
): Promise<Pixels | null> {
  const readAt = readerOf(handle);
  const head = await readAt(0, HEAD_BYTES);
  if (isArchive(head)) throw new UploadRejectedError('ARCHIVE', 'It is packed: send what is inside.');
  if (purpose === 'FIRMWARE') return null;
  if (mediaTypeOf(head) !== contentType) throw mismatch(contentType);
  if (!isRaster(contentType)) return null;
  const pixels = await imageSize(contentType, readAt);
  if (!pixels) throw mismatch(contentType);
  const { width, height } = pixels;
  if (width > MAX_SIDE || height > MAX_SIDE || width * height > MAX_PIXELS)
    throw new UploadRejectedError(
      'TOO_MANY_PIXELS',
      `An image has at most ${MAX_SIDE} pixels a side and ${MAX_PIXELS} in all.`,
    );
  return pixels;
}

const isRaster = (contentType: string): boolean =>
  isMediaType(contentType) && MEDIA_TYPES[contentType] === 'IMAGE';

const mismatch = (contentType: string) =>
  new UploadRejectedError('TYPE_MISMATCH', `What has come is no ${contentType}.`);

const readerOf =
  (handle: FileHandle): ReadAt =>
  async (position, length) => {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  };
