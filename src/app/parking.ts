import { startOverstays, startReservationLapse } from '../parking/jobs.ts';
import { startOccupancyRetention, startOccupancyWatch } from '../parking/occupancy-jobs.ts';
import { dueLots } from '../parking/occupancy-store.ts';
import { lapsedReservations } from '../parking/reservation-store.ts';
import { RENEWED_MS } from '../parking/session-overstay.ts';
import { overstays } from '../parking/session-overstay-store.ts';
import { startDueWatch } from './due-watch.ts';
import type { Ground } from './ground.ts';

/** What time does to a lot is done so much later at most. */
const DUE_MS = 500;

/** What time alone does to parking lots. */
export function startParking({ config, db, runWork, onError, running }: Ground): void {
  const options = { runWork, onError };
  const lapse = running.add(startReservationLapse(options));
  const stays = running.add(startOverstays(options));
  const occupancy = running.add(startOccupancyWatch(options));
  running.add(
    startDueWatch(
      [
        { rows: lapsedReservations, job: lapse },
        { rows: (from, { now }) => overstays(from, { now, renewedMs: RENEWED_MS }), job: stays },
        { rows: dueLots, job: occupancy },
      ],
      { db, onError, everyMs: DUE_MS },
    ),
  );
  running.add(startOccupancyRetention({ ...options, retentionMs: config.parkingHistoryRetentionMs }));
}
