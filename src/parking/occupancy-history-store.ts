import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** How full a lot was in a part of the past; in cars. */
export interface HistoryStep {
  readonly startsAt: Date;
  /** As it stood at the end. */
  readonly capacity: number;
  readonly occupied: number;
  readonly reserved: number;
  /** The fewest places that were free in it. */
  readonly minFree: number;
}

/** From a whole minute on, in steps of whole minutes that end not later than `to`. */
export interface HistoryRange {
  readonly lotId: string;
  readonly from: Date;
  readonly to: Date;
  readonly stepMinutes: number;
}

/** The steps of which something is known, the oldest first. What did not change is as it was before. */
export async function listHistory(
  db: Kysely<Database>,
  venueId: string,
  { lotId, from, to, stepMinutes }: HistoryRange,
): Promise<readonly HistoryStep[]> {
  const { rows } = await sql<{
    starts_at: Date;
    capacity: number;
    occupied: number;
    reserved: number;
    min_free: number;
  }>`with step as (
      select starts_at, starts_at + make_interval(mins => ${stepMinutes}) as ends_at
      from generate_series(${from}::timestamptz, ${to}::timestamptz - make_interval(mins => ${stepMinutes}),
        make_interval(mins => ${stepMinutes})) as starts_at
    )
    select step.starts_at, last.capacity, last.occupied, last.reserved, (
      select min(capacity - occupied - reserved) from (
        select * from parking_occupancy where lot_id = ${lotId} and venue_id = ${venueId}
          and minute >= step.starts_at and minute < step.ends_at
        union all
        (select * from parking_occupancy where lot_id = ${lotId} and venue_id = ${venueId}
          and minute < step.starts_at order by minute desc limit 1)
      ) seen
    ) as min_free
    from step cross join lateral (
      select capacity, occupied, reserved from parking_occupancy
      where lot_id = ${lotId} and venue_id = ${venueId} and minute < step.ends_at order by minute desc limit 1
    ) last
    order by step.starts_at`.execute(db);
  return rows.map((row) => ({
    startsAt: row.starts_at,
    capacity: row.capacity,
    occupied: row.occupied,
    reserved: row.reserved,
    minFree: row.min_free,
  }));
}

/** Forgets minutes before an instant, so many at most; of each lot the last of them stays, from which it goes on. */
export async function pruneHistory(
  tx: Transaction<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`delete from parking_occupancy where ctid in (
    select old.ctid from parking_occupancy old
    where old.minute < ${before} and exists (
      select from parking_occupancy newer
      where newer.lot_id = old.lot_id and newer.minute > old.minute and newer.minute < ${before}
    ) limit ${limit})`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}
