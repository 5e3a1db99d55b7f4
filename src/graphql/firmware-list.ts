import type { Deployment } from '../signage/deployment.ts';
import { countDeployments, listDeployments } from '../signage/deployment-store.ts';
import type { Firmware } from '../signage/firmware.ts';
import { countFirmware, listFirmware } from '../signage/firmware-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { DeploymentStateEnum, DeploymentType } from './deployment-type.ts';
import { DeviceKindEnum } from './device-type.ts';
import { FirmwareType } from './firmware-type.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';

builder.queryField('firmware', (t) =>
  t.connection(
    {
      type: FirmwareType,
      nullable: true,
      authScopes: { anyScope: ['DEVICES_READ', 'FIRMWARE_WRITE'] },
      description:
        'The firmware of the venue, what was uploaded last first. Needs DEVICES_READ or FIRMWARE_WRITE (AUTH_004).',
      args: { deviceKind: t.arg({ type: DeviceKindEnum, description: 'Only what is for such devices.' }) },
      resolve: (_root, { deviceKind, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter = { deviceKind: deviceKind ?? null };
        return resolvePage(args, {
          keyOf: ({ uploadedAt, id }: Firmware) => ({ at: uploadedAt, id }),
          load: (range) => listFirmware(db, venueId, { filter, range }),
          count: () => countFirmware(db, venueId, filter),
        });
      },
    },
    { name: 'FirmwareConnection', description: 'One page of firmware, the newest first.' },
    { name: 'FirmwareEdge' },
  ),
);

builder.queryField('deployments', (t) =>
  t.connection(
    {
      type: DeploymentType,
      nullable: true,
      authScopes: { anyScope: ['DEVICES_READ', 'FIRMWARE_WRITE'] },
      description:
        'How firmware comes to the devices of the venue, what began last first. Needs DEVICES_READ or FIRMWARE_WRITE (AUTH_004).',
      args: {
        state: t.arg({ type: DeploymentStateEnum, description: 'Only those that stand like this.' }),
        firmwareId: t.arg.id({ description: 'Only of this firmware.' }),
      },
      resolve: (_root, { state, firmwareId, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const filter = {
          state: state ?? null,
          firmwareId: firmwareId == null ? null : decodeIdOf('Firmware', firmwareId),
        };
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: Deployment) => ({ at: createdAt, id }),
          load: (range) => listDeployments(db, venueId, { filter, range }),
          count: () => countDeployments(db, venueId, filter),
        });
      },
    },
    { name: 'DeploymentConnection', description: 'One page of deployments, the newest first.' },
    { name: 'DeploymentEdge' },
  ),
);
