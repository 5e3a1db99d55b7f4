import type { Device } from '../auth/device.ts';
import { type NewDevice, registerDevice as registerIdentity } from '../auth/device-service.ts';
import { endSessions } from '../auth/session-service.ts';
import { findUsersByIds } from '../auth/user-store.ts';
import { findResourcesByIds } from '../booking/resource-store.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { parseName } from '../lib/name.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import { expireAllOf } from './command-service.ts';
import { cancelUpdateOf } from './deployment-service.ts';
import { joinGroups } from './device-group-service.ts';
import { deleteMembershipsExcept, findGroupsOf } from './device-group-store.ts';
import { MAX_GROUPS, parseTags, parseTimeZone } from './device-particulars.ts';
import { endStatus } from './device-status-service.ts';
import { lockDevice, lockDevicesOfOwner, saveDevice, savePairingCode } from './device-store.ts';
import { settleDisplays } from './display-service.ts';
import { clearDisplay } from './display-store.ts';
import { canManageDevices, canSeeDevices } from './policy.ts';

/** What is said of a device besides what it is registered by. What is left out stays; null is nothing. */
interface DeviceCare {
  readonly ownerId?: string | null | undefined;
  readonly resourceId?: string | null | undefined;
  readonly timeZone?: string | null | undefined;
  readonly tags?: readonly string[] | null | undefined;
  readonly groupIds?: readonly string[] | null | undefined;
}

/**
 * Makes a device known, so that it can sign in with its pairing code.
 *
 * @throws ValidationError, NotFoundError for an owner, resource or group that is not there, PermissionDeniedError,
 * DeviceNumberTakenError, SerialNumberTakenError
 */
export async function registerDevice(work: Work, input: NewDevice & DeviceCare): Promise<Device> {
  const device = await registerIdentity(work, input);
  const cared = await withCare(work, device, input);
  await saveDevice(work.tx, cared);
  await changeGroups(work, cared, input.groupIds ?? null);
  return cared;
}

export interface UpdateDevice extends DeviceCare {
  readonly venueId: string;
  readonly deviceId: string;
  readonly expectedVersion: number;
  readonly name?: string | null | undefined;
  /** Of the code that the caller made, and shows once; undefined: it keeps the one it has. */
  readonly pairingCodeHash?: Buffer | undefined;
}

/**
 * Changes what a device is. With a new pairing code its session ends: whoever had the old one is out. What changes
 * nothing is no change.
 *
 * @throws NotFoundError, NotOwnerError, VersionConflictError, ValidationError
 */
export async function updateDevice(work: Work, input: UpdateDevice): Promise<Device> {
  const { tx, now } = work;
  const { venueId, deviceId, expectedVersion, pairingCodeHash } = input;
  const known = await getLockedDevice(work, { venueId, deviceId });
  if (known.version !== expectedVersion) throw new VersionConflictError(known.version);
  const named = input.name == null ? known : { ...known, name: parseName(input.name) };
  const wanted = await withCare(work, named, input);
  const isRegrouped = await changeGroups(work, wanted, input.groupIds ?? null);
  if (!isRegrouped && !pairingCodeHash && isSame(wanted, known)) return known;
  const device = { ...wanted, version: known.version + 1, updatedAt: now };
  await saveDevice(tx, device);
  await announceUpdate(work, device, known.ownerId);
  if (pairingCodeHash) {
    await savePairingCode(tx, device, pairingCodeHash);
    await endSessions(work, { deviceId, which: 'all', reason: 'PAIRING_CODE_CHANGED' });
  }
  // What a device shows may depend on its groups, its tags and its clock.
  await settleDisplays(work, { venueId, deviceIds: [deviceId] });
  return device;
}

/**
 * Takes a device out of use: it signs in no more, its session and streams end, it shows nothing, and what it was told
 * and has not done expires, as what firmware it was offered is cancelled. What it did remains.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function removeDevice(
  work: Work,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
): Promise<Device> {
  const { tx, now } = work;
  const known = await getLockedDevice(work, { venueId, deviceId });
  await endStatus(work, { venueId, deviceId });
  const device: Device = {
    ...known,
    status: 'REMOVED',
    ownerId: null,
    resourceId: null,
    version: known.version + 1,
    updatedAt: now,
    removedAt: now,
  };
  await saveDevice(tx, device);
  await deleteMembershipsExcept(tx, deviceId, []);
  await clearDisplay(tx, venueId, deviceId);
  await expireAllOf(work, deviceId);
  await cancelUpdateOf(work, { venueId, deviceId });
  await endSessions(work, { deviceId, which: 'all', reason: 'DEVICE_REMOVED' });
  work.emit({ type: 'signage.device-removed', venueId, deviceId, formerOwnerId: known.ownerId });
  return device;
}

/** Whoever deletes his account leaves his devices to their venues. */
export async function giveUpDevices(work: Work, userId: string): Promise<void> {
  for (const known of await lockDevicesOfOwner(work.tx, userId)) {
    const device = { ...known, ownerId: null, version: known.version + 1, updatedAt: work.now };
    await saveDevice(work.tx, device);
    await announceUpdate(work, device, userId);
  }
}

/** @throws NotFoundError, NotOwnerError */
async function getLockedDevice(
  { tx, actor }: Work,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
): Promise<Device> {
  const device = canSeeDevices(actor, venueId) ? await lockDevice(tx, venueId, deviceId) : null;
  if (!device) throw new NotFoundError('device');
  if (!canManageDevices(actor, venueId)) throw new NotOwnerError('change devices');
  return device;
}

/** @throws ValidationError, NotFoundError */
async function withCare({ tx }: Work, device: Device, given: DeviceCare): Promise<Device> {
  const { venueId } = device;
  const { ownerId, resourceId, timeZone, tags } = given;
  if (ownerId != null) {
    const [owner] = await findUsersByIds(tx, venueId, [ownerId]);
    if (owner?.status !== 'ACTIVE') throw new NotFoundError('user');
  }
  if (resourceId != null) {
    const [resource] = await findResourcesByIds(tx, venueId, [resourceId]);
    if (!resource) throw new NotFoundError('resource');
  }
  return {
    ...device,
    ownerId: ownerId === undefined ? device.ownerId : ownerId,
    resourceId: resourceId === undefined ? device.resourceId : resourceId,
    timeZone: timeZone === undefined ? device.timeZone : parseTimeZone(timeZone),
    tags: tags == null ? device.tags : parseTags(tags),
  };
}

/**
 * In which groups a device is from now on; null: in those it is in. Gives whether they are others than before.
 *
 * @throws ValidationError, NotFoundError
 */
async function changeGroups(
  work: Work,
  { venueId, id: deviceId }: Device,
  groupIds: readonly string[] | null,
): Promise<boolean> {
  if (groupIds === null) return false;
  if (groupIds.length > MAX_GROUPS)
    throw new ValidationError(`A device is in at most ${MAX_GROUPS} groups.`, { field: 'groupIds' });
  const before = (await findGroupsOf(work.tx, venueId, [deviceId])).get(deviceId) ?? [];
  if (isSame(new Set(before.map(({ id }) => id)), new Set(groupIds))) return false;
  await deleteMembershipsExcept(work.tx, deviceId, groupIds);
  await joinGroups(work, { venueId, deviceId, groupIds });
  return true;
}

async function announceUpdate(
  work: Work,
  { venueId, id: deviceId, version, ownerId }: Device,
  formerOwnerId: string | null,
): Promise<void> {
  const groups = (await findGroupsOf(work.tx, venueId, [deviceId])).get(deviceId) ?? [];
  work.emit({
    type: 'signage.device-updated',
    venueId,
    deviceId,
    version,
    ownerId,
    formerOwnerId,
    groupIds: groups.map(({ id }) => id),
  });
}
