import { type Kysely, sql } from 'kysely';
import { type Instant, shifted } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { DueLot } from './reservation-store.ts';
import type { ParkingSession } from './session.ts';
import { sessionOf } from './session-store.ts';

/** A stay that is longer than it said. */
export interface Overstay {
  readonly session: ParkingSession;
  /** Until when its place is its own. */
  readonly claimedUntil: Date;
}

interface Now {
  readonly now: Instant;
  /** What is left of a claim when it is to be renewed. */
  readonly renewedMs: number;
}

/** Lots with such stays, of which nobody was told yet or which can keep their place for longer. */
export async function listLotsOfOverstays(
  db: Kysely<Database>,
  { limit, ...now }: Now & { readonly limit: number },
): Promise<readonly DueLot[]> {
  return await overstays(db, now)
    .select(['stay.venue_id as venueId', 'stay.lot_id as lotId'])
    .distinct()
    .limit(limit)
    .execute();
}

/** Those of one lot, in the order in which they should have gone. */
export async function listOverstays(
  db: Kysely<Database>,
  { venueId, lotId }: DueLot,
  now: Now,
): Promise<readonly Overstay[]> {
  const rows = await overstays(db, now)
    .selectAll('stay')
    .select('claim.ends_at as claimed_until')
    .where('stay.venue_id', '=', venueId)
    .where('stay.lot_id', '=', lotId)
    .orderBy('stay.until')
    .orderBy('stay.id')
    .execute();
  return rows.map((row) => ({ session: sessionOf(row), claimedUntil: row.claimed_until }));
}

/** A claim that others stand in the way of does not come up again as long as they do. */
export const overstays = (db: Kysely<Database>, { now, renewedMs }: Now) =>
  db
    .selectFrom('parking_session as stay')
    .innerJoin('parking_claim as claim', 'claim.session_id', 'stay.id')
    .innerJoin('parking_lot as lot', 'lot.id', 'stay.lot_id')
    .where('stay.ended_at', 'is', null)
    .where('stay.until', '<=', now)
    .where((stay) =>
      stay.or([
        stay('stay.overdue_at', 'is', null),
        stay.and([
          stay('claim.ends_at', '<=', shifted(now, renewedMs)),
          sql<boolean>`not exists (select from parking_claim other where other.space_id = stay.space_id
            and other.id <> claim.id and tstzrange(other.starts_at, other.ends_at) @> claim.ends_at)`,
          sql<boolean>`parking_peak(stay.lot_id, claim.ends_at, claim.ends_at + interval '1 millisecond') < lot.capacity`,
        ]),
      ]),
    );
