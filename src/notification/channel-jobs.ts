import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { deleteOldMessages } from './channel-store.ts';

const CLEANUP_MS = 60 * 60_000;
const BATCH = 5_000;

/** Forgets messages past their retention. Any number of processes may run it. */
export const startMessageCleanup = ({
  runWork,
  onError,
  retentionMs,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
  readonly retentionMs: number;
}): Wakeable =>
  startWakeable({
    idleMs: CLEANUP_MS,
    onError,
    async run() {
      const deleted = await runWork(system('channel-jobs'), ({ tx, now }) =>
        deleteOldMessages(tx, { before: new Date(now.getTime() - retentionMs), limit: BATCH }),
      );
      return deleted === BATCH ? 'again' : 'idle';
    },
  });
