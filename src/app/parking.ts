import { startOverstays, startReservationLapse } from '../parking/jobs.ts';
import { startOccupancyRetention, startOccupancyWatch } from '../parking/occupancy-jobs.ts';
import { dueLots } from '../parking/occupancy-store.ts';
import { lapsedReservations } from '../parking/reservation-store.ts';
import { RENEWED_MS } from '../parking/session-overstay.ts';
import { overstays } from '../parking/session-overstay-store.ts';
import type { Ground } from './ground.ts';

/** What time alone does to parking lots. */
export function startParking({ config, dues, runWork, onError, running }: Ground): void {
  const options = { runWork, onError };
  dues.add(lapsedReservations, running.add(startReservationLapse(options)));
  dues.add(
    (from, { now }) => overstays(from, { now, renewedMs: RENEWED_MS }),
    running.add(startOverstays(options)),
  );
  dues.add(dueLots, running.add(startOccupancyWatch(options)));
  running.add(startOccupancyRetention({ ...options, retentionMs: config.parkingHistoryRetentionMs }));
}
