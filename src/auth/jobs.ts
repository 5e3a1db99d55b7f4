import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { deleteOldFailures } from './lock-out-store.ts';
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

/** Deletes wrong guesses that count no more. Any number of processes may run it. */
export function startFailureCleanup({
  runWork,
  windowMs,
  onError,
}: {
  readonly runWork: RunWork;
  /** How long a failure counts. */
  readonly windowMs: number;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  return startWakeable({
    idleMs: CLEANUP_MS,
    onError,
    async run() {
      const deleted = await runWork(system('auth-jobs'), ({ tx, now }) =>
        deleteOldFailures(tx, { before: new Date(now.getTime() - windowMs), limit: CLEANUP_BATCH }),
      );
      return deleted === CLEANUP_BATCH ? 'again' : 'idle';
    },
  });
}

/** Well within PICK_UP_SECONDS, for when the event was missed. */
const REFRESH_MS = 20_000;

/** Follows the rotations of other processes; woken by `auth.key-rotated`. */
export function startKeyRefresh(options: {
  readonly reloadKeys: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  return startWakeable({
    idleMs: REFRESH_MS,
    onError: options.onError,
    async run() {
      await options.reloadKeys();
      return 'idle';
    },
  });
}
