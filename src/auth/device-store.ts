import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { DeviceTable } from '../db/tables/device.ts';
import type { Device } from './device.ts';
import { DeviceNumberTakenError, SerialNumberTakenError } from './errors.ts';

/** A device with what its sign-in is checked against. */
export interface StoredDevice extends Device {
  readonly pairingCodeHash: Buffer;
}

/** @throws DeviceNumberTakenError, SerialNumberTakenError */
export async function insertDevice(tx: Transaction<Database>, device: StoredDevice): Promise<void> {
  try {
    await tx
      .insertInto('device')
      .values({
        id: device.id,
        venue_id: device.venueId,
        device_number: device.deviceNumber,
        kind: device.kind,
        serial_number: device.serialNumber,
        name: device.name,
        pairing_code_hash: device.pairingCodeHash,
        status: device.status,
        created_at: device.createdAt,
        updated_at: device.updatedAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'device_number_unique')) throw new DeviceNumberTakenError({ cause: error });
    if (isViolationOf(error, 'device_serial_unique')) throw new SerialNumberTakenError({ cause: error });
    throw error;
  }
}

/** By what a device says of itself, rather one in use than one removed; numbers and slugs no device and no venue has find none. */
export async function findNamedDevice(
  db: Kysely<Database>,
  { venue, deviceNumber }: { readonly venue: string; readonly deviceNumber: string },
): Promise<StoredDevice | null> {
  const row = await db
    .selectFrom('device')
    .innerJoin('venue', 'venue.id', 'device.venue_id')
    .selectAll('device')
    .where('venue.slug', '=', venue)
    .where('device.device_number', '=', deviceNumber)
    .orderBy('device.removed_at', (removedAt) => removedAt.desc().nullsFirst())
    .limit(1)
    .executeTakeFirst();
  return row ? toStored(row) : null;
}

export async function findDevicesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<Device[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('device')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toDevice);
}

/**
 * The device with this very code, when it may still sign in. Until the transaction ends no other
 * sign-in of it begins.
 */
export async function lockSignInDevice(
  tx: Transaction<Database>,
  { venueId, id, pairingCodeHash }: Pick<StoredDevice, 'venueId' | 'id' | 'pairingCodeHash'>,
): Promise<Device | null> {
  const row = await tx
    .selectFrom('device')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('pairing_code_hash', '=', pairingCodeHash)
    .where('status', '=', 'ACTIVE')
    .forUpdate()
    .executeTakeFirst();
  return row ? toDevice(row) : null;
}

const toStored = (row: Selectable<DeviceTable>): StoredDevice => ({
  ...toDevice(row),
  pairingCodeHash: row.pairing_code_hash,
});

export const toDevice = (row: Selectable<DeviceTable>): Device => ({
  id: row.id,
  venueId: row.venue_id,
  deviceNumber: row.device_number,
  kind: row.kind,
  name: row.name,
  serialNumber: row.serial_number,
  status: row.status,
  ownerId: row.owner_id,
  resourceId: row.resource_id,
  timeZone: row.time_zone,
  tags: row.tags,
  version: row.version,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
  removedAt: row.removed_at,
});
