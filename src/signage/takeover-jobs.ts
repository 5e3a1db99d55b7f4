import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { endOverdue } from './takeover-service.ts';

/** Ends takeovers whose time is over. Any number of processes may run it. */
export const startTakeoverEnd = ({
  runWork,
  onError,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}): Wakeable =>
  startWakeable({
    idleMs: WATCHED_MS,
    onError,
    run: async () => ((await runWork(system('signage-jobs'), endOverdue)) ? 'again' : 'idle'),
  });
