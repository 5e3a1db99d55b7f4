import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type JobOptions, startJob } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import { markNoShows } from './attendance-service.ts';
import { expireClaims } from './slot-hold-service.ts';
import { keepWaitlists } from './waitlist-service.ts';
import { isAnybodyWaiting } from './waitlist-store.ts';

const NO_SHOW_MS = 5_000;
const WAITLIST_MS = 1_000;
const BATCH = 128;
const ACTOR = system('booking-jobs');

/**
 * Takes off holds and offers in the moment in which their time is over, so that who watches a day learns it though
 * nobody wants the slot, and who waits for it has it before others are shown it.
 */
export const startClaimExpiry = ({
  runWork,
  onError,
  idleMs = WATCHED_MS,
}: JobOptions & { readonly idleMs?: number }): Wakeable =>
  startWakeable({
    idleMs,
    onError,
    async run() {
      const nextMs = await runWork(ACTOR, (work) => expireClaims(work, { limit: BATCH }));
      if (nextMs === 0) return 'again';
      // A timer may fire a little early.
      return nextMs === null ? 'idle' : Math.min(nextMs + 1, idleMs);
    },
  });

/** Marks who has not come. */
export const startNoShows = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: ACTOR,
    idleMs: NO_SHOW_MS,
    act: async (work) => (await markNoShows(work, { limit: BATCH })) === BATCH,
  });

/**
 * Takes out of their lines those whose slot has begun, and offers what is free and waited for though nobody gave it
 * back.
 */
export const startWaitlists = ({
  db,
  runWork,
  onError,
}: JobOptions & { readonly db: Kysely<Database> }): Wakeable =>
  startWakeable({
    idleMs: WAITLIST_MS,
    onError,
    async run() {
      if (!(await isAnybodyWaiting(db))) return 'idle';
      const kept = await runWork(ACTOR, (work) => keepWaitlists(work, { limit: BATCH }));
      return kept === BATCH ? 'again' : 'idle';
    },
  });
