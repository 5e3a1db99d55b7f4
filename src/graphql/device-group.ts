import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import type { DeviceGroup } from '../signage/device-group.ts';
import { createDeviceGroup } from '../signage/device-group-service.ts';
import { countGroups, listGroups } from '../signage/device-group-store.ts';
import { DeviceGroupNameTakenError } from '../signage/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './device-errors.ts';
import { DeviceGroupType } from './device-group-type.ts';
import { decodeIdOf } from './ids.ts';
import { resolvePage } from './page.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

builder.queryField('deviceGroups', (t) =>
  t.connection(
    {
      type: DeviceGroupType,
      nullable: true,
      authScopes: { scope: 'DEVICES_READ' },
      description: 'The groups of devices of the venue, the newest first. Needs DEVICES_READ (AUTH_004).',
      resolve: (_root, args, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        return resolvePage(args, {
          keyOf: ({ createdAt, id }: DeviceGroup) => ({ at: createdAt, id }),
          load: (range) => listGroups(db, venueId, range),
          count: () => countGroups(db, venueId),
        });
      },
    },
    { name: 'DeviceGroupConnection', description: 'One page of groups, the newest first.' },
    { name: 'DeviceGroupEdge' },
  ),
);

const CreateDeviceGroupInput = builder.inputType('CreateDeviceGroupInput', {
  description: 'A group of devices.',
  fields: (t) => ({
    name: t.string({
      required: true,
      description:
        '1 to 100 characters (ValidationError); no two groups of a venue have the same (DeviceGroupNameTakenError).',
    }),
    deviceIds: t.idList({
      required: true,
      defaultValue: [],
      description:
        'Who is in it from the beginning, at most 1000 (ValidationError); `updateDevice` changes that later.',
    }),
  }),
});

const CreateDeviceGroupSuccessType = builder.objectRef<DeviceGroup>('CreateDeviceGroupSuccess').implement({
  description: 'The new group.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The group was made.' }),
    group: t.field({ type: DeviceGroupType, description: 'The group.', resolve: (group) => group }),
  }),
});

builder.mutationField('createDeviceGroup', (t) =>
  t.field({
    type: CreateDeviceGroupSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICES_MANAGE' },
    description: 'Makes a group of devices. Needs DEVICES_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: CreateDeviceGroupInput, required: true, description: 'Which.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, DeviceGroupNameTakenError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const deviceIds = input.deviceIds.map((id) => decodeIdOf('Device', id));
      return context.runWork(context.actor, (work) =>
        createDeviceGroup(work, { venueId: venueIdOf(context), name: input.name, deviceIds }),
      );
    },
  }),
);
