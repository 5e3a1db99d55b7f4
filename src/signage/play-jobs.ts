import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { prunePlays } from './play-store.ts';

const PRUNE_MS = 60 * 60_000;
const PRUNE_BATCH = 10_000;

/** Forgets what was shown past its retention. Any number of processes may run it. */
export const startPlayRetention = ({
  runWork,
  onError,
  retentionMs,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
  readonly retentionMs: number;
}): Wakeable =>
  startWakeable({
    idleMs: PRUNE_MS,
    onError,
    run: async () => {
      const deleted = await runWork(system('signage-jobs'), ({ tx, now }) =>
        prunePlays(tx, { before: new Date(now.getTime() - retentionMs), limit: PRUNE_BATCH }),
      );
      return deleted === PRUNE_BATCH ? 'again' : 'idle';
    },
  });
