import { createHash } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { opaqueTokenHash } from '../auth/opaque-token.ts';
import { system } from '../lib/actor.ts';
import { makeFolder } from '../lib/folder.ts';
import type { RunWork, Work } from '../work.ts';
import { checkContent } from './content-check.ts';
import { discard } from './discarding.ts';
import { UploadRejectedError } from './errors.ts';
import { type Pace, paced, UPLOAD_PACE } from './paced-body.ts';
import type { Scanner } from './scanner.ts';
import { type Storage, StorageError } from './storage.ts';
import {
  ARRIVING_MS,
  ARRIVING_RENEWAL_MS,
  type Pixels,
  STAGED_MS,
  STORED_MS,
  type StagedFile,
  UPLOAD_MARK,
} from './stored-file.ts';
import { beginArrival, endArrival, expectAgain, renewArrival } from './stored-file-store.ts';

/** A file as it comes. */
export interface ArrivingBody {
  /** As its sender says; null when he does not. */
  readonly byteSize: number | null;
  readonly pieces: AsyncIterable<Uint8Array>;
}

export interface UploadDesk extends AsyncDisposable {
  /**
   * Takes the file that was announced with this token, checks it and keeps it. Whatever is wrong with it ends the
   * upload, and nothing of it stays. Where only its storage is away it may be sent again.
   *
   * @throws UploadRejectedError, StorageError
   */
  receive(token: string, body: ArrivingBody): Promise<StagedFile>;
}

export interface UploadDeskOptions {
  readonly runWork: RunWork;
  readonly storage: Storage;
  /** Where files are while they come: on this computer. */
  readonly folder: string;
  readonly scan: Scanner;
  /** Told of what keeps a refused file from being forgotten at once. */
  readonly onError: (error: unknown) => void;
  readonly pace?: Pace;
}

/** What an arriving file is called in its folder. */
const partName = (id: string): string => `${id}${PART}`;
export const PART = '.part';

const ACTOR = system('uploads');

export function createUploadDesk(options: UploadDeskOptions): UploadDesk {
  const { runWork } = options;
  const underWay = new Set<Promise<unknown>>();
  const stopping = new AbortController();

  async function receive(token: string, body: ArrivingBody): Promise<StagedFile> {
    const tokenHash = opaqueTokenHash(token, UPLOAD_MARK);
    const file =
      tokenHash &&
      (await runWork(ACTOR, (work) =>
        beginArrival(work.tx, { tokenHash, now: work.now, until: later(work, ARRIVING_MS) }),
      ));
    if (!file)
      throw new UploadRejectedError(
        'NOT_STAGED',
        'Nothing is expected here: it has come, or was never announced.',
      );
    const renewal = setInterval(() => {
      runWork(ACTOR, (work) => renewArrival(work.tx, file.id, later(work, ARRIVING_MS))).catch(
        options.onError,
      );
    }, ARRIVING_RENEWAL_MS);
    try {
      await arrive(options, { file, body, signal: stopping.signal });
      return file;
    } catch (error) {
      const isAway = error instanceof StorageError && error.isAway;
      await (isAway ? awaitAgain(options, file) : forget(options, file, stopping.signal)).catch(
        options.onError,
      );
      throw error;
    } finally {
      clearInterval(renewal);
    }
  }

  return {
    receive(token, body) {
      const received = receive(token, body);
      const settled = received.catch(() => {}).finally(() => underWay.delete(settled));
      underWay.add(settled);
      return received;
    },
    async [Symbol.asyncDispose]() {
      // A scanner, and a storage that is far away, take their time.
      stopping.abort();
      await Promise.all(underWay);
    },
  };
}

async function arrive(
  options: UploadDeskOptions,
  {
    file,
    body,
    signal,
  }: { readonly file: StagedFile; readonly body: ArrivingBody; readonly signal: AbortSignal },
): Promise<void> {
  const { runWork, storage, folder, scan } = options;
  if (body.byteSize !== null && BigInt(body.byteSize) !== file.byteSize) throw sizeMismatch(file);
  await makeFolder(folder, 0o700);
  const path = join(folder, partName(file.id));
  const pixels = await write(path, file, paced(body.pieces, options.pace ?? UPLOAD_PACE));
  await scan(path, signal);
  const { contentType, sha256 } = file;
  const local = { path, byteSize: Number(file.byteSize), contentType, sha256 };
  await storage.put(file.id, local, signal);
  // On a disk it was moved there.
  await rm(path, { force: true });
  const isKept = await runWork(ACTOR, (work) =>
    endArrival(work.tx, file.id, { pixels, until: later(work, STORED_MS) }),
  );
  if (!isKept)
    throw new UploadRejectedError('TOO_SLOW', 'The file was given up for lost before it had come.');
}

async function write(
  path: string,
  file: StagedFile,
  pieces: AsyncIterable<Uint8Array>,
): Promise<Pixels | null> {
  const handle = await open(path, 'wx+', 0o600);
  try {
    await writePieces(handle, file, pieces);
    await handle.sync();
    return await checkContent(handle, file);
  } finally {
    await handle.close();
  }
}

async function writePieces(
  handle: FileHandle,
  file: StagedFile,
  pieces: AsyncIterable<Uint8Array>,
): Promise<void> {
  const hash = createHash('sha256');
  let bytes = 0n;
  for await (const piece of pieces) {
    bytes += BigInt(piece.length);
    if (bytes > file.byteSize) throw sizeMismatch(file);
    hash.update(piece);
    await handle.appendFile(piece);
  }
  if (bytes !== file.byteSize) throw sizeMismatch(file);
  if (!hash.digest().equals(file.sha256))
    throw new UploadRejectedError('CHECKSUM_MISMATCH', 'What has come has another SHA-256.');
}

/** A part of it may be in the storage: what comes replaces that, and where nothing comes it is swept with the rest. */
async function awaitAgain({ runWork, folder }: UploadDeskOptions, { id }: StagedFile): Promise<void> {
  await rm(join(folder, partName(id)), { force: true });
  await runWork(ACTOR, (work) => expectAgain(work.tx, id, later(work, STAGED_MS)));
}

async function forget(
  { runWork, storage, folder }: UploadDeskOptions,
  { id }: StagedFile,
  signal: AbortSignal,
): Promise<void> {
  await rm(join(folder, partName(id)), { force: true });
  await discard({ runWork, storage }, { id, actor: ACTOR, signal });
}

const sizeMismatch = ({ byteSize }: StagedFile) =>
  new UploadRejectedError('SIZE_MISMATCH', `${byteSize} bytes were announced, and something else came.`);

const later = ({ now }: Work, ms: number): Date => new Date(now.getTime() + ms);
