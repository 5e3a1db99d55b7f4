import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { pruneHistory } from './occupancy-history-store.ts';
import { announceDue } from './occupancy-service.ts';

/** A place that becomes reserved, or is no longer, is shown so this long after at most. */
const OCCUPANCY_MS = 500;
const BATCH = 64;
const PRUNE_MS = 60 * 60_000;
const PRUNE_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/** Announces what time alone changes of how full lots are. Any number of processes may run it. */
export const startOccupancyWatch = ({
  runWork,
  onError,
  idleMs = OCCUPANCY_MS,
}: JobOptions & {
  /** Longer for one that is woken when it is time. */
  readonly idleMs?: number;
}): Wakeable =>
  startWakeable({
    idleMs,
    onError,
    run: async () => {
      const due = await runWork(system('parking-jobs'), (work) => announceDue(work, { limit: BATCH }));
      return due === BATCH ? 'again' : 'idle';
    },
  });

/** Forgets how full lots were past its retention. Any number of processes may run it. */
export const startOccupancyRetention = ({
  runWork,
  onError,
  retentionMs,
}: JobOptions & { readonly retentionMs: number }): Wakeable =>
  startWakeable({
    idleMs: PRUNE_MS,
    onError,
    run: async () => {
      const deleted = await runWork(system('parking-jobs'), ({ tx, now }) =>
        pruneHistory(tx, { before: new Date(now.getTime() - retentionMs), limit: PRUNE_BATCH }),
      );
      return deleted === PRUNE_BATCH ? 'again' : 'idle';
    },
  });
