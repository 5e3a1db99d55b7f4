import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { isUuid } from '../lib/ids.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import type { Storage } from './storage.ts';
import { condemnDue, deleteCondemned, findArriving } from './stored-file-store.ts';
import { PART, partName } from './upload-desk.ts';

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
export const startFileSweep = ({
  onError,
  ...options
}: SweepOptions & { readonly onError: (error: unknown) => void }): Wakeable =>
  startWakeable({
    idleMs: SWEEP_MS,
    onError,
    run: async () => ((await sweepFiles(options)) === BATCH ? 'again' : 'idle'),
  });

/** Answers how many files were deleted. @throws the first failure of the storage, when all else is done */
export async function sweepFiles({ db, runWork, storage, folder }: SweepOptions): Promise<number> {
  const actor = system('uploads');
  const due = await runWork(actor, (work) => condemnDue(work.tx, { now: work.now, limit: BATCH }));
  const deleted: string[] = [];
  const failures: unknown[] = [];
  for (const id of due) {
    try {
      await storage.delete(id);
      deleted.push(id);
    } catch (error) {
      failures.push(error);
    }
  }
  if (deleted.length > 0) await runWork(actor, (work) => deleteCondemned(work.tx, deleted));
  await sweepParts(db, folder);
  // What could not be deleted is due again; nothing else waits for it.
  if (failures.length > 0) throw failures[0];
  return due.length;
}

/** A part is written only while the row of its file says that it arrives, so that any other is left over. */
async function sweepParts(db: Kysely<Database>, folder: string): Promise<void> {
  const ids = (await namesIn(folder))
    .filter((name) => name.endsWith(PART))
    .map((name) => name.slice(0, -PART.length))
    .filter(isUuid);
  const arriving = await findArriving(db, ids);
  for (const id of ids) if (!arriving.has(id)) await rm(join(folder, partName(id)), { force: true });
}

/** Nothing, before anything has come. */
async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}
