import type { Device } from '../auth/device.ts';
import type { FirmwareUpdate } from '../signage/deployment.ts';
import { findOpenOffers } from '../signage/firmware-update-store.ts';
import { builder } from './builder.ts';
import { FirmwareUpdateType } from './deployment-type.ts';
import { perDevice } from './device-loader.ts';
import { standingOf } from './device-status-type.ts';
import { DeviceType } from './device-type.ts';

const offerOf = perDevice<FirmwareUpdate>(({ db }, venueId, deviceIds) =>
  findOpenOffers(db, venueId, deviceIds),
);

const DeviceFirmwareType = builder.objectRef<Device>('DeviceFirmware').implement({
  description: 'What a device runs, and what it is to run.',
  fields: (t) => ({
    current: t.string({
      nullable: true,
      description: 'The version it last reported; null: none.',
      resolve: async (device, _args, context) => (await standingOf(context, device))?.health?.firmwareVersion,
    }),
    offered: t.field({
      type: FirmwareUpdateType,
      nullable: true,
      description: 'What it was offered and is not through with; null: nothing.',
      resolve: (device, _args, context) => offerOf(context, device),
    }),
  }),
});

builder.objectField(DeviceType, 'firmware', (t) =>
  t.field({
    type: DeviceFirmwareType,
    description: 'What it runs, and what it is to run.',
    resolve: (device) => device,
  }),
);
