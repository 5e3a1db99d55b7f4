import { join, resolve } from 'node:path';
import type { Variables } from './environment.ts';
import type { UploadLimits } from './signage/upload.ts';

/** How files come. */
export interface UploadSettings {
  /** Where they are until they are checked. */
  readonly folder: string;
  readonly limits: UploadLimits;
  /** A program and its arguments; null: none looks at them. */
  readonly scanner: readonly string[] | null;
}

/** How exports are written. */
export interface ExportSettings {
  /** Where they are until they are whole. */
  readonly folder: string;
  readonly maxBytes: number;
  /** So many of one venue at a time. */
  readonly perVenue: number;
  /** How long a file can be fetched. */
  readonly retentionMs: number;
}

/** Where files are kept. */
export type StorageSettings =
  | { readonly kind: 'DISK'; readonly folder: string }
  | {
      readonly kind: 'S3';
      readonly bucket: string;
      readonly region: string;
      /** Null: Amazon's. */
      readonly endpoint: string | null;
      /** Null: as the environment of the process says. */
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
    };

export const uploadSettings = (values: Variables, dataDir: string): UploadSettings => ({
  folder: resolve(values.UPLOAD_DIR ?? join(dataDir, 'uploads')),
  limits: { MEDIA: values.UPLOAD_MAX_MEDIA_BYTES, FIRMWARE: values.UPLOAD_MAX_FIRMWARE_BYTES },
  scanner: values.UPLOAD_SCANNER ?? null,
});

export const exportSettings = (values: Variables, dataDir: string): ExportSettings => ({
  folder: resolve(values.UPLOAD_DIR ?? join(dataDir, 'uploads')),
  maxBytes: values.BULK_EXPORT_MAX_BYTES,
  perVenue: values.BULK_EXPORTS_PER_VENUE,
  retentionMs: values.BULK_EXPORT_RETENTION,
});

export function storageSettings(values: Variables, dataDir: string): StorageSettings {
  if (values.STORAGE === 'disk')
    return { kind: 'DISK', folder: resolve(values.STORAGE_DIR ?? join(dataDir, 'files')) };
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  return {
    kind: 'S3',
    bucket: values.S3_BUCKET ?? '',
    region: values.S3_REGION,
    endpoint: values.S3_ENDPOINT ?? null,
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : null,
  };
}
