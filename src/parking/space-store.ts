import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import { SpaceLabelTakenError } from './errors.ts';
import type { ParkingSpace, SpaceKind, SpaceStatus } from './space.ts';

/** Spaces of one lot. */
interface OfLot {
  readonly venueId: string;
  readonly lotId: string;
}

/** Of one kind, under their ids. @throws SpaceLabelTakenError */
export async function insertSpaces(
  tx: Transaction<Database>,
  { venueId, lotId }: OfLot,
  spaces: {
    readonly ids: readonly string[];
    readonly labels: readonly string[];
    readonly kind: SpaceKind;
    readonly createdAt: Date;
  },
): Promise<void> {
  const { ids, labels, kind, createdAt } = spaces;
  try {
    await sql`insert into parking_space (id, venue_id, lot_id, label, kind, created_at)
      select id, ${venueId}, ${lotId}, label, ${kind}, ${createdAt}
      from unnest(${ids}::uuid[], ${labels}::text[]) as space (id, label)`.execute(tx);
  } catch (error) {
    if (isViolationOf(error, 'parking_space_label_unique')) throw new SpaceLabelTakenError({ cause: error });
    throw error;
  }
}

/** Which spaces of a lot are meant. */
export type SpacesNamed = { readonly ids: readonly string[] } | { readonly labels: readonly string[] };

/** Changes spaces; what is null stays. Gives how many were found, and how many of them are another than before. */
export async function changeSpaces(
  tx: Transaction<Database>,
  { venueId, lotId }: OfLot,
  change: {
    readonly named: SpacesNamed;
    readonly kind: SpaceKind | null;
    readonly status: SpaceStatus | null;
  },
): Promise<{ readonly found: number; readonly changed: number }> {
  const { named, kind, status } = change;
  const isNamed =
    'ids' in named
      ? sql<boolean>`id = any(${named.ids}::uuid[])`
      : sql<boolean>`label = any(${named.labels}::text[])`;
  const found = await tx
    .selectFrom('parking_space')
    .select(['id', 'kind', 'status'])
    .where('lot_id', '=', lotId)
    .where('venue_id', '=', venueId)
    .where(isNamed)
    .execute();
  const others = found.filter(
    (space) => space.kind !== (kind ?? space.kind) || space.status !== (status ?? space.status),
  );
  if (others.length > 0)
    await tx
      .updateTable('parking_space')
      .set((space) => ({ kind: kind ?? space.ref('kind'), status: status ?? space.ref('status') }))
      .where('id', '=', sql<string>`any(${others.map(({ id }) => id)}::uuid[])`)
      .execute();
  return { found: found.length, changed: others.length };
}

/** How many spaces of a lot are not closed. */
export async function countActiveSpaces(db: Kysely<Database>, lotId: string): Promise<number> {
  const { count } = await db
    .selectFrom('parking_space')
    .select((space) => space.fn.countAll<string>().as('count'))
    .where('lot_id', '=', lotId)
    .where('status', '=', 'ACTIVE')
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Which spaces of a lot are listed; null: whatever there is. */
export interface SpaceFilter {
  readonly kind: SpaceKind | null;
  readonly status: SpaceStatus | null;
  readonly isOccupied: boolean | null;
}

interface At {
  readonly now: Date;
}

export async function findSpacesByIds(
  db: Kysely<Database>,
  venueId: string,
  { ids, now }: At & { readonly ids: readonly string[] },
): Promise<readonly ParkingSpace[]> {
  if (ids.length === 0) return [];
  return (await spacesAt(db, venueId, { now }).where('id', 'in', ids).execute()).map(spaceOf);
}

/** In the order they were made, which is that of their numbers. */
export async function listSpaces(
  db: Kysely<Database>,
  { venueId, lotId }: OfLot,
  { filter, range, now }: At & { readonly filter: SpaceFilter; readonly range: KeysetRange },
): Promise<readonly ParkingSpace[]> {
  const query = filtered(spacesAt(db, venueId, { now }).where('lot_id', '=', lotId), filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: false }, range).execute()).map(spaceOf);
}

export async function countSpaces(
  db: Kysely<Database>,
  { venueId, lotId }: OfLot,
  { filter, now }: At & { readonly filter: SpaceFilter },
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(spacesAt(db, venueId, { now }).where('lot_id', '=', lotId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(
  query: ReturnType<typeof spacesAt>,
  { kind, status, isOccupied }: SpaceFilter,
): ReturnType<typeof spacesAt> {
  let found = query;
  if (kind !== null) found = found.where('kind', '=', kind);
  if (status !== null) found = found.where('status', '=', status);
  if (isOccupied !== null) found = found.where(sql<boolean>`(${OCCUPIED}) = ${isOccupied}`);
  return found;
}

const HAS_SENSOR = sql`(select counted_by = 'SENSORS' from parking_lot where parking_lot.id = parking_space.lot_id)`;

/** With sensors what they say; else whether a stay says it stands there. */
const OCCUPIED = sql<boolean | null>`case when ${HAS_SENSOR} then parking_space.is_occupied
  else exists (select from parking_session where space_id = parking_space.id and ended_at is null) end`;

const spacesAt = (db: Kysely<Database>, venueId: string, { now }: At) =>
  db
    .selectFrom('parking_space')
    .select(['id', 'venue_id', 'lot_id', 'label', 'kind', 'status', 'created_at'])
    .select([
      OCCUPIED.as('occupied'),
      sql<boolean>`exists (select from parking_claim where space_id = parking_space.id and reservation_id is not null
        and tstzrange(starts_at, ends_at) @> ${now}::timestamptz)`.as('is_reserved'),
      sql<Date | null>`case when ${HAS_SENSOR} then parking_space.observed_at end`.as('seen_at'),
      sql<boolean>`${HAS_SENSOR} and (parking_space.observed_at is null or parking_space.observed_at <= ${now}::timestamptz
        - make_interval(secs => (select stale_after_seconds from parking_lot where id = parking_space.lot_id)))`.as(
        'is_stale',
      ),
    ])
    .where('venue_id', '=', venueId);

type SpaceRow = Awaited<ReturnType<ReturnType<typeof spacesAt>['execute']>>[number];

const spaceOf = (row: SpaceRow): ParkingSpace => ({
  id: row.id,
  venueId: row.venue_id,
  lotId: row.lot_id,
  label: row.label,
  kind: row.kind,
  status: row.status,
  isOccupied: row.occupied,
  isReserved: row.is_reserved,
  observedAt: row.seen_at,
  isStale: row.is_stale,
  createdAt: row.created_at,
});
