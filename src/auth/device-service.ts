import type { Rights } from '../lib/actor.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Read, Work } from '../work.ts';
import { type Device, type DeviceParticulars, parseDevice } from './device.ts';
import { findDevicesByIds, insertDevice } from './device-store.ts';
import { canRegisterDevices, canSeeDevice } from './policy.ts';

export interface NewDevice extends DeviceParticulars {
  readonly venueId: string;
  /** Of the code that the caller made, and shows once. */
  readonly pairingCodeHash: Buffer;
}

/**
 * Makes a device known at a venue, so that it can sign in with its pairing code.
 *
 * @throws ValidationError, DeviceNumberTakenError, SerialNumberTakenError, PermissionDeniedError
 */
export async function registerDevice(work: Work, input: NewDevice): Promise<Device> {
  const { venueId, pairingCodeHash, deviceNumber, kind, name, serialNumber } = input;
  if (!canRegisterDevices(work.actor, venueId)) throw new PermissionDeniedError('register devices');
  const device: Device = {
    id: newId(),
    venueId,
    ...parseDevice({ deviceNumber, kind, name, serialNumber }),
    status: 'ACTIVE',
    ownerId: null,
    resourceId: null,
    timeZone: null,
    tags: [],
    version: 1,
    createdAt: work.now,
    updatedAt: work.now,
    removedAt: null,
  };
  await insertDevice(work.tx, { ...device, pairingCodeHash });
  work.emit({ type: 'auth.device-registered', venueId, deviceId: device.id });
  return device;
}

/** Those of these devices of a venue that the viewer may see; in no order. */
export async function findVisibleDevices(
  { db, viewer }: Pick<Read, 'db'> & { readonly viewer: Rights },
  venueId: string,
  ids: readonly string[],
): Promise<Device[]> {
  const devices = await findDevicesByIds(db, venueId, ids);
  return devices.filter((device) => canSeeDevice(viewer, device));
}
