import { findVenuesByIds } from '../auth/venue-store.ts';
import { isOwn } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { insertClaim, turnClaim } from './claim-store.ts';
import {
  findPlace,
  isPacked,
  refuseClaimed,
  refuseClosedSpace,
  refuseTooLong,
  roomNow,
  type WantedPlace,
} from './claiming.ts';
import { LotFullError, ParkingEndedError, ParkingLimitError } from './errors.ts';
import type { ParkingLot } from './lot.ts';
import { announceOccupancy } from './occupancy-service.ts';
import { parsePlate } from './plate.ts';
import { canManageParking, canSeeParking } from './policy.ts';
import { findRatesAt } from './rate-store.ts';
import type { KeptReservation } from './reservation.ts';
import { getLockedLot, getOwnReservation, refuseEnded, refuseUnlessParker } from './reservation-service.ts';
import { findReservationsByIds, lockParker, saveReservation } from './reservation-store.ts';
import type { ParkingSession } from './session.ts';
import { countOpenStays, insertSession } from './session-store.ts';
import { snapshotOfReservation, snapshotOfSession } from './snapshots.ts';

/** Who has reserved may come so long before the beginning, if there is room. */
export const CHECK_IN_EARLY_MINUTES = 60;
const MINUTE_MS = 60_000;

export interface StartWalkIn {
  readonly venueId: string;
  readonly lotId: string;
  readonly place: WantedPlace;
  /** Whose wallet pays; null: nobody's, which who manages parking may say. */
  readonly userId: string | null;
  readonly plate: string | null;
  /** Until when it stays; null: as long as is usual. */
  readonly until: Date | null;
  /** How many cars of his can stand there, with this one, when he parks it himself. */
  readonly mostOpen: number;
}

/**
 * Begins the stay of a car without a reservation. It is refused when there is no place left now, among the cars that
 * stand there, or during the time, among those that have reserved.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, ParkingLimitError, ParkingClosedError, LotFullError,
 * SpaceTakenError, CarParkedError
 */
export async function startWalkIn(work: Work, input: StartWalkIn): Promise<ParkingSession> {
  const { now } = work;
  const { venueId, lotId, userId, place } = input;
  if (userId !== null) await refuseUnlessParker(work, { venueId, userId });
  else refuseUnlessManager(work, venueId);
  const plate = input.plate === null ? null : parsePlate(input.plate);
  await refuseTooMany(work, { venueId, userId, mostOpen: input.mostOpen });
  const lot = await getLockedLot(work, { venueId, lotId });
  const until = input.until ?? new Date(now.getTime() + lot.usualStayMinutes * MINUTE_MS);
  const time = { startsAt: now, endsAt: until };
  refuseTooLong(lot, { ...time, field: 'until' }, now);
  const spaceId = await findPlace(work, lot, { ...place, ...time, isThere: true });
  const session = await newSession(work, lot, { spaceId, userId, plate, reservationId: null, until });
  const { id: sessionId } = session;
  await insertSession(work.tx, session, work.actor);
  await insertClaim(work.tx, { venueId, lotId, spaceId, ...time, of: { sessionId } });
  work.emit({ type: 'parking.session-started', venueId, ...snapshotOfSession(session) });
  await announceOccupancy(work, lotId);
  return session;
}

export interface StartReserved {
  readonly venueId: string;
  readonly reservationId: string;
  /** Another one of the lot, where that which is reserved is still taken; null: as reserved. */
  readonly spaceId: string | null;
  /** Null: as reserved. */
  readonly plate: string | null;
  /** How many cars of his can stand there, with this one, when he parks it himself. */
  readonly mostOpen: number;
}

/**
 * Begins the stay of a car that has a place reserved, which becomes the stay's without being free in between. An hour
 * before the beginning at the earliest, and then only where there is room for somebody without a reservation too.
 *
 * A reservation is a right against all who come later, but it moves no car: while one that stays longer than it said
 * still has the place, this is refused, and the reservation waits.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, ParkingLimitError, ParkingEndedError, LotFullError,
 * SpaceTakenError, CarParkedError
 */
export async function startReserved(work: Work, input: StartReserved): Promise<ParkingSession> {
  const { tx, now } = work;
  const { venueId, reservationId, mostOpen } = input;
  const [seen] = await findReservationsByIds(tx, venueId, [reservationId]);
  if (seen) await refuseTooMany(work, { ...seen, mostOpen });
  const { reservation, lot } = await getOwnReservation(work, { venueId, reservationId });
  refuseEnded(reservation, now);
  if (reservation.status === 'CHECKED_IN')
    throw new ParkingEndedError('car of the reservation has come already');
  refuseTooEarly(reservation, now);
  const isEarly = reservation.startsAt > now;
  if (isEarly ? (await roomNow(work, lot)) <= 0 : await isPacked(work, lot)) throw new LotFullError(lot.id);
  const spaceId = input.spaceId ?? reservation.spaceId;
  if (spaceId !== null && spaceId !== reservation.spaceId) await refuseClosedSpace(work, lot, spaceId);
  const time = { startsAt: now, endsAt: reservation.endsAt };
  await refuseClaimed(work, lot, { spaceId, ...time, cars: 'OF_STAYS', except: reservationId });

  const session = await newSession(work, lot, {
    spaceId,
    userId: reservation.userId,
    plate: input.plate === null ? reservation.plate : parsePlate(input.plate),
    reservationId,
    until: reservation.endsAt,
  });
  await insertSession(tx, session, work.actor);
  await turnClaim(tx, { lotId: lot.id, spaceId, startsAt: now, reservationId, sessionId: session.id });
  const here: KeptReservation = {
    ...reservation,
    status: 'CHECKED_IN',
    checkedInAt: now,
    changedAt: now,
    version: reservation.version + 1,
  };
  await saveReservation(tx, here);
  work.emit({ type: 'parking.reservation-checked-in', venueId, ...snapshotOfReservation(here) });
  work.emit({ type: 'parking.session-started', venueId, ...snapshotOfSession(session) });
  await announceOccupancy(work, lot.id);
  return session;
}

/**
 * Nobody fills a lot by himself, with cars that may not be there. Who manages parking sees the cars he parks for others.
 *
 * @throws ParkingLimitError
 */
async function refuseTooMany(
  { tx, actor }: Work,
  { venueId, userId, mostOpen }: Pick<StartWalkIn, 'venueId' | 'userId' | 'mostOpen'>,
): Promise<void> {
  if (userId === null || !isOwn(actor, { venueId, userId }) || canManageParking(actor, venueId)) return;
  await lockParker(tx, { venueId, userId });
  if ((await countOpenStays(tx, { venueId, userId })) >= mostOpen)
    throw new ParkingLimitError(mostOpen, 'parked cars');
}

/** @throws ParkingEndedError */
function refuseTooEarly({ startsAt }: KeptReservation, now: Date): void {
  if (startsAt.getTime() - now.getTime() > CHECK_IN_EARLY_MINUTES * MINUTE_MS)
    throw new ParkingEndedError(
      `reservation begins later: come ${CHECK_IN_EARLY_MINUTES} minutes before at the earliest`,
    );
}

/** At what the lot costs now. */
async function newSession(
  { tx, now }: Work,
  { id: lotId, venueId }: ParkingLot,
  of: Pick<ParkingSession, 'spaceId' | 'userId' | 'plate' | 'reservationId' | 'until'>,
): Promise<ParkingSession> {
  const rate = (await findRatesAt(tx, [lotId], now)).get(lotId);
  const [venue] = await findVenuesByIds(tx, [venueId]);
  if (!venue) throw new NotFoundError('venue');
  return {
    ...of,
    id: newId(),
    venueId,
    lotId,
    startedAt: now,
    overdueAt: null,
    endedAt: null,
    rateId: rate?.id ?? null,
    chargeMinor: null,
    paidMinor: null,
    settlement: null,
    currency: rate?.currency ?? venue.currency,
    changedAt: now,
    version: 1,
  };
}

/** @throws NotFoundError, NotOwnerError, ValidationError */
function refuseUnlessManager({ actor }: Work, venueId: string): void {
  if (canManageParking(actor, venueId)) return;
  if (canSeeParking(actor, venueId)) throw new NotOwnerError('park for nobody');
  throw new ValidationError('Say for whom: userId.', { field: 'userId' });
}
