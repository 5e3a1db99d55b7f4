import { sql, type Transaction } from 'kysely';
import type { DeviceKind } from '../auth/device.ts';
import type { Database } from '../db/schema.ts';
import type { CountedBy } from './lot.ts';
import type { Observation } from './report.ts';

/** A lot as a report meets it. */
export interface ReportedLot {
  readonly id: string;
  readonly venueId: string;
  readonly countedBy: CountedBy;
  readonly cars: Observation<number> | null;
}

export interface ReportedSpace {
  readonly id: string;
  readonly venueId: string;
  readonly lotId: string;
  readonly isOccupied: Observation<boolean> | null;
}

/** What is written of a lot or a space, and which device said it. */
export interface NewObservation<T> extends Observation<T> {
  readonly id: string;
  readonly deviceId: string;
}

export async function readDeviceKinds(
  tx: Transaction<Database>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, DeviceKind>> {
  const rows = await tx
    .selectFrom('device')
    .select(['id', 'kind'])
    .where('id', 'in', ids)
    .where('status', '=', 'ACTIVE')
    .execute();
  return new Map(rows.map(({ id, kind }) => [id, kind]));
}

/**
 * The lots that reports are about, and the spaces. Nobody else changes them until the transaction ends: whoever
 * changes several lots takes them in this order, and their spaces behind them.
 */
export async function lockReported(
  tx: Transaction<Database>,
  { lotIds, spaceIds }: { readonly lotIds: readonly string[]; readonly spaceIds: readonly string[] },
): Promise<{
  readonly lots: ReadonlyMap<string, ReportedLot>;
  readonly spaces: ReadonlyMap<string, ReportedSpace>;
}> {
  await sql`select id from parking_lot
    where id = any(${lotIds}::uuid[])
      or id in (select lot_id from parking_space where id = any(${spaceIds}::uuid[]))
    order by id for no key update`.execute(tx);
  // What the locks had waited for is seen by the next statements alone.
  const spaces = await readSpaces(tx, spaceIds);
  const lots = await readLots(tx, [...new Set([...lotIds, ...spaces.map(({ lotId }) => lotId)])]);
  return {
    lots: new Map(lots.map((lot) => [lot.id, lot])),
    spaces: new Map(spaces.map((space) => [space.id, space])),
  };
}

async function readLots(tx: Transaction<Database>, ids: readonly string[]): Promise<readonly ReportedLot[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .selectFrom('parking_lot')
    .select(['id', 'venue_id', 'counted_by', 'observed_occupied', 'observed_at'])
    .where('id', 'in', ids)
    .execute();
  return rows.map((row) => ({
    id: row.id,
    venueId: row.venue_id,
    countedBy: row.counted_by,
    cars: row.observed_at && { value: row.observed_occupied ?? 0, observedAt: row.observed_at },
  }));
}

async function readSpaces(
  tx: Transaction<Database>,
  ids: readonly string[],
): Promise<readonly ReportedSpace[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{
    id: string;
    venue_id: string;
    lot_id: string;
    is_occupied: boolean | null;
    observed_at: Date | null;
  }>`select id, venue_id, lot_id, is_occupied, observed_at from parking_space where id = any(${ids}::uuid[])`.execute(
    tx,
  );
  return rows.map((row) => ({
    id: row.id,
    venueId: row.venue_id,
    lotId: row.lot_id,
    isOccupied:
      row.observed_at === null || row.is_occupied === null
        ? null
        : { value: row.is_occupied, observedAt: row.observed_at },
  }));
}

/** What gates say. */
export async function saveCars(
  tx: Transaction<Database>,
  said: readonly NewObservation<number>[],
): Promise<void> {
  if (said.length === 0) return;
  await sql`update parking_lot set observed_occupied = said.cars, observed_at = said.at, observed_by = said.device_id
    from unnest(${said.map(({ id }) => id)}::uuid[], ${said.map(({ value }) => value)}::integer[],
      ${said.map(({ observedAt }) => observedAt)}::timestamptz[], ${said.map(({ deviceId }) => deviceId)}::uuid[])
      as said (lot_id, cars, at, device_id)
    where id = said.lot_id`.execute(tx);
}

/** What sensors say. How many cars stand on a lot follows by itself; its lot was observed when the newest of them spoke. */
export async function saveSpaces(
  tx: Transaction<Database>,
  said: readonly NewObservation<boolean>[],
): Promise<void> {
  if (said.length === 0) return;
  const values = sql`unnest(${said.map(({ id }) => id)}::uuid[], ${said.map(({ value }) => value)}::boolean[],
    ${said.map(({ observedAt }) => observedAt)}::timestamptz[], ${said.map(({ deviceId }) => deviceId)}::uuid[])
    as said (space_id, is_occupied, at, device_id)`;
  await sql`update parking_space set is_occupied = said.is_occupied, observed_at = said.at, observed_by = said.device_id
    from ${values} where id = said.space_id`.execute(tx);
  await sql`update parking_lot set observed_at = newest.at, observed_by = newest.device_id
    from (
      select distinct on (space.lot_id) space.lot_id, said.at, said.device_id
      from ${values} join parking_space space on space.id = said.space_id order by space.lot_id, said.at desc
    ) newest
    where parking_lot.id = newest.lot_id and (parking_lot.observed_at is null or parking_lot.observed_at < newest.at)`.execute(
    tx,
  );
}
