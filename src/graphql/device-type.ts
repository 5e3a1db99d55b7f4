import type { Device, DeviceKind } from '../auth/device.ts';
import { findVisibleDevices } from '../auth/device-service.ts';
import { NotFoundError } from '../lib/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';

const DeviceKindEnum = builder.enumType('DeviceKind', {
  description: 'What a device is.',
  values: {
    SCREEN: { description: 'It shows what it is told.' },
    LAB_BOARD: { description: 'A board to work on in its hour.' },
    GATE: { description: 'It lets in and out.' },
    SENSOR: { description: 'It reports what it senses.' },
  } satisfies Record<DeviceKind, { description: string }>,
});

/** Whoever may not see a device does not find it. */
export const DeviceType = builder.loadableNodeRef('Device', {
  id: { resolve: ({ id }: Device) => id },
  load: loadDevices,
});

DeviceType.implement({
  description:
    'A screen, lab board, gate or sensor that signs in by itself. Seen by itself and by ADMIN, OPERATOR and AUDITOR of the venue.',
  fields: (t) => ({
    deviceNumber: t.exposeString('deviceNumber', {
      description: 'What people call it: 1 to 32 letters, digits, dots, hyphens and underscores.',
    }),
    kind: t.expose('kind', { type: DeviceKindEnum, description: 'What it is.' }),
    name: t.exposeString('name', { description: 'What it is for, at most 100 characters.' }),
    serialNumber: t.exposeString('serialNumber', { description: 'By its maker, at most 64 characters.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it is registered.' }),
  }),
});

async function loadDevices(ids: readonly string[], context: Context): Promise<(Device | NotFoundError)[]> {
  const devices = await findVisibleDevices(context.read, venueIdOf(context), ids);
  const byId = new Map(devices.map((device) => [device.id, device]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('device'));
}
