import type { Device, DeviceKind } from '../auth/device.ts';
import { findVisibleDevices } from '../auth/device-service.ts';
import { findDevicesByIds } from '../auth/device-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { findHeldDevices, userIdOf } from '../signage/possession.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { ResourceType } from './resource-type.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

export const DeviceKindEnum = builder.enumType('DeviceKind', {
  description: 'What a device is.',
  values: {
    SCREEN: { description: 'It shows what it is told.' },
    LAB_BOARD: { description: 'A board to work on in its hour.' },
    GATE: { description: 'It lets in and out.' },
    SENSOR: { description: 'It reports what it senses.' },
  } satisfies Record<DeviceKind, { description: string }>,
});

/** What a list of up to a thousand devices costs, of which there are some dozens most often. */
export const MANY_DEVICES = { field: 1, multiplier: 100 } as const;

/** Whoever may not see a device does not find it. */
export const DeviceType = builder.loadableNodeRef('Device', {
  id: { resolve: ({ id }: Device) => id },
  load: loadDevices,
});

DeviceType.implement({
  description:
    'A screen, lab board, gate or sensor that signs in by itself. Seen by itself, by whose it is, by who has booked it for this very moment, and by ADMIN, OPERATOR and AUDITOR of the venue.',
  fields: (t) => ({
    deviceNumber: t.exposeString('deviceNumber', {
      description: 'What people call it: 1 to 32 letters, digits, dots, hyphens and underscores.',
    }),
    kind: t.expose('kind', { type: DeviceKindEnum, description: 'What it is.' }),
    name: t.exposeString('name', { description: 'What it is for, at most 100 characters.' }),
    serialNumber: t.exposeString('serialNumber', { description: 'By its maker, at most 64 characters.' }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description:
        'Whose it is: the person sees it and may follow its channel. Null for the venue’s own, and to who may not see people.',
      resolve: ({ ownerId }, _args, context): Promise<SeenUser | null> | null =>
        ownerId === null ? null : seenUser(context, ownerId),
    }),
    resource: t.field({
      type: ResourceType,
      nullable: true,
      description:
        'What is booked with it: whose slot it is may work with it. Null for none, and to who may not book.',
      resolve: ({ resourceId }, _args, { scopes }) => (scopes.has('BOOKINGS_READ') ? resourceId : null),
    }),
    timeZone: t.expose('timeZone', {
      type: 'TimeZone',
      nullable: true,
      description: 'Where its clock hangs; null: where the venue’s does.',
    }),
    tags: t.stringList({
      description:
        'What it is found by besides, at most 20: 1 to 32 lower-case letters, digits and hyphens each.',
      resolve: ({ tags }) => [...tags],
    }),
    version: t.exposeInt('version', {
      description: 'Grows with every change of what it is: `expectedVersion` of `updateDevice`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it is registered.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    removedAt: t.expose('removedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when it is out of use; null: it is in use.',
    }),
  }),
});

async function loadDevices(ids: readonly string[], context: Context): Promise<(Device | NotFoundError)[]> {
  const { db, viewer, now } = context;
  const venueId = venueIdOf(context);
  const visible = await findVisibleDevices(context, venueId, ids);
  const byId = new Map(visible.map((device) => [device.id, device]));
  const userId = userIdOf(viewer);
  const deviceIds = ids.filter((id) => !byId.has(id));
  if (userId !== null && deviceIds.length > 0) {
    const held = await findHeldDevices(db, { venueId, userId, deviceIds, now });
    for (const device of await findDevicesByIds(db, venueId, [...held.keys()])) byId.set(device.id, device);
  }
  return ids.map((id) => byId.get(id) ?? new NotFoundError('device'));
}
