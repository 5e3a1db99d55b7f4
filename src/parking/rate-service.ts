import { findVenuesByIds } from '../auth/venue-store.ts';
import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { lockLot, touchLot } from './lot-store.ts';
import { snapshotOfOccupancy } from './occupancy-service.ts';
import { canManageParking } from './policy.ts';
import { type ParkingRate, parseTerms, type RateTerms } from './rate.ts';
import { deletePlannedRate, insertRate } from './rate-store.ts';

export interface SetParkingRate extends RateTerms {
  readonly venueId: string;
  readonly lotId: string;
  /** From when on; null: from now on. */
  readonly validFrom: Date | null;
}

/**
 * What stays cost that begin from then on, in the venue's currency; whoever stands there already pays as he began. In
 * place of what was planned for the same instant.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError
 */
export async function setParkingRate(work: Work, input: SetParkingRate): Promise<ParkingRate> {
  const { tx, now, actor } = work;
  const { venueId, lotId } = input;
  const lot = await lockLot(tx, venueId, { id: lotId, now });
  if (!lot) throw new NotFoundError('parking lot');
  if (!canManageParking(actor, venueId)) throw new NotOwnerError('set the rates of parking lots');
  const [venue] = await findVenuesByIds(tx, [venueId]);
  if (!venue) throw new NotFoundError('venue');
  const { priceMinor, perMinutes, graceMinutes, dailyCapMinor } = parseTerms(input);
  const validFrom = input.validFrom ?? now;
  if (validFrom < now)
    throw new ValidationError('validFrom does not lie in the past.', { field: 'validFrom' });
  const rate: ParkingRate = {
    id: newId(),
    venueId,
    lotId,
    validFrom,
    priceMinor,
    perMinutes,
    graceMinutes,
    dailyCapMinor,
    currency: venue.currency,
    createdAt: now,
  };
  await deletePlannedRate(tx, { lotId, validFrom, now });
  await insertRate(tx, { ...rate, createdBy: actorReference(actor) });
  const revision = await touchLot(tx, lotId);
  work.emit({
    type: 'parking.rate-changed',
    venueId,
    ...snapshotOfOccupancy(lotId, { ...lot.occupancy, revision }),
    rateId: rate.id,
    validFrom: validFrom.toISOString(),
  });
  return rate;
}
