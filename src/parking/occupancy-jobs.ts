import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { pruneHistory } from './occupancy-history-store.ts';
import { announceDue } from './occupancy-service.ts';

const BATCH = 64;
const PRUNE_MS = 60 * 60_000;
const PRUNE_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/** Announces what time alone changes of how full lots are. Any number of processes may run it. */
export const startOccupancyWatch = ({ runWork, onError }: JobOptions): Wakeable =>
  startWakeable({
    idleMs: WATCHED_MS,
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
