import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { settleDue } from './display-service.ts';

const BATCH = 256;

/** Has devices show what it is time for. Any number of processes may run it. */
export const startDisplayWatch = ({
  runWork,
  onError,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}): Wakeable =>
  startWakeable({
    idleMs: WATCHED_MS,
    onError,
    run: async () => {
      const hasMore = await runWork(system('signage-jobs'), (work) => settleDue(work, { limit: BATCH }));
      return hasMore ? 'again' : 'idle';
    },
  });
