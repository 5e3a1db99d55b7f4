import type { Kysely } from 'kysely';
import type { Device, DeviceKind } from '../auth/device.ts';
import type { Database } from '../db/schema.ts';
import { actorReference, type Rights } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseName } from '../lib/name.ts';
import type { Work } from '../work.ts';
import { findDeviceByNumber } from './device-store.ts';
import { type Firmware, parseNotes, parseVersion } from './firmware.ts';
import './firmware-events.ts';
import { findFirmwareByIds, findFirmwareOfDevices, insertFirmware } from './firmware-store.ts';
import { canSeeDevices, canWriteFirmware } from './policy.ts';
import { findOwnDevices, mayWriteFirmware, userIdOf } from './possession.ts';
import { takeStaged } from './upload-service.ts';

export interface UploadFirmware {
  readonly venueId: string;
  readonly token: string;
  readonly name: string;
  readonly version: string;
  /** Null: that of the device. */
  readonly deviceKind: DeviceKind | null;
  /** Of the one device it is for; null: any of its kind. */
  readonly deviceNumber: string | null;
  readonly notes: string | null;
}

/**
 * Makes firmware of a file that was uploaded. For one device also whoever has booked it for this very moment may.
 *
 * @throws PermissionDeniedError, NotFoundError and NotOwnerError of the device, ValidationError, UploadRejectedError,
 * FirmwareVersionTakenError
 */
export async function uploadFirmware(work: Work, input: UploadFirmware): Promise<Firmware> {
  const { tx, actor, now } = work;
  const { venueId, token } = input;
  const { deviceKind, deviceId } = await purposeOf(work, input);
  const particulars = {
    name: parseName(input.name),
    version: parseVersion(input.version),
    notes: parseNotes(input.notes),
  };
  const firmware: Firmware = {
    ...particulars,
    id: newId(),
    venueId,
    deviceKind,
    deviceId,
    file: await takeStaged(work, { venueId, token, purpose: 'FIRMWARE' }),
    uploadedAt: now,
    uploadedBy: actorReference(actor),
  };
  await insertFirmware(tx, firmware);
  const { id: firmwareId, version } = firmware;
  work.emit({ type: 'signage.firmware-uploaded', venueId, firmwareId, version, deviceId });
  return firmware;
}

/** What it is for, when that is the actor's to say. */
async function purposeOf(
  work: Work,
  { venueId, deviceNumber, deviceKind }: UploadFirmware,
): Promise<Pick<Firmware, 'deviceKind' | 'deviceId'>> {
  if (deviceNumber === null) {
    if (!canWriteFirmware(work.actor, venueId)) throw new PermissionDeniedError('upload firmware for many');
    if (deviceKind === null)
      throw new ValidationError('Give deviceKind, or the deviceNumber of one device.', {
        field: 'deviceKind',
      });
    return { deviceKind, deviceId: null };
  }
  const device = await findDeviceByNumber(work.tx, venueId, deviceNumber);
  if (!device) throw new NotFoundError('device');
  await refuseUnlessHis(work, venueId, [device]);
  if (deviceKind !== null && deviceKind !== device.kind)
    throw new ValidationError(`The device is a ${device.kind}.`, { field: 'deviceKind' });
  return { deviceKind: device.kind, deviceId: device.id };
}

/**
 * That the actor may give all these devices another firmware.
 *
 * @throws NotFoundError when he does not even see one of them, NotOwnerError
 */
export async function refuseUnlessHis(
  { tx, actor, now }: Work,
  venueId: string,
  devices: readonly Pick<Device, 'id'>[],
): Promise<void> {
  const deviceIds = devices.map(({ id }) => id);
  if (await mayWriteFirmware(tx, actor, { venueId, deviceIds, now })) return;
  const seen = canSeeDevices(actor, venueId) ? deviceIds : await findOwnDevices(tx, actor, { venueId, now });
  if (!deviceIds.every((id) => seen.includes(id))) throw new NotFoundError('device');
  throw new NotOwnerError('give the device another firmware');
}

interface Viewed {
  readonly db: Kysely<Database>;
  readonly viewer: Rights;
  readonly now: Date;
}

/** Whether the viewer sees all firmware of a venue and how it comes to devices. */
export const canSeeAllFirmware = (viewer: Rights, venueId: string): boolean =>
  canSeeDevices(viewer, venueId) || canWriteFirmware(viewer, venueId);

/** Those of these that the viewer may see: what he uploaded, and what is for a device of his, too. */
export async function findVisibleFirmware(
  { db, viewer, now }: Viewed,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Firmware[]> {
  const found = await findFirmwareByIds(db, venueId, ids);
  if (found.length === 0 || canSeeAllFirmware(viewer, venueId)) return found;
  const own = await findOwnDevices(db, viewer, { venueId, now });
  const his = await findFirmwareOfDevices(db, ids, own);
  const userId = userIdOf(viewer);
  return found.filter(
    ({ id, uploadedBy }) =>
      his.has(id) || (userId !== null && uploadedBy.kind === 'user' && uploadedBy.id === userId),
  );
}
