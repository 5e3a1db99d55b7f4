import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Location, ParkingLot } from './lot.ts';
import { filtered, type LotFilter, lotOf, lotsAt } from './lot-store.ts';
import { boundsOf, EARTH_METERS, type Near } from './near.ts';

/** A lot, and how far away it is along the ground. */
export interface LotAway {
  readonly lot: ParkingLot;
  readonly distanceMeters: number;
}

/** The place of a lot among those around it. */
export interface DistancePlace {
  readonly distanceMeters: number;
  readonly id: string;
}

/** The part of an order (distance, id) that one page is cut from. */
export interface DistanceRange {
  readonly after: DistancePlace | null;
  readonly before: DistancePlace | null;
  readonly limit: number;
  /** Read from the end of the range towards its beginning: rows come in reverse. */
  readonly backward: boolean;
}

interface Search {
  readonly near: Near;
  readonly filter: LotFilter;
  readonly now: Date;
}

/** Those that say where they are and are near enough, the nearest first. */
export async function listLotsNear(
  db: Kysely<Database>,
  venueId: string,
  { range, ...search }: Search & { readonly range: DistanceRange },
): Promise<readonly LotAway[]> {
  const { after, before, limit, backward } = range;
  let query = db.selectFrom(around(db, venueId, search).as('lot')).selectAll();
  if (after) query = query.where(placed('>', after));
  if (before) query = query.where(placed('<', before));
  const direction = backward ? 'desc' : 'asc';
  const rows = await query
    .orderBy('distance_meters', direction)
    .orderBy('id', direction)
    .limit(limit)
    .execute();
  return rows.map((row) => ({ lot: lotOf(row), distanceMeters: row.distance_meters }));
}

export async function countLotsNear(db: Kysely<Database>, venueId: string, search: Search): Promise<number> {
  const { count } = await db
    .selectFrom(around(db, venueId, search).as('lot'))
    .select((lot) => lot.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

const placed = (than: '<' | '>', { distanceMeters, id }: DistancePlace) =>
  sql<boolean>`(distance_meters, id) ${sql.raw(than)} (${distanceMeters}::float8, ${id}::uuid)`;

function around(db: Kysely<Database>, venueId: string, { near, filter, now }: Search) {
  const { center, radiusMeters } = near;
  const distance = distanceFrom(center);
  const lots = filtered(lotsAt(db, venueId, { now }), { filter, now })
    .where('latitude', 'is not', null)
    .select(distance.as('distance_meters'));
  if (radiusMeters === null) return lots;
  const { south, north, longitudes } = boundsOf(center, radiusMeters);
  return lots
    .where(sql<boolean>`latitude between ${south} and ${north}`)
    .where((lot) =>
      lot.or(longitudes.map(([west, east]) => sql<boolean>`longitude between ${west} and ${east}`)),
    )
    .where(sql<boolean>`${distance} <= ${radiusMeters}`);
}

/** Along a great circle, by the haversine formula: exact also for what lies close together. */
const distanceFrom = ({ latitude, longitude }: Location) =>
  sql<number>`(2 * ${EARTH_METERS}::float8 * asin(least(1, sqrt(
    power(sind((latitude - ${latitude}::float8) / 2), 2)
    + cosd(latitude) * cosd(${latitude}::float8) * power(sind((longitude - ${longitude}::float8) / 2), 2)))))`;
