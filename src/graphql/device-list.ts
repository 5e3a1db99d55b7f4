import { parseSearch } from '../lib/search.ts';
import { parseTag } from '../signage/device-particulars.ts';
import { canSeeDevices } from '../signage/policy.ts';
import { findOwnDevices } from '../signage/possession.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { DeviceConnection, devicePage } from './device-page.ts';
import { DeviceStatusEnum } from './device-status-type.ts';
import { DeviceKindEnum, DeviceType } from './device-type.ts';
import { decodeIdOf } from './ids.ts';

builder.queryField('device', (t) =>
  t.field({
    type: DeviceType,
    nullable: true,
    authScopes: { anyScope: ['DEVICES_READ', 'PROFILE', 'DEVICE'] },
    description:
      'One device, also one that was removed. A device finds itself, a person his own and what he has booked for this moment, and who has DEVICES_READ any of the venue. Needs DEVICES_READ, PROFILE or DEVICE (AUTH_004).',
    args: {
      id: t.arg.id({
        required: true,
        description: 'Which; one that is not there, or not for the caller, gives API_002.',
      }),
    },
    resolve: (_root, { id }) => decodeIdOf('Device', id),
  }),
);

builder.queryField('devices', (t) =>
  t.connection(
    {
      type: DeviceType,
      nullable: true,
      authScopes: { anyScope: ['DEVICES_READ', 'PROFILE'] },
      description:
        'The devices of the venue that are in use, the newest first; to who has not DEVICES_READ his own, and those that are his for the slot which he has booked. The subscription `deviceStatus` keeps current how they are. Needs DEVICES_READ or PROFILE (AUTH_004).',
      args: {
        kind: t.arg({ type: DeviceKindEnum, description: 'Only of this kind.' }),
        status: t.arg({ type: DeviceStatusEnum, description: 'Only what is like this now.' }),
        tag: t.arg.string({ description: 'Only with this tag.' }),
        groupId: t.arg.id({ description: 'Only in this group.' }),
        resourceId: t.arg.id({ description: 'Only what is booked with this.' }),
        search: t.arg.string({
          description:
            'Only with this in its number, name or serial number, in any case: 1 to 100 characters (API_001).',
        }),
      },
      resolve: async (_root, { kind, status, tag, groupId, resourceId, search, ...args }, context) => {
        const { db, viewer, now } = context;
        const venueId = venueIdOf(context);
        return await devicePage(context, args, {
          kind: kind ?? null,
          status: status ?? null,
          tag: tag == null ? null : parseTag(tag),
          groupId: groupId == null ? null : decodeIdOf('DeviceGroup', groupId),
          resourceId: resourceId == null ? null : decodeIdOf('Resource', resourceId),
          search: search == null ? null : parseSearch(search),
          among: canSeeDevices(viewer, venueId) ? null : await findOwnDevices(db, viewer, { venueId, now }),
        });
      },
    },
    DeviceConnection,
  ),
);
