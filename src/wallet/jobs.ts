import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { deleteOldKeys } from './idempotency-store.ts';
import { expireHolds } from './ledger-service.ts';

const EXPIRY_BATCH = 128;
const CLEANUP_MS = 60 * 60_000;
const CLEANUP_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/**
 * Ends holds whose time is over, so that who follows a wallet learns it though nothing is posted to it. What
 * can be spent does not wait for this. Any number of processes may run it.
 */
export const startHoldExpiry = ({ runWork, onError }: JobOptions): Wakeable =>
  startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      const wallets = await runWork(system('wallet-jobs'), (work) =>
        expireHolds(work, { wallets: EXPIRY_BATCH }),
      );
      return wallets === EXPIRY_BATCH ? 'again' : 'idle';
    },
  });

/** Forgets idempotency keys past their retention. Any number of processes may run it. */
export const startKeyCleanup = ({
  runWork,
  onError,
  retentionMs,
}: JobOptions & { readonly retentionMs: number }): Wakeable =>
  startWakeable({
    idleMs: CLEANUP_MS,
    onError,
    async run() {
      const deleted = await runWork(system('wallet-jobs'), ({ tx, now }) =>
        deleteOldKeys(tx, { before: new Date(now.getTime() - retentionMs), limit: CLEANUP_BATCH }),
      );
      return deleted === CLEANUP_BATCH ? 'again' : 'idle';
    },
  });
