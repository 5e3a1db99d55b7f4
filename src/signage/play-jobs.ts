import { type RetentionOptions, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { prunePlays } from './play-store.ts';

/** Forgets what was shown past its retention. */
export const startPlayRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, { actor: system('signage-jobs'), forget: prunePlays });
