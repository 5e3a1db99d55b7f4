import { type JobOptions, startJob } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { failSilent } from './deployment-service.ts';

const SILENCE_MS = 5_000;
const BATCH = 100;

/** Gives up devices that say nothing of the firmware they were offered. */
export const startDeploymentWatch = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: system('firmware-jobs'),
    idleMs: SILENCE_MS,
    act: async (work) => (await failSilent(work, { limit: BATCH })) === BATCH,
  });
