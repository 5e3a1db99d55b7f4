import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { DeviceGroupTable } from '../db/tables/device.ts';
import type { DeviceGroup } from './device-group.ts';
import { DeviceGroupNameTakenError } from './errors.ts';

/** @throws DeviceGroupNameTakenError */
export async function insertGroup(tx: Transaction<Database>, group: DeviceGroup): Promise<void> {
  try {
    await tx
      .insertInto('device_group')
      .values({
        id: group.id,
        venue_id: group.venueId,
        name: group.name,
        version: group.version,
        created_at: group.createdAt,
        updated_at: group.updatedAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'device_group_name_unique'))
      throw new DeviceGroupNameTakenError({ cause: error });
    throw error;
  }
}

export async function findGroupsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly DeviceGroup[]> {
  if (ids.length === 0) return [];
  return (await groupsAt(db, venueId).where('id', 'in', ids).execute()).map(groupOf);
}

/** The newest first, or in reverse when read backward. */
export async function listGroups(
  db: Kysely<Database>,
  venueId: string,
  range: KeysetRange,
): Promise<readonly DeviceGroup[]> {
  const query = groupsAt(db, venueId);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(groupOf);
}

export async function countGroups(db: Kysely<Database>, venueId: string): Promise<number> {
  const { count } = await db
    .selectFrom('device_group')
    .select((found) => found.fn.countAll<string>().as('count'))
    .where('venue_id', '=', venueId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** The devices of a group that are in use, in order; null: the venue has no such group. */
export async function listGroupDevices(
  db: Kysely<Database>,
  venueId: string,
  groupId: string,
): Promise<readonly string[] | null> {
  const rows = await db
    .selectFrom('device_group')
    .leftJoin('device_group_member as member', 'member.group_id', 'device_group.id')
    .select('member.device_id as deviceId')
    .where('device_group.id', '=', groupId)
    .where('device_group.venue_id', '=', venueId)
    .orderBy('member.device_id')
    .execute();
  return rows.length === 0 ? null : rows.flatMap(({ deviceId }) => deviceId ?? []);
}

/** The groups that each of these devices is in, by name. */
export async function findGroupsOf(
  db: Kysely<Database>,
  venueId: string,
  deviceIds: readonly string[],
): Promise<ReadonlyMap<string, readonly DeviceGroup[]>> {
  if (deviceIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('device_group')
    .innerJoin('device_group_member as member', 'member.group_id', 'device_group.id')
    .selectAll('device_group')
    .select('member.device_id')
    .where('device_group.venue_id', '=', venueId)
    .where('member.device_id', 'in', deviceIds)
    .orderBy('device_group.name')
    .execute();
  const groups = new Map<string, DeviceGroup[]>(deviceIds.map((id) => [id, []]));
  for (const row of rows) groups.get(row.device_id)?.push(groupOf(row));
  return groups;
}

/** Puts devices into groups; who is in one already stays. */
export async function insertMembers(
  tx: Transaction<Database>,
  venueId: string,
  members: readonly { readonly groupId: string; readonly deviceId: string }[],
): Promise<void> {
  if (members.length === 0) return;
  await tx
    .insertInto('device_group_member')
    .values(
      members.map(({ groupId, deviceId }) => ({
        group_id: groupId,
        device_id: deviceId,
        venue_id: venueId,
      })),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** Takes a device out of every group but these. */
export async function deleteMembershipsExcept(
  tx: Transaction<Database>,
  deviceId: string,
  groupIds: readonly string[],
): Promise<void> {
  await tx
    .deleteFrom('device_group_member')
    .where('device_id', '=', deviceId)
    .where(sql<boolean>`group_id <> all(${groupIds}::uuid[])`)
    .execute();
}

/** The fullest of these groups has so many devices. */
export async function readLargestGroup(
  tx: Transaction<Database>,
  groupIds: readonly string[],
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select coalesce(max(count), 0)::integer as count from (
      select count(*) from device_group_member where group_id = any(${groupIds}::uuid[]) group by group_id) sizes`.execute(
    tx,
  );
  return rows[0]?.count ?? 0;
}

const groupsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('device_group').selectAll().where('venue_id', '=', venueId);

const groupOf = (row: Selectable<DeviceGroupTable>): DeviceGroup => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
});
