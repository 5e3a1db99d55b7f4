import { findUser } from '../auth/user-store.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { deleteClaim, findClaimEnd, growClaim, insertClaim } from './claim-store.ts';
import { findPlace, refuseClaimed, refuseClosed, refuseTooLong, type WantedPlace } from './claiming.ts';
import { ParkingEndedError, ParkingLimitError } from './errors.ts';
import type { ParkingLot } from './lot.ts';
import { lockLot } from './lot-store.ts';
import { announceOccupancy } from './occupancy-service.ts';
import { parsePlate } from './plate.ts';
import { canParkFor, canSeeParking, canSeeParkingOf } from './policy.ts';
import { type KeptReservation, noShowAtOf } from './reservation.ts';
import {
  countOpenReservations,
  findReservationsByIds,
  insertReservation,
  saveReservation,
} from './reservation-store.ts';
import { extendStayOf } from './session-extension.ts';
import { snapshotOfReservation } from './snapshots.ts';

export interface ReserveParking {
  readonly venueId: string;
  readonly lotId: string;
  readonly place: WantedPlace;
  /** For whom. */
  readonly userId: string;
  /** Null: from now on. */
  readonly startsAt: Date | null;
  readonly endsAt: Date;
  readonly plate: string | null;
  /** How many open ones he can have, with this one. */
  readonly mostOpen: number;
}

/** What began so lately begins now: clocks differ, and messages take their time. */
const LATELY_MS = 60_000;

/**
 * Reserves a place of a lot for a time: one space, any of a kind, or anywhere. Never more than the lot takes at any
 * instant of it.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, ParkingLimitError, ParkingClosedError, LotFullError,
 * SpaceTakenError
 */
export async function reserveParking(work: Work, input: ReserveParking): Promise<KeptReservation> {
  const { tx, now, actor } = work;
  const { venueId, lotId, userId, endsAt, place, mostOpen } = input;
  await refuseUnlessParker(work, { venueId, userId });
  const plate = input.plate === null ? null : parsePlate(input.plate);
  if ((await countOpenReservations(tx, { venueId, userId, now })) >= mostOpen)
    throw new ParkingLimitError(mostOpen);
  const lot = await getLockedLot(work, { venueId, lotId });
  const startsAt = beginningOf(input.startsAt, now);
  refuseTooLong(lot, { startsAt, endsAt }, now);
  const spaceId = await findPlace(work, lot, { ...place, startsAt, endsAt, isThere: false });
  const reservation: KeptReservation = {
    id: newId(),
    venueId,
    lotId,
    spaceId,
    userId,
    plate,
    startsAt,
    endsAt,
    status: 'ACTIVE',
    noShowAt: noShowAtOf(lot, { startsAt, endsAt, since: now }),
    reservedAt: now,
    checkedInAt: null,
    endedAt: null,
    cancelReason: null,
    changedAt: now,
    version: 1,
  };
  await insertReservation(tx, reservation, actor);
  const of = { reservationId: reservation.id };
  await insertClaim(tx, { venueId, lotId, spaceId, startsAt, endsAt, of });
  work.emit({ type: 'parking.reservation-made', venueId, ...snapshotOfReservation(reservation) });
  await announceOccupancy(work, lotId);
  return reservation;
}

export interface OfReservation {
  readonly venueId: string;
  readonly reservationId: string;
}

/**
 * Keeps a place for longer; that of a car that has come as well. What is closed by now is promised to no other for
 * longer than it was. To where it ends already changes nothing.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, ParkingEndedError, ParkingClosedError, LotFullError,
 * SpaceTakenError
 */
export async function extendReservation(
  work: Work,
  { venueId, reservationId, endsAt }: OfReservation & { readonly endsAt: Date },
): Promise<KeptReservation> {
  const { tx, now } = work;
  const { reservation, lot } = await getOwnReservation(work, { venueId, reservationId });
  refuseEnded(reservation, now);
  if (endsAt.getTime() === reservation.endsAt.getTime()) return reservation;
  if (endsAt < reservation.endsAt)
    throw new ValidationError('endsAt is later than the reservation ends now.', { field: 'endsAt' });
  refuseTooLong(lot, { startsAt: reservation.startsAt, endsAt }, now);
  const extended: KeptReservation = {
    ...reservation,
    endsAt,
    noShowAt:
      reservation.noShowAt ??
      noShowAtOf(lot, { startsAt: reservation.startsAt, endsAt, since: reservation.reservedAt }),
    changedAt: now,
    version: reservation.version + 1,
  };
  await saveReservation(tx, extended);
  if (reservation.status === 'CHECKED_IN') await extendStayOf(work, lot, { reservationId, until: endsAt });
  else {
    await refuseClosed(work, lot, reservation.spaceId);
    await growOwnClaim(work, lot, extended);
  }
  work.emit({ type: 'parking.reservation-extended', venueId, ...snapshotOfReservation(extended) });
  await announceOccupancy(work, lot.id);
  return extended;
}

/**
 * Gives a place back for which no car has come yet. Once more changes nothing.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, ParkingEndedError
 */
export async function cancelReservation(
  work: Work,
  { reason, ...of }: OfReservation & { readonly reason: string | null },
): Promise<KeptReservation> {
  const words = reason === null ? null : parseReason(reason);
  const { reservation } = await getOwnReservation(work, of);
  if (reservation.status === 'CANCELLED') return reservation;
  if (reservation.status === 'CHECKED_IN')
    throw new ParkingEndedError('car of the reservation has come: end its stay');
  refuseEnded(reservation, work.now);
  return await endReservation(work, reservation, { status: 'CANCELLED', reason: words });
}

/** Ends one for which no car has come; its lot is locked. */
export async function endReservation(
  work: Work,
  reservation: KeptReservation,
  {
    status,
    reason,
  }: { readonly status: 'CANCELLED' | 'EXPIRED' | 'NO_SHOW'; readonly reason: string | null },
): Promise<KeptReservation> {
  const { tx, now, actor } = work;
  const { venueId, lotId, id: reservationId } = reservation;
  const ended: KeptReservation = {
    ...reservation,
    status,
    endedAt: now,
    cancelReason: reason,
    changedAt: now,
    version: reservation.version + 1,
  };
  await deleteClaim(tx, { reservationId });
  await saveReservation(tx, ended, status === 'CANCELLED' ? actor : null);
  work.emit({ type: ENDINGS[status], venueId, ...snapshotOfReservation(ended) });
  await announceOccupancy(work, lotId);
  return ended;
}

const ENDINGS = {
  CANCELLED: 'parking.reservation-cancelled',
  EXPIRED: 'parking.reservation-expired',
  NO_SHOW: 'parking.reservation-no-show-marked',
} as const;

/**
 * A reservation that the actor may change, and its lot, for nobody else to change meanwhile.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function getOwnReservation(
  work: Work,
  { venueId, reservationId }: OfReservation,
): Promise<{ readonly reservation: KeptReservation; readonly lot: ParkingLot }> {
  const find = async () => (await findReservationsByIds(work.tx, venueId, [reservationId]))[0];
  const seen = await find();
  if (!seen || !canSeeParkingOf(work.actor, seen)) throw new NotFoundError('parking reservation');
  if (!canParkFor(work.actor, seen)) throw new NotOwnerError('change reservations of others');
  const lot = await getLockedLot(work, seen);
  // What the lock had waited for.
  const reservation = await find();
  if (!reservation) throw new NotFoundError('parking reservation');
  return { reservation, lot };
}

/** @throws NotFoundError */
export async function getLockedLot(
  { tx, now }: Work,
  { venueId, lotId }: { readonly venueId: string; readonly lotId: string },
): Promise<ParkingLot> {
  const lot = await lockLot(tx, venueId, { id: lotId, now });
  if (!lot) throw new NotFoundError('parking lot');
  return lot;
}

/** Whether the actor may park for this person, who is one of the venue. @throws NotFoundError, NotOwnerError */
export async function refuseUnlessParker(
  { actor, tx }: Pick<Work, 'actor' | 'tx'>,
  { venueId, userId }: Pick<ReserveParking, 'venueId' | 'userId'>,
): Promise<void> {
  if (!canParkFor(actor, { venueId, userId })) {
    if (canSeeParking(actor, venueId)) throw new NotOwnerError('park for others');
    throw new NotFoundError('user');
  }
  if (!(await findUser(tx, { userId, venueId, isGuestToo: false }))) throw new NotFoundError('user');
}

/** @throws ParkingEndedError */
export function refuseEnded({ status, endsAt }: KeptReservation, now: Date): void {
  if (status === 'CANCELLED') throw new ParkingEndedError('reservation is cancelled');
  if (status === 'NO_SHOW') throw new ParkingEndedError('car of the reservation did not come in time');
  if (status === 'EXPIRED' || (status === 'ACTIVE' && endsAt <= now))
    throw new ParkingEndedError('time of the reservation is over');
  if (status === 'COMPLETED') throw new ParkingEndedError('stay of the reservation has ended');
}

async function growOwnClaim(
  work: Work,
  lot: ParkingLot,
  { id: reservationId, spaceId, endsAt }: KeptReservation,
): Promise<void> {
  const of = { reservationId };
  const startsAt = await findClaimEnd(work.tx, of);
  if (startsAt === null) throw new Error(`reservation ${reservationId} claims nothing`);
  await refuseClaimed(work, lot, { spaceId, startsAt, endsAt, cars: 'NONE' });
  await growClaim(work.tx, { lotId: lot.id, spaceId, endsAt, of });
}

/** @throws ValidationError */
function beginningOf(wanted: Date | null, now: Date): Date {
  if (wanted === null) return now;
  if (now.getTime() - wanted.getTime() > LATELY_MS)
    throw new ValidationError('startsAt does not lie in the past.', { field: 'startsAt' });
  return wanted < now ? now : wanted;
}
