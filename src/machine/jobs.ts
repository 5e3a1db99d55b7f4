import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { sweepTransfers } from './aft-progress.ts';
import { expireOverdueCommands } from './command-service.ts';
import { recordUndriven } from './line-lease-service.ts';
import { listUndriven } from './line-lease-store.ts';
import type { SasLine } from './machine.ts';
import { pruneGaps } from './meter-report-store.ts';
import { pruneMeterHistory } from './meter-store.ts';

const PRUNE_MS = 60 * 60_000;
const PRUNE_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/** Gives up on commands whose line nobody drives. Any number of processes may run it. */
export function startCommandExpiry({ runWork, onError }: JobOptions): Wakeable {
  return startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      await runWork(system('machine-jobs'), expireOverdueCommands);
      return 'idle';
    },
  });
}

/** Ends transfers that nobody sent, and shows those of which nothing is heard. Any number of processes may run it. */
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

/** Notices lines that nobody drives any more. Any number of processes may run it. */
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
        const line = await runWork(system('machine-jobs'), (work) => recordUndriven(work, lineId));
        if (line) onUndriven(line);
      }
      return 'idle';
    },
  });
}

/** Deletes meter history past its retention, in batches, for as long as there is any. */
export function startMeterRetention({
  runWork,
  onError,
  retentionMs,
}: JobOptions & { readonly retentionMs: number }): Wakeable {
  return startWakeable({
    idleMs: PRUNE_MS,
    onError,
    async run() {
      const deleted = await runWork(system('machine-jobs'), async (work) => {
        const before = new Date(work.now.getTime() - retentionMs);
        await pruneGaps(work.tx, before);
        return await pruneMeterHistory(work.tx, before, PRUNE_BATCH);
      });
      return deleted === PRUNE_BATCH ? 'again' : 'idle';
    },
  });
}
