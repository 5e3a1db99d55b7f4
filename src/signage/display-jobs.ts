import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { settleDue } from './display-service.ts';

/** Whatever begins or ends at an instant is on its screens this long after at most. */
const DUE_MS = 250;
const BATCH = 256;

/** Has devices show what it is time for. Any number of processes may run it. */
export const startDisplayWatch = ({
  runWork,
  onError,
  idleMs = DUE_MS,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
  /** Longer for one that is woken when it is time. */
  readonly idleMs?: number;
}): Wakeable =>
  startWakeable({
    idleMs,
    onError,
    run: async () => {
      const hasMore = await runWork(system('signage-jobs'), (work) => settleDue(work, { limit: BATCH }));
      return hasMore ? 'again' : 'idle';
    },
  });
