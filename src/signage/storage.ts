import type { Readable } from 'node:stream';

/** Part of a file: from this byte to that one, both included. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** A file on this computer, whole and checked. */
export interface LocalFile {
  readonly path: string;
  readonly byteSize: number;
  readonly contentType: string;
  /** 32 bytes. */
  readonly sha256: Buffer;
}

/** What is far away did not do what it was asked to; the cause is what came of it. A fault of the installation. */
export class StorageError extends Error {
  override readonly name = 'StorageError';
  /** Whether it could not be asked, or cannot do it now: later it may. */
  readonly isAway: boolean;
  constructor(message: string, { isAway, ...options }: ErrorOptions & { readonly isAway: boolean }) {
    super(message, options);
    this.isAway = isAway;
  }
}

/**
 * Where the bytes of files are kept, by id. The database knows which there are; `stored_file` is written first. One that is
 * far away throws StorageError, also while a file is read.
 */
export interface Storage {
  /**
   * Keeps a file, and may move it. It is there when this is over, also after a power cut. What is far away is waited for
   * no longer than the signal lets it.
   */
  put(id: string, file: LocalFile, signal: AbortSignal): Promise<void>;
  /** The bytes of a file, or of a part of it; null when there is none. */
  read(id: string, range?: ByteRange): Promise<Readable | null>;
  /**
   * Nothing is under this id afterwards, whether there was before or not. What is far away is waited for no longer than
   * the signal lets it.
   */
  delete(id: string, signal: AbortSignal): Promise<void>;
}
