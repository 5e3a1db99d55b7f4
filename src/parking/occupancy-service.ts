import { NotFoundError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import type { OccupancySnapshot } from './events.ts';
import { freeOf, type Occupancy } from './lot.ts';
import { keepShown, type LotStanding, lockDueLots, lockStandings } from './occupancy-store.ts';

/**
 * Announces how full a lot is, when that is another than was last announced. To be called by whatever may have
 * changed it, after it has; the lot is locked until the work ends.
 *
 * @throws NotFoundError
 */
export async function announceOccupancy(work: Work, lotId: string): Promise<Occupancy> {
  const [standing] = await lockStandings(work.tx, [lotId], work);
  if (!standing) throw new NotFoundError('parking lot');
  return isAnnounced(standing, work) ? standing.occupancy : await announce(work, standing);
}

/** The same of several lots, whose order says who waits for whom: nobody holds one and waits for one before it. */
export async function announceOccupancies(work: Work, lotIds: readonly string[]): Promise<void> {
  for (const standing of await lockStandings(work.tx, lotIds, work))
    if (!isAnnounced(standing, work)) await announce(work, standing);
}

/** What time alone has changed since it was announced. Gives how many lots were looked at. */
export async function announceDue(work: Work, { limit }: { readonly limit: number }): Promise<number> {
  const lotIds = await lockDueLots(work.tx, { now: work.now, limit });
  // Even when it looks as before: it was looked at, and is not due again.
  for (const standing of await lockStandings(work.tx, lotIds, work)) await announce(work, standing);
  return lotIds.length;
}

async function announce(work: Work, standing: LotStanding): Promise<Occupancy> {
  const { lotId, venueId, shown } = standing;
  const revision = await keepShown(work.tx, standing, work);
  const occupancy = { ...standing.occupancy, revision };
  if (looksAlike(standing)) return occupancy;
  const facts = { venueId, ...snapshotOfOccupancy(lotId, occupancy) };
  work.emit({ type: 'parking.occupancy-changed', ...facts });
  const wasFull = shown !== null && freeOf(shown) <= 0;
  if (!wasFull && freeOf(occupancy) <= 0) work.emit({ type: 'parking.lot-filled', ...facts });
  return occupancy;
}

/**
 * Whether nothing is to be said of it. Where somebody who began later was done first, what this one adds may begin
 * between the two: it is announced as of now once more, so that it is due then.
 */
const isAnnounced = (standing: LotStanding, { now }: Pick<Work, 'now'>): boolean =>
  looksAlike(standing) && standing.shownAt <= now;

const looksAlike = ({ occupancy, shown }: LotStanding): boolean =>
  shown !== null &&
  shown.capacity === occupancy.capacity &&
  shown.occupied === occupancy.occupied &&
  shown.reserved === occupancy.reserved &&
  shown.isStale === occupancy.isStale;

/** How full it is, as events tell it. */
export const snapshotOfOccupancy = (lotId: string, occupancy: Occupancy): OccupancySnapshot => ({
  lotId,
  capacity: occupancy.capacity,
  occupied: occupancy.occupied,
  reserved: occupancy.reserved,
  free: freeOf(occupancy),
  observedAt: occupancy.observedAt?.toISOString() ?? null,
  isStale: occupancy.isStale,
  revision: String(occupancy.revision),
});
