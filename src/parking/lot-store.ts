import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import { LotNameTakenError } from './errors.ts';
import type { LotStatus, ParkingLot } from './lot.ts';
import { occupancyColumns, occupancyOf } from './occupancy-store.ts';

interface At {
  readonly now: Date;
}

export async function findLotsByIds(
  db: Kysely<Database>,
  venueId: string,
  { ids, now }: At & { readonly ids: readonly string[] },
): Promise<readonly ParkingLot[]> {
  if (ids.length === 0) return [];
  return (await lotsAt(db, venueId, { now }).where('id', 'in', ids).execute()).map(lotOf);
}

/** A lot whose rules and fullness nobody else changes until the transaction ends. */
export async function lockLot(
  tx: Transaction<Database>,
  venueId: string,
  { id, now }: At & { readonly id: string },
): Promise<ParkingLot | null> {
  const locked = await tx
    .selectFrom('parking_lot')
    .select('id')
    .where('id', '=', id)
    .where('venue_id', '=', venueId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  // What the lock had waited for is seen by the next statement alone.
  return locked ? ((await findLotsByIds(tx, venueId, { ids: [id], now }))[0] ?? null) : null;
}

/** Which lots of a venue are meant; null: whatever there is. */
export interface LotFilter {
  readonly status: LotStatus | null;
  /** With so many free places at least. */
  readonly minFree: number | null;
}

/** The newest first, or in reverse when read backward. */
export async function listLots(
  db: Kysely<Database>,
  venueId: string,
  { filter, range, now }: At & { readonly filter: LotFilter; readonly range: KeysetRange },
): Promise<readonly ParkingLot[]> {
  const query = filtered(lotsAt(db, venueId, { now }), { filter, now });
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(lotOf);
}

export async function countLots(
  db: Kysely<Database>,
  venueId: string,
  { filter, now }: At & { readonly filter: LotFilter },
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(lotsAt(db, venueId, { now }), { filter, now }).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** All of a venue or these of it, the oldest first. */
export async function listEveryLot(
  db: Kysely<Database>,
  venueId: string,
  { ids, now }: At & { readonly ids: readonly string[] | null },
): Promise<readonly ParkingLot[]> {
  const query = lotsAt(db, venueId, { now }).orderBy('created_at').orderBy('id');
  return (await (ids ? query.where('id', 'in', ids) : query).execute()).map(lotOf);
}

/** How many places of a lot are claimed at the fullest instant from now on. */
export async function readPeak(tx: Transaction<Database>, lotId: string): Promise<number> {
  const { rows } = await sql<{
    peak: number;
  }>`select parking_peak(${lotId}, now(), 'infinity') as peak`.execute(tx);
  return rows[0]?.peak ?? 0;
}

/** @throws LotNameTakenError */
export async function insertLot(
  tx: Transaction<Database>,
  lot: Omit<ParkingLot, 'occupancy'>,
): Promise<void> {
  await refusing(() =>
    tx
      .insertInto('parking_lot')
      .values({
        ...changeable(lot),
        id: lot.id,
        venue_id: lot.venueId,
        created_at: lot.createdAt,
        shown_at: lot.createdAt,
      })
      .execute(),
  );
}

/** @throws LotNameTakenError */
export async function saveLot(tx: Transaction<Database>, lot: ParkingLot): Promise<void> {
  await refusing(() =>
    tx
      .updateTable('parking_lot')
      .set((row) => ({ ...changeable(lot), revision: row('revision', '+', 1n) }))
      .where('id', '=', lot.id)
      .where('venue_id', '=', lot.venueId)
      .execute(),
  );
}

/** Something of it is another than before, though not how full it is. Gives its revision from now on. */
export async function touchLot(tx: Transaction<Database>, lotId: string): Promise<bigint> {
  const { revision } = await tx
    .updateTable('parking_lot')
    .set((lot) => ({ revision: lot('revision', '+', 1n) }))
    .where('id', '=', lotId)
    .returning('revision')
    .executeTakeFirstOrThrow();
  return revision;
}

/** What was observed so far says nothing to who counts otherwise from now on; sensors are asked what they last said. */
export async function forgetObserved(tx: Transaction<Database>, lotId: string): Promise<void> {
  await tx
    .updateTable('parking_lot')
    .set({
      observed_at: null,
      observed_by: null,
      observed_occupied: sql<number | null>`case when counted_by = 'SENSORS' then
        (select count(*) from parking_space where lot_id = parking_lot.id and is_occupied)::integer end`,
    })
    .where('id', '=', lotId)
    .execute();
}

const changeable = (lot: Omit<ParkingLot, 'occupancy'>) => ({
  name: lot.name,
  description: lot.description,
  address: lot.address,
  latitude: lot.location?.latitude ?? null,
  longitude: lot.location?.longitude ?? null,
  capacity: lot.capacity,
  counted_by: lot.countedBy,
  stale_after_seconds: lot.staleAfterSeconds,
  reservable_days: lot.reservableDays,
  no_show_minutes: lot.noShowMinutes,
  usual_stay_minutes: lot.usualStayMinutes,
  status: lot.status,
  version: lot.version,
  updated_at: lot.updatedAt,
});

async function refusing(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isViolationOf(error, 'parking_lot_name_unique')) throw new LotNameTakenError({ cause: error });
    throw error;
  }
}

/** Restricts a query of lots. */
export function filtered<Q extends ReturnType<typeof lotsAt>>(
  query: Q,
  { filter, now }: At & { readonly filter: LotFilter },
): Q {
  let found = query;
  if (filter.status !== null) found = found.where('status', '=', filter.status) as Q;
  if (filter.minFree !== null) {
    const { occupied, reserved } = occupancyColumns(now);
    found = found.where(sql<boolean>`capacity - ${occupied} - ${reserved} >= ${filter.minFree}`) as Q;
  }
  return found;
}

/** The lots of a venue, with how full they are, all at one instant. */
export const lotsAt = (db: Kysely<Database>, venueId: string, { now }: At) => {
  const { occupied, reserved, isStale } = occupancyColumns(now);
  return db
    .selectFrom('parking_lot')
    .selectAll()
    .select([occupied.as('occupied'), reserved.as('reserved'), isStale.as('is_stale')])
    .where('venue_id', '=', venueId);
};

type LotRow = Awaited<ReturnType<ReturnType<typeof lotsAt>['execute']>>[number];

export const lotOf = (row: LotRow): ParkingLot => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  description: row.description,
  address: row.address,
  location:
    row.latitude === null || row.longitude === null
      ? null
      : { latitude: row.latitude, longitude: row.longitude },
  capacity: row.capacity,
  countedBy: row.counted_by,
  staleAfterSeconds: row.stale_after_seconds,
  reservableDays: row.reservable_days,
  noShowMinutes: row.no_show_minutes,
  usualStayMinutes: row.usual_stay_minutes,
  status: row.status,
  occupancy: occupancyOf(row),
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
