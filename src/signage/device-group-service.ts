import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseName } from '../lib/name.ts';
import type { Work } from '../work.ts';
import { type DeviceGroup, MAX_MEMBERS } from './device-group.ts';
import { findGroupsByIds, insertGroup, insertMembers, readLargestGroup } from './device-group-store.ts';
import { holdDevices } from './device-store.ts';
import { canManageDevices } from './policy.ts';

export interface CreateDeviceGroup {
  readonly venueId: string;
  readonly name: string;
  readonly deviceIds: readonly string[];
}

/** @throws ValidationError, NotFoundError for a device that is not there, NotOwnerError, DeviceGroupNameTakenError */
export async function createDeviceGroup(work: Work, input: CreateDeviceGroup): Promise<DeviceGroup> {
  const { tx, actor, now } = work;
  const { venueId } = input;
  if (!canManageDevices(actor, venueId)) throw new NotOwnerError('make groups of devices');
  const deviceIds = [...new Set(input.deviceIds)];
  if (deviceIds.length > MAX_MEMBERS)
    throw new ValidationError(`A group has at most ${MAX_MEMBERS} devices.`, { field: 'deviceIds' });
  const devices = await holdDevices(tx, venueId, deviceIds);
  if (devices.size < deviceIds.length) throw new NotFoundError('device');
  const group: DeviceGroup = {
    id: newId(),
    venueId,
    name: parseName(input.name),
    version: 1,
    createdAt: now,
    updatedAt: now,
  };
  await insertGroup(tx, group);
  await insertMembers(
    tx,
    venueId,
    deviceIds.map((deviceId) => ({ groupId: group.id, deviceId })),
  );
  work.emit({
    type: 'signage.device-group-created',
    venueId,
    deviceGroupId: group.id,
    name: group.name,
    deviceIds,
  });
  return group;
}

/** Puts a device into groups. @throws NotFoundError for a group that is not there, ValidationError for a full one */
export async function joinGroups(
  { tx }: Work,
  {
    venueId,
    deviceId,
    groupIds,
  }: { readonly venueId: string; readonly deviceId: string; readonly groupIds: readonly string[] },
): Promise<void> {
  const found = await findGroupsByIds(tx, venueId, groupIds);
  if (found.length < new Set(groupIds).size) throw new NotFoundError('group of devices');
  await insertMembers(
    tx,
    venueId,
    found.map(({ id: groupId }) => ({ groupId, deviceId })),
  );
  if ((await readLargestGroup(tx, groupIds)) > MAX_MEMBERS)
    throw new ValidationError(`A group has at most ${MAX_MEMBERS} devices.`, { field: 'groupIds' });
}
