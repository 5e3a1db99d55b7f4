import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { expireOverdueCommands } from './command-service.ts';
import { pruneMeterHistory } from './meter-store.ts';

const EXPIRY_MS = 1_000;
const PRUNE_MS = 60 * 60_000;
const PRUNE_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/** Gives up on commands whose line nobody drives. Any number of processes may run it. */
export function startCommandExpiry({ runWork, onError }: JobOptions): Wakeable {
  return startWakeable({
    idleMs: EXPIRY_MS,
    onError,
    async run() {
      await runWork(system('machine-jobs'), expireOverdueCommands);
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
      const deleted = await runWork(system('machine-jobs'), (work) =>
        pruneMeterHistory(work.tx, new Date(work.now.getTime() - retentionMs), PRUNE_BATCH),
      );
      return deleted === PRUNE_BATCH ? 'again' : 'idle';
    },
  });
}
