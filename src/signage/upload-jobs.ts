import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { sweepOrphans } from '../lib/orphans.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import type { Storage } from './storage.ts';
import { condemnDue, deleteCondemned, findArriving } from './stored-file-store.ts';
import { PART } from './upload-desk.ts';

const SWEEP_MS = 15_000;
const BATCH = 100;

export interface SweepOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly storage: Storage;
  /** Where files are while they come to this computer. */
  readonly folder: string;
}

/**
 * Deletes files whose time is over: uploads that nobody finished or took, and what something let go of; and parts of
 * files whose server died. Any number of processes may run it.
 */
export function startFileSweep({
  onError,
  ...options
}: SweepOptions & { readonly onError: (error: unknown) => void }): Wakeable {
  const stopping = new AbortController();
  const sweep = startWakeable({
    idleMs: SWEEP_MS,
    onError: (error) => stopping.signal.aborted || onError(error),
    run: async () => ((await sweepFiles(options, stopping.signal)) === BATCH ? 'again' : 'idle'),
  });
  return {
    wake: sweep.wake,
    async [Symbol.asyncDispose]() {
      // A storage that is far away takes its time.
      stopping.abort();
      await sweep[Symbol.asyncDispose]();
    },
  };
}

/** Answers how many files were deleted. @throws the first failure of the storage, when all else is done */
export async function sweepFiles(
  { db, runWork, storage, folder }: SweepOptions,
  signal: AbortSignal = new AbortController().signal,
): Promise<number> {
  const actor = system('uploads');
  const due = await runWork(actor, (work) => condemnDue(work.tx, { now: work.now, limit: BATCH }));
  const deleted: string[] = [];
  const failures: unknown[] = [];
  for (const id of due) {
    if (signal.aborted) break;
    try {
      await storage.delete(id, signal);
      deleted.push(id);
    } catch (error) {
      failures.push(error);
    }
  }
  if (deleted.length > 0) await runWork(actor, (work) => deleteCondemned(work.tx, deleted));
  // A part is written only while the row of its file says that it arrives, so that any other is left over.
  await sweepOrphans(folder, { suffix: PART, findLiving: (ids) => findArriving(db, ids) });
  // What could not be deleted is due again; nothing else waits for it.
  if (failures.length > 0) throw failures[0];
  return due.length;
}
