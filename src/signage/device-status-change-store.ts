import type { Kysely, Selectable, Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { DeviceStatusChangeTable } from '../db/tables/device.ts';
import type { DeviceStatusChange } from './device-status.ts';

export async function insertChanges(
  tx: Transaction<Database>,
  changes: readonly DeviceStatusChange[],
): Promise<void> {
  if (changes.length === 0) return;
  await tx
    .insertInto('device_status_change')
    .values(
      changes.map((change) => ({
        id: change.id,
        venue_id: change.venueId,
        device_id: change.deviceId,
        status: change.status,
        previous_status: change.previousStatus,
        changed_at: change.changedAt,
        seen_at: change.seenAt,
      })),
    )
    .execute();
}

/** The newest first, or in reverse when read backward. */
export async function listStatusChanges(
  db: Kysely<Database>,
  venueId: string,
  { deviceId, range }: { readonly deviceId: string; readonly range: KeysetRange },
): Promise<readonly DeviceStatusChange[]> {
  const query = changesOf(db, venueId, deviceId);
  return (await keysetPage(query, { time: 'changed_at', newestFirst: true }, range).execute()).map(changeOf);
}

export async function countStatusChanges(
  db: Kysely<Database>,
  venueId: string,
  deviceId: string,
): Promise<number> {
  const { count } = await db
    .selectFrom(changesOf(db, venueId, deviceId).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Forgets changes before a time; at most so many. Gives how many. */
export async function pruneStatusChanges(
  tx: Transaction<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('device_status_change')
    .where(
      'id',
      'in',
      tx.selectFrom('device_status_change').select('id').where('changed_at', '<', before).limit(limit),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

const changesOf = (db: Kysely<Database>, venueId: string, deviceId: string) =>
  db
    .selectFrom('device_status_change')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('device_id', '=', deviceId);

const changeOf = (row: Selectable<DeviceStatusChangeTable>): DeviceStatusChange => ({
  id: row.id,
  venueId: row.venue_id,
  deviceId: row.device_id,
  status: row.status,
  previousStatus: row.previous_status,
  changedAt: row.changed_at,
  seenAt: row.seen_at,
});
