import { type JobOptions, type RetentionOptions, startJob, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { deleteOldKeys } from './idempotency-store.ts';
import { expireHolds } from './ledger-service.ts';

const WALLETS = 128;
const JOBS = system('wallet-jobs');

/**
 * Ends holds whose time is over, so that who follows a wallet learns it though nothing is posted to it. What
 * can be spent does not wait for this.
 */
export const startHoldExpiry = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: JOBS,
    act: async (work) => (await expireHolds(work, { wallets: WALLETS })) === WALLETS,
  });

/** Forgets idempotency keys past their retention. */
export const startKeyRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, { actor: JOBS, forget: deleteOldKeys });
