import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { endOverdue } from './takeover-service.ts';

/** A takeover whose time is over has ended this long after at most. */
const OVERDUE_MS = 500;

/** Ends takeovers whose time is over. Any number of processes may run it. */
export const startTakeoverEnd = ({
  runWork,
  onError,
  idleMs = OVERDUE_MS,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
  /** Longer for one that is woken when it is time. */
  readonly idleMs?: number;
}): Wakeable =>
  startWakeable({
    idleMs,
    onError,
    run: async () => ((await runWork(system('signage-jobs'), endOverdue)) ? 'again' : 'idle'),
  });
