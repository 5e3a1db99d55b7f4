import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Storage } from './storage.ts';

export interface S3Settings {
  readonly bucket: string;
  readonly region: string;
  /** Of another server that speaks as S3 does, by path; null: Amazon's, by host. */
  readonly endpoint: string | null;
  /** Null: as the environment of the process says. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** Files in a bucket, each under its id. Nobody else needs to reach it: files are handed on from here. */
export function s3Storage({ bucket, region, endpoint, credentials }: S3Settings): Storage {
  const client = new S3Client({
    region,
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    logger: SILENT,
    // SHA-256 is sent with each file; servers other than Amazon's do not know the checksums that are usual there.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  return {
    async put(id, { path, byteSize, contentType, sha256 }, signal) {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: id,
          Body: createReadStream(path),
          ContentLength: byteSize,
          ContentType: contentType,
          ChecksumSHA256: sha256.toString('base64'),
        }),
        { abortSignal: signal },
      );
    },
    async read(id, range) {
      try {
        const { Body: body } = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: id,
            ...(range && { Range: `bytes=${range.start}-${range.end}` }),
          }),
        );
        return body instanceof Readable ? body : null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    async delete(id) {
      await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: id }));
    },
  };
}

const ignore = () => {};

/** What it cannot do it throws; the log is not its to write. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
