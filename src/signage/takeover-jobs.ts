import { type JobOptions, startJob } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { endOverdue } from './takeover-service.ts';

/** Ends takeovers whose time is over. */
export const startTakeoverEnd = (options: JobOptions): Wakeable =>
  startJob(options, { actor: system('signage-jobs'), act: endOverdue });
