import { randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '../config.ts';
import { ConfigError } from '../config-error.ts';
import { makeFolder } from '../lib/folder.ts';
import type { Logger } from '../lib/logger.ts';
import type { Running } from '../lib/running.ts';
import type { BucketFault, S3Settings } from '../signage/s3-storage.ts';

type Places = Pick<Config, 'dataDir' | 'databaseUrl' | 'uploads' | 'storage'>;

interface Said {
  readonly logger: Logger;
  readonly running: Running;
}

/**
 * Tries the folders or the bucket that are written to and the program that looks at files, so that a wrong setting ends
 * the start and not the first upload.
 *
 * @throws ConfigError with one line per problem
 */
export async function checkPlaces(
  { dataDir, databaseUrl, uploads, storage }: Places,
  said: Said,
): Promise<void> {
  // What lies in it by default would only say the same.
  if (databaseUrl === null) refuse([await faultOfFolder('DATA_DIR', dataDir)]);
  refuse([
    await faultOfFolder('UPLOAD_DIR', uploads.folder),
    storage.kind === 'DISK'
      ? await faultOfFolder('STORAGE_DIR', storage.folder)
      : await faultOfBucket(storage, said),
    uploads.scanner ? await faultOfProgram('UPLOAD_SCANNER', uploads.scanner[0] ?? '') : null,
  ]);
}

function refuse(faults: readonly (string | null)[]): void {
  const problems = faults.filter((fault) => fault !== null);
  if (problems.length > 0) throw new ConfigError(problems);
}

/** It is made where it is missing. What permissions say is not enough: a disk may be read-only, or full. */
async function faultOfFolder(setting: string, folder: string): Promise<string | null> {
  const trial = join(folder, `.floorwire-${randomUUID()}`);
  try {
    await makeFolder(folder, 0o700);
    await writeFile(trial, 'x', { flag: 'wx', mode: 0o600 });
    await rm(trial);
    return null;
  } catch (error) {
    return `${setting}: ${folder} cannot be written: ${reasonOf(error)}`;
  }
}

/** The start waits no longer for what a bucket says: machines and bookings do without it. */
const BUCKET_PATIENCE_MS = 2_000;

/** What a bucket says later, or that it says nothing, is in the log. */
async function faultOfBucket(settings: S3Settings, { logger, running }: Said): Promise<string | null> {
  const { tryBucket } = await import('../signage/s3-storage.ts');
  const stopping = new AbortController();
  const trial = tryBucket(settings, stopping.signal);
  const patience = new AbortController();
  const late = pause(BUCKET_PATIENCE_MS, 'LATE' as const, { signal: patience.signal });
  late.catch(() => {});
  const answer = await Promise.race([trial, late]);
  patience.abort();
  if (answer !== 'LATE') return faultOf(answer, settings, logger);
  const told = trial.then((fault) => {
    if (stopping.signal.aborted) return;
    const refusal = faultOf(fault, settings, logger);
    if (refusal !== null) logger.error(`${refusal}; files are refused until that is put right`);
  });
  running.add({
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await told;
    },
  });
  return null;
}

/** Why a setting is wrong; a bucket that is away is told in the log. */
function faultOf(fault: BucketFault | null, settings: S3Settings, logger: Logger): string | null {
  if (!fault) return null;
  const { setting, reason } = fault;
  const { bucket, endpoint } = settings;
  if (setting !== null) return `${setting}: ${bucket} cannot be written: ${reason}`;
  logger.warn({ bucket, endpoint, reason }, 'the bucket does not answer: files are refused until it does');
  return null;
}

async function faultOfProgram(setting: string, path: string): Promise<string | null> {
  try {
    await access(path, constants.X_OK);
    return (await stat(path)).isFile() ? null : `${setting}: ${path} is no program`;
  } catch (error) {
    return `${setting}: ${path} cannot be run: ${reasonOf(error)}`;
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
