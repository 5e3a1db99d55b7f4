import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type JobOptions, type RetentionOptions, startJob, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import { sweepTransfers } from './aft-progress.ts';
import { expireOverdueCommands } from './command-service.ts';
import { recordUndriven } from './line-lease-service.ts';
import type { SasLine } from './machine.ts';
import { pruneGaps } from './meter-report-store.ts';
import { pruneMeterHistory } from './meter-store.ts';
import { listUndriven } from './undriven-line-store.ts';

const JOBS = system('machine-jobs');

/** Gives up on commands whose line nobody drives. */
export const startCommandExpiry = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: JOBS,
    async act(work) {
      await expireOverdueCommands(work);
      return false;
    },
  });

/** Ends transfers that nobody sent, and shows those of which nothing is heard. */
export function startTransferSweep({ runWork, onError }: JobOptions): Wakeable {
  return startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      await sweepTransfers(runWork);
      return 'idle';
    },
  });
}

/** Notices lines that nobody drives any more. */
export function startLineWatch({
  runWork,
  db,
  onError,
  onUndriven,
}: JobOptions & {
  readonly db: Kysely<Database>;
  readonly onUndriven: (line: SasLine) => void;
}): Wakeable {
  return startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      for (const lineId of await listUndriven(db)) {
        const line = await runWork(JOBS, (work) => recordUndriven(work, lineId));
        if (line) onUndriven(line);
      }
      return 'idle';
    },
  });
}

/** Deletes meter history past its retention. */
export const startMeterRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, {
    actor: JOBS,
    forget: async (tx, outlived) => {
      await pruneGaps(tx, outlived.before);
      return await pruneMeterHistory(tx, outlived);
    },
  });
