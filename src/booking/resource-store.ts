import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import { ResourceTakenError } from './errors.ts';
import type { Resource, ResourceKind, ResourceStatus } from './resource.ts';

export async function findResourcesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Resource[]> {
  if (ids.length === 0) return [];
  return (await resourcesAt(db, venueId).where('id', 'in', ids).execute()).map(resourceOf);
}

/** A resource whose rules nobody else changes until the transaction ends; bookings go on. */
export async function lockResource(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Resource | null> {
  const row = await resourcesAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? resourceOf(row) : null;
}

/** Which resources of a venue are meant; null: whatever there is. */
export interface ResourceFilter {
  readonly ids?: readonly string[] | null;
  readonly kind: ResourceKind | null;
  readonly status: ResourceStatus | null;
}

/** The newest first, or in reverse when read backward. */
export async function listResources(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: ResourceFilter; readonly range: KeysetRange },
): Promise<readonly Resource[]> {
  const query = filtered(resourcesAt(db, venueId), filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(
    resourceOf,
  );
}

/** The oldest first, so many at most. */
export async function listSomeResources(
  db: Kysely<Database>,
  venueId: string,
  { filter, limit }: { readonly filter: ResourceFilter; readonly limit: number },
): Promise<readonly Resource[]> {
  const rows = await filtered(resourcesAt(db, venueId), filter)
    .orderBy('created_at')
    .orderBy('id')
    .limit(limit)
    .execute();
  return rows.map(resourceOf);
}

export async function countResources(
  db: Kysely<Database>,
  venueId: string,
  filter: ResourceFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(resourcesAt(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** @throws ResourceTakenError */
export async function insertResource(
  tx: Transaction<Database>,
  resource: Omit<Resource, 'timeZone'>,
): Promise<void> {
  await refusing(() =>
    tx
      .insertInto('resource')
      .values({
        id: resource.id,
        venue_id: resource.venueId,
        kind: resource.kind,
        currency: resource.currency,
        created_at: resource.createdAt,
        ...changeable(resource),
      })
      .execute(),
  );
}

/** @throws ResourceTakenError */
export async function saveResource(tx: Transaction<Database>, resource: Resource): Promise<void> {
  await refusing(() =>
    tx
      .updateTable('resource')
      .set(changeable(resource))
      .where('id', '=', resource.id)
      .where('venue_id', '=', resource.venueId)
      .execute(),
  );
}

const changeable = (resource: Omit<Resource, 'timeZone'>) => ({
  name: resource.name,
  description: resource.description,
  machine_id: resource.machineId,
  slot_minutes: resource.slotMinutes,
  capacity: resource.capacity,
  price: resource.priceMinor,
  opening_hours: JSON.stringify(resource.openingHours),
  bookable_days: resource.bookableDays,
  free_cancellation_minutes: resource.freeCancellationMinutes,
  late_refund_percent: resource.lateRefundPercent,
  no_show_minutes: resource.noShowMinutes,
  status: resource.status,
  version: resource.version,
  updated_at: resource.updatedAt,
});

async function refusing(write: () => Promise<unknown>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isViolationOf(error, 'resource_name_unique')) throw new ResourceTakenError('name', { cause: error });
    if (isViolationOf(error, 'resource_machine_once'))
      throw new ResourceTakenError('machineId', { cause: error });
    throw error;
  }
}

function filtered(
  query: ReturnType<typeof resourcesAt>,
  { ids, kind, status }: ResourceFilter,
): ReturnType<typeof resourcesAt> {
  let found = query;
  if (ids) found = found.where('id', 'in', ids.length === 0 ? [null] : ids);
  if (kind !== null) found = found.where('kind', '=', kind);
  if (status !== null) found = found.where('status', '=', status);
  return found;
}

const resourcesAt = (db: Kysely<Database>, venueId: string) =>
  db
    .selectFrom('resource')
    .selectAll()
    .select(sql<string>`(select time_zone from venue where venue.id = resource.venue_id)`.as('time_zone'))
    .where('venue_id', '=', venueId);

export type ResourceRow = Awaited<ReturnType<ReturnType<typeof resourcesAt>['execute']>>[number];

export function resourceOf(row: ResourceRow): Resource {
  return {
    id: row.id,
    venueId: row.venue_id,
    kind: row.kind,
    machineId: row.machine_id,
    name: row.name,
    description: row.description,
    slotMinutes: row.slot_minutes,
    capacity: row.capacity,
    priceMinor: row.price,
    currency: row.currency,
    openingHours: row.opening_hours,
    bookableDays: row.bookable_days,
    freeCancellationMinutes: row.free_cancellation_minutes,
    lateRefundPercent: row.late_refund_percent,
    noShowMinutes: row.no_show_minutes,
    timeZone: row.time_zone,
    status: row.status,
    version: row.version,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}
