import { type Kysely, sql, type Transaction } from 'kysely';
import { type Device, type DeviceKind, isDeviceNumber } from '../auth/device.ts';
import { toDevice } from '../auth/device-store.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { DeviceStatus } from './device-status.ts';

/** A device in use that nobody else changes until the transaction ends. */
export async function lockDevice(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Device | null> {
  const row = await devicesAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? toDevice(row) : null;
}

/** Those of these devices that are in use, by their ids: none of them is removed until the transaction ends. */
export async function holdDevices(
  tx: Transaction<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, Device>> {
  const rows = await devicesAt(tx, venueId)
    .where('id', '=', sql<string>`any(${ids}::uuid[])`)
    .orderBy('id')
    .forShare()
    .execute();
  return new Map(rows.map((row) => [row.id, toDevice(row)]));
}

/** The device in use that has this number; numbers that no device can have find none. */
export async function findDeviceByNumber(
  db: Kysely<Database>,
  venueId: string,
  deviceNumber: string,
): Promise<Device | null> {
  if (!isDeviceNumber(deviceNumber)) return null;
  const row = await devicesAt(db, venueId).where('device_number', '=', deviceNumber).executeTakeFirst();
  return row ? toDevice(row) : null;
}

/** Everything of it that can change, but its pairing code. */
export async function saveDevice(tx: Transaction<Database>, device: Device): Promise<void> {
  await tx
    .updateTable('device')
    .set({
      name: device.name,
      owner_id: device.ownerId,
      resource_id: device.resourceId,
      time_zone: device.timeZone,
      tags: [...device.tags],
      status: device.status,
      version: device.version,
      updated_at: device.updatedAt,
      removed_at: device.removedAt,
    })
    .where('id', '=', device.id)
    .where('venue_id', '=', device.venueId)
    .execute();
}

/** What it signs in with from now on. */
export async function savePairingCode(
  tx: Transaction<Database>,
  { id, venueId }: Pick<Device, 'id' | 'venueId'>,
  hash: Buffer,
): Promise<void> {
  await tx
    .updateTable('device')
    .set({ pairing_code_hash: hash })
    .where('id', '=', id)
    .where('venue_id', '=', venueId)
    .execute();
}

/** Devices in use that belong to somebody, at whatever venue; in order. */
export async function lockDevicesOfOwner(
  tx: Transaction<Database>,
  ownerId: string,
): Promise<readonly Device[]> {
  const rows = await tx
    .selectFrom('device')
    .selectAll()
    .where('owner_id', '=', ownerId)
    .where('status', '=', 'ACTIVE')
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return rows.map(toDevice);
}

/** Which devices of a venue are meant; null: whatever there is. */
export interface DeviceFilter {
  readonly kind: DeviceKind | null;
  readonly status: DeviceStatus | null;
  readonly tag: string | null;
  readonly groupId: string | null;
  readonly resourceId: string | null;
  /** Their ids. */
  readonly among: readonly string[] | null;
  /** In its number, name or serial number, in any case. */
  readonly search: string | null;
}

/** The newest first, or in reverse when read backward. */
export async function listDevices(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: DeviceFilter; readonly range: KeysetRange },
): Promise<readonly Device[]> {
  const query = filtered(devicesAt(db, venueId), filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(toDevice);
}

export async function countDevices(
  db: Kysely<Database>,
  venueId: string,
  filter: DeviceFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(devicesAt(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

const devicesAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('device').selectAll().where('venue_id', '=', venueId).where('status', '=', 'ACTIVE');

function filtered(
  query: ReturnType<typeof devicesAt>,
  { kind, status, tag, groupId, resourceId, among, search }: DeviceFilter,
) {
  let found = query;
  if (kind !== null) found = found.where('kind', '=', kind);
  if (resourceId !== null) found = found.where('resource_id', '=', resourceId);
  if (among !== null) found = found.where('id', '=', sql<string>`any(${among}::uuid[])`);
  if (tag !== null) found = found.where(sql<boolean>`tags @> array[${tag}]`);
  if (status !== null)
    found = found.where(
      sql<boolean>`coalesce((select said.status from device_status said where said.device_id = device.id), 'OFFLINE') = ${status}`,
    );
  if (groupId !== null)
    found = found.where(
      sql<boolean>`exists (select 1 from device_group_member where group_id = ${groupId} and device_id = device.id)`,
    );
  if (search !== null)
    found = found.where(
      sql<boolean>`position(lower(${search}) in lower(device_number || ' ' || name || ' ' || serial_number)) > 0`,
    );
  return found;
}
