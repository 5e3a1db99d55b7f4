import { type JobOptions, type RetentionOptions, startJob, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { pruneHistory } from './occupancy-history-store.ts';
import { announceDue } from './occupancy-service.ts';

const BATCH = 64;
const JOBS = system('parking-jobs');

/** Announces what time alone changes of how full lots are. */
export const startOccupancyWatch = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: JOBS,
    act: async (work) => (await announceDue(work, { limit: BATCH })) === BATCH,
  });

/** Forgets how full lots were past its retention. */
export const startOccupancyRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, { actor: JOBS, forget: pruneHistory });
