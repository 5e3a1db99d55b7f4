import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { deleteOutlivedRefreshTokens } from './refresh-token-store.ts';

const CLEANUP_MS = 60 * 60_000;
const CLEANUP_BATCH = 10_000;

/** Deletes the refresh tokens of sessions whose time is over. Any number of processes may run it. */
export function startRefreshTokenCleanup({
  runWork,
  onError,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  return startWakeable({
    idleMs: CLEANUP_MS,
    onError,
    async run() {
      const deleted = await runWork(system('auth-jobs'), ({ tx, now }) =>
        deleteOutlivedRefreshTokens(tx, { now, limit: CLEANUP_BATCH }),
      );
      return deleted === CLEANUP_BATCH ? 'again' : 'idle';
    },
  });
}
