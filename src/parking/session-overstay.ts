import type { Work } from '../work.ts';
import { findFreeUntil } from './claim-search-store.ts';
import { growClaim } from './claim-store.ts';
import type { ParkingLot } from './lot.ts';
import { getLockedLot } from './reservation-service.ts';
import type { DueLot } from './reservation-store.ts';
import type { ParkingSession } from './session.ts';
import { listOverstays, type Overstay } from './session-overstay-store.ts';
import { saveSession } from './session-store.ts';
import { snapshotOfSession } from './snapshots.ts';

/** A car that stays longer than it said keeps its place for so long at a time, */
const KEPT_MS = 15 * 60_000;
/** and again when so much of that is left. */
export const RENEWED_MS = 5 * 60_000;

/**
 * Keeps the places of cars on a lot that stay longer than they said, as long as nobody else has reserved them, and
 * tells once of each that it does. Gives how many there were.
 *
 * Where somebody else has, the car's claim ends there. It still counts among the cars on the lot: nobody is let in
 * in its place, neither who comes without a reservation nor who has one.
 */
export async function keepOverstays(work: Work, due: DueLot): Promise<number> {
  const lot = await getLockedLot(work, due);
  const overstays = await listOverstays(work.tx, due, { now: work.now, renewedMs: RENEWED_MS });
  for (const overstay of overstays) {
    await keepPlace(work, lot, overstay);
    if (overstay.session.overdueAt === null) await tell(work, overstay.session);
  }
  return overstays.length;
}

async function keepPlace(
  { tx, now }: Work,
  lot: ParkingLot,
  { session: { id: sessionId, spaceId }, claimedUntil }: Overstay,
): Promise<void> {
  if (claimedUntil.getTime() - now.getTime() > RENEWED_MS) return;
  const wanted = { spaceId, startsAt: claimedUntil, endsAt: new Date(now.getTime() + KEPT_MS), except: null };
  const endsAt = await findFreeUntil(tx, lot, wanted);
  if (endsAt !== null) await growClaim(tx, { lotId: lot.id, spaceId, endsAt, of: { sessionId } });
}

async function tell({ tx, now, emit }: Work, session: ParkingSession): Promise<void> {
  const overdue: ParkingSession = {
    ...session,
    overdueAt: now,
    changedAt: now,
    version: session.version + 1,
  };
  await saveSession(tx, overdue);
  emit({ type: 'parking.session-overdue', venueId: session.venueId, ...snapshotOfSession(overdue) });
}
