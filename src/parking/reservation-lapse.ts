import type { Work } from '../work.ts';
import { isPacked, isStoodOn, roomNow } from './claiming.ts';
import type { ParkingLot } from './lot.ts';
import { type KeptReservation, noShowAtOf } from './reservation.ts';
import { endReservation, getLockedLot } from './reservation-service.ts';
import { type DueLot, listLapsed, saveReservation } from './reservation-store.ts';
import { snapshotOfReservation } from './snapshots.ts';

/**
 * Ends what has been reserved of a lot and nobody came for: EXPIRED when its time is over, NO_SHOW when the car should
 * have come by now, whose place is free for others then. Nobody is late whose place is still taken, by cars that stay
 * longer than they said: he has as long again, and is told so. Gives how many there were.
 */
export async function lapseReservations(work: Work, due: DueLot): Promise<number> {
  const lot = await getLockedLot(work, due);
  const lapsed = await listLapsed(work.tx, due, work.now);
  for (const reservation of lapsed) await lapse(work, lot, reservation);
  return lapsed.length;
}

async function lapse(work: Work, lot: ParkingLot, reservation: KeptReservation): Promise<void> {
  const { noShowAt, endsAt } = reservation;
  const isLate = noShowAt !== null && noShowAt < endsAt;
  if (isLate && endsAt > work.now && (await isKeptOut(work, lot, reservation)))
    await delay(work, lot, reservation);
  else await endReservation(work, reservation, { status: isLate ? 'NO_SHOW' : 'EXPIRED', reason: null });
}

/** Whether the place is taken by a car that stays longer than it said. */
async function isKeptOut(work: Work, lot: ParkingLot, { spaceId }: KeptReservation): Promise<boolean> {
  if (await isPacked(work, lot)) return true;
  if (spaceId !== null) return await isStoodOn(work, lot, { spaceId, cars: 'ALL' });
  // Who is expected, he among them, has no place of all that is seen to be taken.
  return (await roomNow(work, lot)) + lot.occupancy.reserved <= 0;
}

async function delay({ tx, now, emit }: Work, lot: ParkingLot, reservation: KeptReservation): Promise<void> {
  const { startsAt, endsAt, venueId } = reservation;
  const delayed: KeptReservation = {
    ...reservation,
    noShowAt: noShowAtOf(lot, { startsAt, endsAt, since: now }),
    changedAt: now,
    version: reservation.version + 1,
  };
  await saveReservation(tx, delayed);
  emit({ type: 'parking.reservation-delayed', venueId, ...snapshotOfReservation(delayed) });
}
