import type { Work } from '../work.ts';
import { AccountIsParkedError } from './errors.ts';
import { endReservation, getLockedLot } from './reservation-service.ts';
import {
  findReservationsByIds,
  forgetPlatesOf,
  forgetReasonsOf,
  listExpectedOf,
} from './reservation-store.ts';
import { isParked } from './session-store.ts';

/**
 * Gives back what somebody has reserved who deletes his account, and forgets which cars he drove and why, in his own
 * words, he cancelled. What is due of his stays stays in the books. Nobody goes whose car stands on a lot: who pays for it would be gone.
 *
 * @throws AccountIsParkedError
 */
export async function leaveParking(work: Work, userId: string): Promise<void> {
  if (await isParked(work.tx, userId)) throw new AccountIsParkedError();
  await forgetReasonsOf(work.tx, userId);
  for (const { venueId, lotId, id: reservationId } of await listExpectedOf(work.tx, userId)) {
    await getLockedLot(work, { venueId, lotId });
    // What the lock had waited for.
    const [reservation] = await findReservationsByIds(work.tx, venueId, [reservationId]);
    if (reservation?.status === 'ACTIVE')
      await endReservation(work, reservation, { status: 'CANCELLED', reason: 'account deleted' });
  }
  await forgetPlatesOf(work.tx, userId);
}
