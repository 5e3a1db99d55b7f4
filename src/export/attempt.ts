import { ARRIVING_MS } from '../signage/stored-file.ts';
import { condemn, endArrival, keepFile, renewArrival } from '../signage/stored-file-store.ts';
import type { Work } from '../work.ts';
import {
  type Attempt,
  giveBack,
  renewAttempt,
  saveDone,
  saveFailed,
  type WrittenFile,
} from './attempt-store.ts';
import { type BulkExportFailure, EXPORTS } from './bulk-export.ts';
import { TooLargeError } from './draft.ts';
import { snapshotOfExport } from './events.ts';
import { type WritingParts, writeExport } from './writing.ts';

/** How long an export stays its process's after that was last heard of. */
export const LEASE_MS = 15_000;
/** How often a process says that it is there: three may be lost. */
const RENEWAL_MS = 4_000;
/** It reads one state of the database, and what was deleted since is kept there for so long. */
const MAX_RUN_MS = 60 * 60_000;
/** What no process survives, or the storage does not take, is given up. */
const MAX_ATTEMPTS = 3;

export interface AttemptParts extends WritingParts {
  /** How long a file can be fetched. */
  readonly retentionMs: number;
}

/** Not its attempt any more: it was cancelled, or another process has it. */
export class LostError extends Error {
  override readonly name = 'LostError';
}

/**
 * Writes one export, and says what came of it. What is in the way is told, and it is tried again when the lease is over,
 * by whichever process.
 *
 * @throws when not even that can be said: then another process takes it up
 */
export async function tryOnce(
  parts: AttemptParts,
  attempt: Attempt,
  { stopping, losing }: { readonly stopping: AbortSignal; readonly losing: AbortController },
): Promise<void> {
  const { runWork, onError } = parts;
  // Each that began before died with its process.
  if (attempt.number > MAX_ATTEMPTS) return await fail(parts, attempt, 'INTERNAL');
  let rowCount = 0;
  const renewal = setInterval(() => {
    runWork(EXPORTS, async ({ tx, now }) => {
      // The export before its file, as at its end.
      const isOurs = await renewAttempt(tx, attempt, { rowCount, until: later(now, LEASE_MS) });
      if (isOurs) await renewArrival(tx, attempt.attemptId, later(now, ARRIVING_MS));
      return isOurs;
    }).then((isOurs) => isOurs || losing.abort(new LostError()), onError);
  }, RENEWAL_MS);
  const overtime = AbortSignal.timeout(MAX_RUN_MS);
  try {
    await writeExport(parts, attempt, {
      signal: AbortSignal.any([stopping, losing.signal, overtime]),
      onProgress: (written) => {
        rowCount = written;
      },
      publish: (work, file) => finish(work, attempt, { file, retentionMs: parts.retentionMs }),
    });
  } catch (error) {
    if (stopping.aborted) return await runWork(EXPORTS, ({ tx }) => giveBack(tx, attempt));
    if (losing.signal.aborted) return;
    if (overtime.aborted) return await fail(parts, attempt, 'TOO_LONG');
    if (error instanceof TooLargeError) return await fail(parts, attempt, 'TOO_LARGE');
    onError(error);
    if (attempt.number === MAX_ATTEMPTS) await fail(parts, attempt, 'INTERNAL');
  } finally {
    clearInterval(renewal);
  }
}

async function finish(
  work: Work,
  attempt: Attempt,
  { file, retentionMs }: { readonly file: WrittenFile; readonly retentionMs: number },
): Promise<void> {
  const { tx, now } = work;
  const done = await saveDone(tx, attempt, { file, at: now, expiresAt: later(now, retentionMs) });
  if (!done) return void (await condemn(tx, file.fileId, now));
  if (!(await endArrival(tx, file.fileId, { pixels: null, until: now })))
    throw new Error('a file took so long to the storage that it was given up');
  await keepFile(tx, file.fileId);
  work.emit({ type: 'export.finished', venueId: done.venueId, ...snapshotOfExport(done) });
}

const fail = ({ runWork }: AttemptParts, attempt: Attempt, failure: BulkExportFailure): Promise<void> =>
  runWork(EXPORTS, async (work) => {
    const failed = await saveFailed(work.tx, attempt, { failure, at: work.now });
    if (failed) work.emit({ type: 'export.finished', venueId: failed.venueId, ...snapshotOfExport(failed) });
  });

const later = (now: Date, ms: number): Date => new Date(now.getTime() + ms);
