/** What files are uploaded for. */
export const UPLOAD_PURPOSES = ['MEDIA', 'FIRMWARE'] as const;

export type UploadPurpose = (typeof UPLOAD_PURPOSES)[number];

/** Why a file is not taken. */
export const UPLOAD_REJECTIONS = [
  'FILE_NAME',
  'CONTENT_TYPE',
  'TOO_LARGE',
  'NOT_STAGED',
  'NOT_ARRIVED',
  'SIZE_MISMATCH',
  'INCOMPLETE',
  'TOO_SLOW',
  'CHECKSUM_MISMATCH',
  'TYPE_MISMATCH',
  'ARCHIVE',
  'TOO_MANY_PIXELS',
  'SCANNER',
] as const;

export type UploadRejection = (typeof UPLOAD_REJECTIONS)[number];

/** What somebody says of a file before it is sent. */
export interface AnnouncedFile {
  readonly purpose: UploadPurpose;
  readonly fileName: string;
  readonly contentType: string;
  readonly byteSize: bigint;
  /** 32 bytes. */
  readonly sha256: Buffer;
}

/** A file that was announced, wherever it is by now. */
export interface StagedFile extends AnnouncedFile {
  readonly id: string;
  readonly venueId: string;
}

/** How large an image is. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
}

/** A file in the storage, under its id. */
export interface StoredFile extends StagedFile {
  /** Null of what is no raster image. */
  readonly pixels: Pixels | null;
}

/** How long an announced file may take to begin to come. */
export const STAGED_MS = 15 * 60_000;
/** How long a file that has come may wait for what it was sent for. */
export const STORED_MS = 60 * 60_000;
/** How long a file stays one that arrives after its server was last heard of. */
export const ARRIVING_MS = 60_000;
/** How often its server says that it still arrives: three may be lost. */
export const ARRIVING_RENEWAL_MS = 15_000;
/** How many files of one venue can be on their way at once; those who announce at the same instant may be some more. */
export const MAX_STAGED = 200;
/** The same of one person who uploads only because he has booked a device. */
export const MAX_STAGED_OF_HOLDER = 5;

/** How every upload token begins, so that it is told from other tokens. */
export const UPLOAD_MARK = 'fwup_';
