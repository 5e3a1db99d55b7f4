import { NotFoundError } from '../lib/errors.ts';
import type { DeviceGroup } from '../signage/device-group.ts';
import { findGroupsByIds, findGroupsOf } from '../signage/device-group-store.ts';
import { canSeeDevices } from '../signage/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { perDevice } from './device-loader.ts';
import { DeviceConnection, devicePage } from './device-page.ts';
import { DeviceType } from './device-type.ts';

export const DeviceGroupType = builder.loadableNodeRef<DeviceGroup, never, string, string>('DeviceGroup', {
  id: { resolve: ({ id }: DeviceGroup) => id },
  load: loadGroups,
});

DeviceGroupType.implement({
  description:
    'Devices that are spoken of together: commands, layouts and schedules can be meant for all of a group. Needs DEVICES_READ.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called; unique at the venue.' }),
    devices: t.connection(
      {
        type: DeviceType,
        description: 'Its devices that are in use, the newest first; at most 1000.',
        resolve: ({ id }, args, context) => devicePage(context, args, { groupId: id }),
      },
      DeviceConnection,
    ),
    version: t.exposeInt('version', { description: 'Grows with every change of its name.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

const groupsOf = perDevice<readonly DeviceGroup[]>(({ db }, venueId, deviceIds) =>
  findGroupsOf(db, venueId, deviceIds),
);

builder.objectField(DeviceType, 'groups', (t) =>
  t.field({
    type: [DeviceGroupType],
    description: 'The groups it is in, by name, at most 50; none to who has not DEVICES_READ.',
    resolve: async (device, _args, context) => {
      if (!canSeeDevices(context.rights, device.venueId)) return [];
      return [...((await groupsOf(context, device)) ?? [])];
    },
  }),
);

async function loadGroups(
  ids: readonly string[],
  context: Context,
): Promise<(DeviceGroup | NotFoundError)[]> {
  const { db, rights } = context;
  const venueId = venueIdOf(context);
  const found = canSeeDevices(rights, venueId) ? await findGroupsByIds(db, venueId, ids) : [];
  const byId = new Map(found.map((group) => [group.id, group]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('group of devices'));
}
