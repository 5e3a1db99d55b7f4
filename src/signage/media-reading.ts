import type { Readable } from 'node:stream';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { findFirmwareFile } from './firmware-store.ts';
import type { MediaAddress, MediaAddresses } from './media-address.ts';
import { findRevisionFile } from './media-store.ts';
import type { ByteRange, Storage } from './storage.ts';
import { isMediaType, MEDIA_TYPES } from './upload.ts';

/** A file as it is sent. */
export interface ReadableFile {
  readonly contentType: string;
  readonly fileName: string;
  readonly byteSize: number;
  readonly sha256: Buffer;
  /** Whether a browser may show it as a part of a page: raster images and videos alone (RULES 51). */
  readonly isInline: boolean;
  /** All of it, or a part; null when it has just been deleted. */
  open(range?: ByteRange): Promise<Readable | null>;
}

/** What is at an address; null when that was never given out, is over, or leads to nothing any more: all alike. */
export async function readMedia(
  {
    db,
    storage,
    addresses,
  }: { readonly db: Kysely<Database>; readonly storage: Storage; readonly addresses: MediaAddresses },
  address: MediaAddress,
  now: Date,
): Promise<ReadableFile | null> {
  if (!addresses.accepts(address, now)) return null;
  const { mediaId, revision } = address;
  const file =
    (await findRevisionFile(db, { mediaId, revision, now })) ?? (await findFirmwareFile(db, mediaId));
  if (!file) return null;
  const { id, contentType, fileName, byteSize, sha256 } = file;
  return {
    contentType,
    fileName,
    byteSize: Number(byteSize),
    sha256,
    isInline: isMediaType(contentType) && MEDIA_TYPES[contentType] !== 'DOCUMENT',
    open: (range) => storage.read(id, range),
  };
}
