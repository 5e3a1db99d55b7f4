import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Time } from './claim-store.ts';
import type { ParkingLot } from './lot.ts';
import { occupancyColumns } from './occupancy-store.ts';
import type { SpaceKind } from './space.ts';

/** What can be had: of a lot that is locked it can be had until the transaction ends. */

/**
 * Until when a place of a lot, or one space of it, can be had from then on, `endsAt` at the latest; null: not even
 * at the beginning.
 */
export async function findFreeUntil(
  db: Kysely<Database>,
  { id: lotId, capacity }: Pick<ParkingLot, 'id' | 'capacity'>,
  {
    spaceId,
    startsAt,
    endsAt,
    except,
  }: Time & {
    readonly spaceId: string | null;
    /** A reservation whose claim does not count. */
    readonly except: string | null;
  },
): Promise<Date | null> {
  const { rows } = await sql<{ at: Date | null }>`
    with claimed as (
      select greatest(starts_at, ${startsAt}) as starts_at, least(ends_at, ${endsAt}) as ends_at, space_id
      from parking_claim
      where lot_id = ${lotId} and tstzrange(starts_at, ends_at) && tstzrange(${startsAt}, ${endsAt})
        and coalesce(reservation_id <> ${except}::uuid, true)
    ), steps as (
      select starts_at as at, 1 as cars from claimed union all select ends_at, -1 from claimed
    ), counted as (
      select at, sum(cars) over (order by at, cars rows unbounded preceding) as standing from steps
    )
    select least(
      (select min(at) from counted where standing >= ${capacity}::integer),
      (select min(starts_at) from claimed where space_id = ${spaceId}::uuid)
    ) as at`.execute(db);
  const taken = rows[0]?.at ?? endsAt;
  return taken > startsAt ? taken : null;
}

/** Spaces of a lot that nobody has claimed for any of the time, in order of their labels. */
export async function findFreeSpaces(
  db: Kysely<Database>,
  lot: Pick<ParkingLot, 'id' | 'staleAfterSeconds'>,
  {
    kind,
    like = null,
    startsAt,
    endsAt,
    now,
    limit,
  }: Time & {
    /** Null: of any. */
    readonly kind: SpaceKind | null;
    /** Those of the kind of this space before the others. */
    readonly like?: string | null;
    /** Where something stands now is not free either; null: that does not matter. */
    readonly now: Date | null;
    readonly limit: number;
  },
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    select id from parking_space space
    where lot_id = ${lot.id} and status = 'ACTIVE' and (${kind}::text is null or kind = ${kind})
      and not exists (select from parking_claim where space_id = space.id
        and tstzrange(starts_at, ends_at) && tstzrange(${startsAt}, ${endsAt}))
      and (${now}::timestamptz is null or not ${isTakenNow(sql`space.id`, { now, ...lot })})
    order by kind is distinct from (select kind from parking_space where id = ${like}::uuid), length(label), label limit ${limit}`.execute(
    db,
  );
  return rows.map(({ id }) => id);
}

/** Whether a car stands on a space: one of a stay, or one that its sensor has seen lately. */
export async function isSpaceTakenNow(
  db: Kysely<Database>,
  spaceId: string,
  {
    now,
    staleAfterSeconds,
  }: {
    /** Null: sensors are not asked. */
    readonly now: Date | null;
    readonly staleAfterSeconds: number;
  },
): Promise<boolean> {
  const { rows } = await sql<{
    taken: boolean;
  }>`select ${isTakenNow(sql`${spaceId}::uuid`, { now, staleAfterSeconds })} as taken`.execute(db);
  return rows[0]?.taken ?? false;
}

const isTakenNow = (
  space: ReturnType<typeof sql>,
  { now, staleAfterSeconds }: { readonly now: Date | null; readonly staleAfterSeconds: number },
) => sql<boolean>`(exists (select from parking_session where space_id = ${space} and ended_at is null)
  or exists (select from parking_space seen where seen.id = ${space} and seen.is_occupied
    and seen.observed_at > ${now}::timestamptz - make_interval(secs => ${staleAfterSeconds})))`;

/** How many cars of stays stand on a lot. */
export async function countStays(db: Kysely<Database>, lotId: string): Promise<number> {
  const { count } = await db
    .selectFrom('parking_session')
    .select((stay) => stay.fn.countAll<string>().as('count'))
    .where('lot_id', '=', lotId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Other open lots of the venue that have a place for all of a time, the nearest first. */
export async function findOtherLots(
  db: Kysely<Database>,
  lot: Pick<ParkingLot, 'id' | 'venueId' | 'location'>,
  { startsAt, endsAt, now, limit }: Time & { readonly now: Date; readonly limit: number },
): Promise<readonly string[]> {
  const { occupied, reserved } = occupancyColumns(now);
  const { longitude, latitude } = lot.location ?? { longitude: null, latitude: null };
  const rows = await db
    .selectFrom('parking_lot')
    .select('id')
    .where('venue_id', '=', lot.venueId)
    .where('id', '<>', lot.id)
    .where('status', '=', 'ACTIVE')
    .where(sql<boolean>`parking_peak(id, ${startsAt}, ${endsAt}) < capacity`)
    .where(sql<boolean>`(${startsAt > now} or capacity - ${occupied} - ${reserved} > 0)`)
    .orderBy(
      sql`point(longitude, latitude) <-> point(${longitude}::double precision, ${latitude}::double precision)`,
    )
    .orderBy('name')
    .limit(limit)
    .execute();
  return rows.map(({ id }) => id);
}
