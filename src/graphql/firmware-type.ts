import { NotFoundError } from '../lib/errors.ts';
import type { Firmware } from '../signage/firmware.ts';
import { findVisibleFirmware } from '../signage/firmware-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { DeviceKindEnum, DeviceType } from './device-type.ts';
import { EventActorType } from './log-event.ts';
import './media-type.ts';

export const FirmwareType = builder.loadableNodeRef<Firmware, never, string, string>('Firmware', {
  id: { resolve: ({ id }: Firmware) => id },
  load: loadFirmware,
});

FirmwareType.implement({
  description:
    'A file for devices to run; it never changes. Seen by who has DEVICES_READ or FIRMWARE_WRITE, who uploaded it, and with a device that it is for or was deployed to.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What people call it, at most 100 characters.' }),
    version: t.exposeString('version', {
      description: 'What devices that run it report, at most 64 characters.',
    }),
    deviceKind: t.expose('deviceKind', { type: DeviceKindEnum, description: 'What it is for.' }),
    device: t.field({
      type: DeviceType,
      nullable: true,
      description: 'The one device it is for; null: any of its kind.',
      resolve: ({ deviceId }) => deviceId,
    }),
    notes: t.exposeString('notes', { nullable: true, description: 'What there is to know of it.' }),
    fileName: t.string({
      description: 'What its file was called where it came from.',
      resolve: ({ file }) => file.fileName,
    }),
    byteSize: t.field({
      type: 'BigInt',
      description: 'How many bytes it has.',
      resolve: ({ file }) => file.byteSize,
    }),
    sha256: t.string({
      description: 'Of its file, 64 hexadecimal digits: a device compares it before it installs.',
      resolve: ({ file }) => file.sha256.toString('hex'),
    }),
    url: t.field({
      type: 'URL',
      description:
        'Where its file is fetched without credentials, for 12 to 24 hours, also in parts (`Range`). Whoever has the address may fetch it.',
      resolve: ({ id }, _args, { info, mediaAddresses, now }) =>
        `${info.url}${mediaAddresses.pathOf({ id, revision: 1 }, now)}`,
    }),
    uploadedAt: t.expose('uploadedAt', { type: 'DateTime', description: 'Since when there is one.' }),
    uploadedBy: t.expose('uploadedBy', { type: EventActorType, description: 'By whom.' }),
  }),
});

async function loadFirmware(ids: readonly string[], context: Context): Promise<(Firmware | NotFoundError)[]> {
  const found = await findVisibleFirmware(context, venueIdOf(context), ids);
  const byId = new Map(found.map((firmware) => [firmware.id, firmware]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('firmware'));
}
