import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { failSilent } from './deployment-service.ts';

const SILENCE_MS = 5_000;
const BATCH = 100;
const JOBS = system('firmware-jobs');

/** Gives up devices that say nothing of the firmware they were offered. Any number of processes may run it. */
export const startDeploymentWatch = ({
  runWork,
  onError,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}): Wakeable =>
  startWakeable({
    idleMs: SILENCE_MS,
    onError,
    run: async () => {
      const settled = await runWork(JOBS, (work) => failSilent(work, { limit: BATCH }));
      return settled === BATCH ? 'again' : 'idle';
    },
  });
