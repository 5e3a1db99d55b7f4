import type { Work } from '../work.ts';
import { findClaimEnd, growClaim } from './claim-store.ts';
import { refuseClaimed } from './claiming.ts';
import type { ParkingLot } from './lot.ts';
import type { ParkingSession } from './session.ts';
import { findSessionsOfReservations, saveSession } from './session-store.ts';
import { snapshotOfSession } from './snapshots.ts';

/**
 * Lets the car of a reservation that has come stay longer; its lot is locked. What it overstayed is its own time then.
 *
 * @throws LotFullError, SpaceTakenError
 */
export async function extendStayOf(
  work: Work,
  lot: ParkingLot,
  { reservationId, until }: { readonly reservationId: string; readonly until: Date },
): Promise<void> {
  const { tx, now } = work;
  const [session] = await findSessionsOfReservations(tx, lot.venueId, [reservationId]);
  if (!session) throw new Error(`the car of reservation ${reservationId} has come, and stands nowhere`);
  const { id: sessionId, spaceId } = session;
  const of = { sessionId };
  const claimedUntil = await findClaimEnd(tx, of);
  if (claimedUntil === null) throw new Error(`stay ${sessionId} claims nothing`);
  if (claimedUntil < until) {
    await refuseClaimed(work, lot, { spaceId, startsAt: claimedUntil, endsAt: until, cars: 'NONE' });
    await growClaim(tx, { lotId: lot.id, spaceId, endsAt: until, of });
  }
  const extended: ParkingSession = {
    ...session,
    until,
    overdueAt: null,
    changedAt: now,
    version: session.version + 1,
  };
  await saveSession(tx, extended);
  work.emit({ type: 'parking.session-extended', venueId: lot.venueId, ...snapshotOfSession(extended) });
}
