import { type JobOptions, startJob } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { settleDue } from './display-service.ts';

const BATCH = 256;

/** Has devices show what it is time for. */
export const startDisplayWatch = (options: JobOptions): Wakeable =>
  startJob(options, { actor: system('signage-jobs'), act: (work) => settleDue(work, { limit: BATCH }) });
