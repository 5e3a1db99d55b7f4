import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { finished, PassThrough, Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { codeOf } from '../db/errors.ts';
import { limitTime, type TimeLimit } from '../lib/time-limit.ts';
import { type Storage, StorageError } from './storage.ts';

export interface S3Settings {
  readonly bucket: string;
  readonly region: string;
  /** Of another server that speaks as S3 does, by path; null: Amazon's, by host. */
  readonly endpoint: string | null;
  /** Null: as the environment of the process says. */
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
}

/** A bucket that has said nothing for so long is away. */
const ANSWER_MS = 10_000;
/** What takes longer to a bucket than with so many bytes a millisecond has got stuck. */
const SLOWEST = 16;
/** What the system takes at once of a file that is sent, and sends by and by. */
const UNDER_WAY_BYTES = 4 * 1_024 ** 2;

/** Files in a bucket, each under its id. Nobody else needs to reach it: files are handed on from here. */
export function s3Storage(
  settings: S3Settings,
  { answerMs = ANSWER_MS }: { readonly answerMs?: number } = {},
): Storage {
  const { bucket } = settings;
  const client = clientOf(settings);
  return {
    async put(id, { path, byteSize, contentType, sha256 }, signal) {
      // However long all of it takes: each piece that leaves shows that it goes on.
      using limit = limitTime(answerMs + Math.ceil(Math.min(byteSize, UNDER_WAY_BYTES) / SLOWEST), signal);
      const body = Readable.from(piecesOf(path, limit), { objectMode: false });
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: id,
            Body: body,
            ContentLength: byteSize,
            ContentType: contentType,
            ChecksumSHA256: sha256.toString('base64'),
          }),
          { abortSignal: limit.signal },
        );
      } catch (error) {
        throw failureOf(error, limit);
      } finally {
        // What is not sent to its end would stay open.
        body.destroy();
      }
    },
    async read(id, range) {
      // Once it has begun it is as slow as who reads it.
      using limit = limitTime(answerMs);
      try {
        const { Body: body } = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: id,
            ...(range && { Range: `bytes=${range.start}-${range.end}` }),
          }),
          { abortSignal: limit.signal },
        );
        return body instanceof Readable ? named(body) : null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw failureOf(error, limit);
      }
    },
    async delete(id, signal) {
      using limit = limitTime(answerMs, signal);
      try {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: id }), {
          abortSignal: limit.signal,
        });
      } catch (error) {
        throw failureOf(error, limit);
      }
    },
  };

  /** Its errors have the codes of the system, which say nothing of whose they are. */
  function failureOf(error: unknown, limit?: TimeLimit): StorageError {
    const cause: unknown = limit?.signal.aborted ? limit.signal.reason : error;
    const { setting, reason } = faultOf(cause);
    return new StorageError(`the bucket ${bucket}: ${reason}`, { cause, isAway: setting === null });
  }

  function named(body: Readable): Readable {
    const told = new PassThrough();
    finished(body, { writable: false }, (error) => {
      if (error) told.destroy(failureOf(error));
    });
    told.once('close', () => body.destroy());
    return body.pipe(told);
  }
}

/** A file as it is sent; opened with its first piece. */
async function* piecesOf(path: string, limit: TimeLimit): AsyncGenerator<Buffer, void, undefined> {
  for await (const piece of createReadStream(path)) {
    limit.renew();
    yield piece;
  }
}

const clientOf = ({ region, endpoint, credentials }: S3Settings): S3Client =>
  new S3Client({
    region,
    ...(endpoint !== null && { endpoint, forcePathStyle: true }),
    ...(credentials && { credentials }),
    logger: SILENT,
    // SHA-256 is sent with each file; servers other than Amazon's do not know the checksums that are usual there.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });

/** Why nothing can be kept in a bucket: a setting is wrong, or it cannot be found out now. */
export interface BucketFault {
  readonly setting: 'S3_BUCKET' | 'S3_REGION' | 'S3_ACCESS_KEY_ID' | null;
  readonly reason: string;
}

/** Always the same: where it cannot be deleted, one stays. */
const TRIAL = '.floorwire-trial';

/** Keeps something for a moment: what permissions say is not enough. Null: that can be done. */
export async function tryBucket(settings: S3Settings, signal: AbortSignal): Promise<BucketFault | null> {
  const client = clientOf(settings);
  const trial = { Bucket: settings.bucket, Key: TRIAL };
  using limit = limitTime(ANSWER_MS, signal);
  const within = { abortSignal: limit.signal };
  try {
    const sum = createHash('sha256').update('x').digest('base64');
    await client.send(new PutObjectCommand({ ...trial, Body: 'x', ChecksumSHA256: sum }), within);
    await client.send(new DeleteObjectCommand(trial), within);
    return null;
  } catch (error) {
    return faultOf(error);
  } finally {
    client.destroy();
  }
}

const REGIONS = ['PermanentRedirect', 'AuthorizationHeaderMalformed', 'IllegalLocationConstraintException'];
const BUCKETS = ['NoSuchBucket', 'InvalidBucketName'];
const CREDENTIALS = ['ExpiredToken', 'InvalidToken'];
/** Said with a status of the caller's fault, which it is not. */
const PASSING = ['RequestTimeout', 'OperationAborted'];

function faultOf(error: unknown): BucketFault {
  if (!(error instanceof Error)) return { setting: null, reason: String(error) };
  const { name } = error;
  // Of a name with several addresses that are tried in vain there is nothing but a code.
  const [said = ''] = (error.message || (codeOf(error) ?? '')).split('\n', 1);
  // Nobody was asked: there is nothing to ask with.
  if (name === 'CredentialsProviderError') return { setting: 'S3_ACCESS_KEY_ID', reason: said };
  const reason = said === '' || said === name ? name : `${name}: ${said}`;
  const status = error instanceof S3ServiceException ? (error.$metadata.httpStatusCode ?? 0) : 0;
  if (REGIONS.includes(name)) return { setting: 'S3_REGION', reason };
  if (BUCKETS.includes(name)) return { setting: 'S3_BUCKET', reason };
  if (PASSING.includes(name)) return { setting: null, reason };
  if (CREDENTIALS.includes(name) || status === 401 || status === 403)
    return { setting: 'S3_ACCESS_KEY_ID', reason };
  // Too many requests, and whatever else passes, is no answer.
  return { setting: status >= 300 && status < 429 ? 'S3_BUCKET' : null, reason };
}

const ignore = () => {};

/** What it cannot do it throws; the log is not its to write. */
const SILENT = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore };
