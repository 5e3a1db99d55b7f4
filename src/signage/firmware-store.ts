import type { Kysely, Transaction } from 'kysely';
import type { DeviceKind } from '../auth/device.ts';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { Actor } from '../lib/actor.ts';
import { FirmwareVersionTakenError } from './errors.ts';
import type { Firmware } from './firmware.ts';
import type { StoredFile } from './stored-file.ts';
import { storedFileOf } from './stored-file-store.ts';

/** @throws FirmwareVersionTakenError */
export async function insertFirmware(tx: Transaction<Database>, firmware: Firmware): Promise<void> {
  try {
    await tx
      .insertInto('firmware')
      .values({
        id: firmware.id,
        venue_id: firmware.venueId,
        file_id: firmware.file.id,
        name: firmware.name,
        version: firmware.version,
        device_kind: firmware.deviceKind,
        device_id: firmware.deviceId,
        notes: firmware.notes,
        uploaded_at: firmware.uploadedAt,
        uploaded_by: JSON.stringify(firmware.uploadedBy),
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'firmware_version_unique'))
      throw new FirmwareVersionTakenError({ cause: error });
    throw error;
  }
}

export async function findFirmwareByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Firmware[]> {
  if (ids.length === 0) return [];
  const query = withFile(db).where('firmware.venue_id', '=', venueId).where('firmware.id', 'in', ids);
  return (await query.execute()).map(toFirmware);
}

/** Null: for whatever devices. */
export interface FirmwareFilter {
  readonly deviceKind: DeviceKind | null;
}

/** The newest first, or in reverse when read backward. */
export async function listFirmware(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: FirmwareFilter; readonly range: KeysetRange },
): Promise<readonly Firmware[]> {
  const order = { time: 'uploaded_at', newestFirst: true };
  const rows = await keysetPage(filtered(db, venueId, filter).select('id'), order, range).execute();
  const ids = rows.map(({ id }) => id);
  const byId = new Map((await findFirmwareByIds(db, venueId, ids)).map((each) => [each.id, each]));
  return ids.flatMap((id) => byId.get(id) ?? []);
}

export async function countFirmware(
  db: Kysely<Database>,
  venueId: string,
  filter: FirmwareFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Which of these are for one of the devices, or were deployed to one. */
export async function findFirmwareOfDevices(
  db: Kysely<Database>,
  ids: readonly string[],
  deviceIds: readonly string[],
): Promise<ReadonlySet<string>> {
  if (ids.length === 0 || deviceIds.length === 0) return new Set();
  const rows = await db
    .selectFrom('firmware')
    .select('id')
    .where('id', 'in', ids)
    .where((is) =>
      is.or([
        is('device_id', 'in', deviceIds),
        is.exists(
          is
            .selectFrom('deployment')
            .innerJoin('firmware_update', 'firmware_update.deployment_id', 'deployment.id')
            .select('deployment.id')
            .whereRef('deployment.firmware_id', '=', 'firmware.id')
            .where('firmware_update.device_id', 'in', deviceIds),
        ),
      ]),
    )
    .execute();
  return new Set(rows.map(({ id }) => id));
}

/** The file of a firmware, of whichever venue. */
export async function findFirmwareFile(db: Kysely<Database>, id: string): Promise<StoredFile | null> {
  const row = await db
    .selectFrom('firmware')
    .innerJoin('stored_file', 'stored_file.id', 'firmware.file_id')
    .selectAll('stored_file')
    .where('firmware.id', '=', id)
    .where('stored_file.status', '=', 'TAKEN')
    .executeTakeFirst();
  return row ? storedFileOf(row) : null;
}

function filtered(db: Kysely<Database>, venueId: string, { deviceKind }: FirmwareFilter) {
  const query = db.selectFrom('firmware').where('venue_id', '=', venueId);
  return deviceKind === null ? query : query.where('device_kind', '=', deviceKind);
}

const withFile = (db: Kysely<Database>) =>
  db
    .selectFrom('firmware')
    .innerJoin('stored_file', 'stored_file.id', 'firmware.file_id')
    .selectAll('stored_file')
    .select(['firmware.id as firmware_id', 'firmware.name', 'firmware.version', 'firmware.notes'])
    .select(['firmware.device_kind', 'firmware.device_id', 'firmware.uploaded_at', 'firmware.uploaded_by']);

const toFirmware = (row: Awaited<ReturnType<ReturnType<typeof withFile>['execute']>>[number]): Firmware => ({
  id: row.firmware_id,
  venueId: row.venue_id,
  name: row.name,
  version: row.version,
  deviceKind: row.device_kind,
  deviceId: row.device_id,
  notes: row.notes,
  file: storedFileOf(row),
  uploadedAt: row.uploaded_at,
  // Written by `insertFirmware` alone.
  uploadedBy: row.uploaded_by as { kind: Actor['kind']; id: string | null },
});
