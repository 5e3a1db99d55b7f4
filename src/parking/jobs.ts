import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork, Work } from '../work.ts';
import { lapseReservations } from './reservation-lapse.ts';
import { type DueLot, listLotsOfLapsed } from './reservation-store.ts';
import { keepOverstays, RENEWED_MS } from './session-overstay.ts';
import { listLotsOfOverstays } from './session-overstay-store.ts';

const LOTS = 128;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/** Ends reservations nobody came for. Any number of processes may run it. */
export const startReservationLapse = (options: JobOptions): Wakeable =>
  start(options, {
    list: ({ tx, now }) => listLotsOfLapsed(tx, { now, limit: LOTS }),
    act: lapseReservations,
  });

/** Keeps the places of cars that stay longer than they said. Any number of processes may run it. */
export const startOverstays = (options: JobOptions): Wakeable =>
  start(options, {
    list: ({ tx, now }) => listLotsOfOverstays(tx, { now, renewedMs: RENEWED_MS, limit: LOTS }),
    act: keepOverstays,
  });

interface Task {
  readonly list: (work: Work) => Promise<readonly DueLot[]>;
  readonly act: (work: Work, lot: DueLot) => Promise<unknown>;
}

/** A work for each lot: who changes one waits for no other, and what fails on one is done on the others. */
const start = ({ runWork, onError }: JobOptions, { list, act }: Task): Wakeable =>
  startWakeable({
    idleMs: WATCHED_MS,
    onError,
    run: async () => {
      const actor = system('parking-jobs');
      for (const lot of await runWork(actor, list))
        await runWork(actor, (work) => act(work, lot)).catch(onError);
      return 'idle';
    },
  });
