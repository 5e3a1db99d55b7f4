import { type JobOptions, startJobForEach } from '../job.ts';
import { system } from '../lib/actor.ts';
import type { Wakeable } from '../lib/wakeable.ts';
import { lapseReservations } from './reservation-lapse.ts';
import { listLotsOfLapsed } from './reservation-store.ts';
import { keepOverstays, RENEWED_MS } from './session-overstay.ts';
import { listLotsOfOverstays } from './session-overstay-store.ts';

const LOTS = 128;
const JOBS = system('parking-jobs');

/** Ends reservations nobody came for. */
export const startReservationLapse = (options: JobOptions): Wakeable =>
  startJobForEach(options, {
    actor: JOBS,
    list: ({ tx, now }) => listLotsOfLapsed(tx, { now, limit: LOTS }),
    act: lapseReservations,
  });

/** Keeps the places of cars that stay longer than they said. */
export const startOverstays = (options: JobOptions): Wakeable =>
  startJobForEach(options, {
    actor: JOBS,
    list: ({ tx, now }) => listLotsOfOverstays(tx, { now, renewedMs: RENEWED_MS, limit: LOTS }),
    act: keepOverstays,
  });
