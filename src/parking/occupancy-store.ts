import { type ExpressionBuilder, type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { ParkingLotTable } from '../db/tables/parking.ts';
import type { Occupancy } from './lot.ts';

/** How full a lot is at one instant, and what of it was announced last. */
export interface LotStanding {
  readonly lotId: string;
  readonly venueId: string;
  readonly occupancy: Occupancy;
  /** Null before the first announcement. */
  readonly shown: Pick<Occupancy, 'capacity' | 'occupied' | 'reserved' | 'isStale'> | null;
  /** Whatever begins or ends by then was taken into account. */
  readonly shownAt: Date;
}

interface At {
  readonly now: Date;
}

/** What `occupied`, `reserved` and `is_stale` of a row of `parking_lot` are at one instant. */
export const occupancyColumns = (now: Instant) => ({
  occupied: sql<number>`case parking_lot.counted_by
    when 'STAYS' then (select count(*) from parking_session where lot_id = parking_lot.id and ended_at is null)
    else coalesce(parking_lot.observed_occupied, 0) end::integer`,
  reserved: sql<number>`(select count(*) from parking_reservation where lot_id = parking_lot.id
    and status = 'ACTIVE' and starts_at <= ${now} and ends_at > ${now})::integer`,
  isStale: sql<boolean>`parking_lot.counted_by <> 'STAYS' and (parking_lot.observed_at is null
    or parking_lot.observed_at <= ${now}::timestamptz - make_interval(secs => parking_lot.stale_after_seconds))`,
});

/**
 * Lots locked in their order: how full they are is changed by nobody else until the transaction ends. Of what is none
 * there is none.
 */
export async function lockStandings(
  tx: Transaction<Database>,
  lotIds: readonly string[],
  { now }: At,
): Promise<readonly LotStanding[]> {
  if (lotIds.length === 0) return [];
  await tx
    .selectFrom('parking_lot')
    .select('id')
    .where('id', 'in', lotIds)
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  // What the locks had waited for is seen by the next statement alone.
  return await standings(tx, lotIds, { now });
}

async function standings(
  db: Kysely<Database>,
  lotIds: readonly string[],
  { now }: At,
): Promise<readonly LotStanding[]> {
  const { occupied, reserved, isStale } = occupancyColumns(now);
  const rows = await db
    .selectFrom('parking_lot')
    .select([
      'id',
      'venue_id',
      'capacity',
      'counted_by',
      'observed_at',
      'revision',
      'shown_capacity',
      'shown_occupied',
      'shown_reserved',
      'shown_stale',
      'shown_at',
      occupied.as('occupied'),
      reserved.as('reserved'),
      isStale.as('is_stale'),
    ])
    .where('id', 'in', lotIds)
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    lotId: row.id,
    venueId: row.venue_id,
    occupancy: occupancyOf(row),
    shown:
      row.shown_capacity === null || row.shown_occupied === null || row.shown_reserved === null
        ? null
        : {
            capacity: row.shown_capacity,
            occupied: row.shown_occupied,
            reserved: row.shown_reserved,
            isStale: row.shown_stale,
          },
    shownAt: row.shown_at,
  }));
}

/** How full the lot of a row is that has `occupancyColumns` besides. */
export const occupancyOf = (
  row: Pick<Selectable<ParkingLotTable>, 'capacity' | 'counted_by' | 'observed_at' | 'revision'> & {
    readonly occupied: number;
    readonly reserved: number;
    readonly is_stale: boolean;
  },
): Occupancy => ({
  capacity: row.capacity,
  occupied: row.occupied,
  reserved: row.reserved,
  observedAt: row.counted_by === 'STAYS' ? null : row.observed_at,
  isStale: row.is_stale,
  revision: row.revision,
});

/** Keeps what is announced of a lot, and in its history. Gives the revision it has from now on. */
export async function keepShown(
  tx: Transaction<Database>,
  { lotId, venueId, occupancy }: Pick<LotStanding, 'lotId' | 'venueId' | 'occupancy'>,
  { now }: At,
): Promise<bigint> {
  const { capacity, occupied, reserved, isStale } = occupancy;
  const { revision } = await tx
    .updateTable('parking_lot')
    .set((lot) => ({
      shown_capacity: capacity,
      shown_occupied: occupied,
      shown_reserved: reserved,
      shown_stale: isStale,
      shown_at: now,
      revision: lot('revision', '+', 1n),
    }))
    .where('id', '=', lotId)
    .returning('revision')
    .executeTakeFirstOrThrow();
  await tx
    .insertInto('parking_occupancy')
    .values({ lot_id: lotId, venue_id: venueId, minute: minuteOf(now), capacity, occupied, reserved })
    .onConflict((same) => same.columns(['lot_id', 'minute']).doUpdateSet({ capacity, occupied, reserved }))
    .execute();
  return revision;
}

/**
 * Lots of which time alone may have changed how full they are since that was last announced: a reservation began or
 * ended, or what was observed has become stale. At most so many, and none that another process has in hand.
 */
export async function lockDueLots(
  tx: Transaction<Database>,
  { now, limit }: At & { readonly limit: number },
): Promise<readonly string[]> {
  const rows = await dueLots(tx, { now }).select('id').limit(limit).forNoKeyUpdate().skipLocked().execute();
  return rows.map(({ id }) => id);
}

/** Those that time alone may have changed since they were announced. */
export const dueLots = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db
    .selectFrom('parking_lot')
    .where((lot) =>
      lot.or([
        lot.exists(reservationsSinceShown(lot, { bound: 'starts_at', now })),
        lot.exists(reservationsSinceShown(lot, { bound: 'ends_at', now })),
        lot.and([lot('shown_stale', '=', false), occupancyColumns(now).isStale]),
      ]),
    );

/** Those that began, or ended, since the lot was last announced: each an index finds. */
const reservationsSinceShown = (
  lot: ExpressionBuilder<Database, 'parking_lot'>,
  { bound, now }: { readonly bound: 'starts_at' | 'ends_at'; readonly now: Instant },
) =>
  lot
    .selectFrom('parking_reservation')
    .select('parking_reservation.id')
    .whereRef('parking_reservation.lot_id', '=', 'parking_lot.id')
    .where('parking_reservation.status', '=', 'ACTIVE')
    .where(`parking_reservation.${bound}`, '<=', now)
    .whereRef(`parking_reservation.${bound}`, '>', 'parking_lot.shown_at');

const MINUTE_MS = 60_000;
const minuteOf = (at: Date) => new Date(Math.floor(at.getTime() / MINUTE_MS) * MINUTE_MS);
