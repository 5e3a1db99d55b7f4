import { type RetentionOptions, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { deleteOldMessages } from './channel-store.ts';

/** Forgets messages past their retention. */
export const startMessageRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, { actor: system('channel-jobs'), forget: deleteOldMessages });
