import type { Targets } from '../signage/targets.ts';
import { builder } from './builder.ts';
import { DeviceGroupType } from './device-group-type.ts';
import { DeviceType, MANY_DEVICES } from './device-type.ts';
import { listFound } from './found.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';

export const ScreenTargetsType = builder.objectRef<Targets>('ScreenTargets').implement({
  description: 'Which screens are meant: all of the venue, or some.',
  fields: (t) => ({
    everywhere: t.exposeBoolean('everywhere', {
      description: 'All screens of the venue, those too that are registered later.',
    }),
    deviceIds: t.idList({
      description: 'These devices.',
      resolve: ({ deviceIds }) => deviceIds.map((id) => encodeGlobalId('Device', id)),
    }),
    devices: t.field({
      type: [DeviceType],
      description: 'The devices of `deviceIds`, at most 1000; without those that the caller may not see.',
      complexity: MANY_DEVICES,
      resolve: ({ deviceIds }, _args, context) => listFound(DeviceType.getDataloader(context), deviceIds),
    }),
    groupIds: t.idList({
      description: 'Those of these groups, as they are at each time.',
      resolve: ({ groupIds }) => groupIds.map((id) => encodeGlobalId('DeviceGroup', id)),
    }),
    groups: t.field({
      type: [DeviceGroupType],
      description: 'The groups of `groupIds`, at most 100; none to who has not DEVICES_READ.',
      resolve: ({ groupIds }, _args, context) => listFound(DeviceGroupType.getDataloader(context), groupIds),
    }),
    tags: t.stringList({
      description: 'Those with one of these tags, as they have them at each time.',
      resolve: ({ tags }) => [...tags],
    }),
  }),
});

/** How a caller says which screens he means. */
export const ScreenTargetsInput = builder.inputType('ScreenTargetsInput', {
  description:
    'Which screens are meant: `everywhere`, or some (ValidationError for both and for none). Only devices of kind SCREEN show layouts.',
  fields: (t) => ({
    everywhere: t.boolean({
      description: 'All screens of the venue, those too that are registered later.',
    }),
    deviceIds: t.idList({
      description: 'These screens, at most 1000 (ValidationError; one that is none gives NotFoundError).',
    }),
    groupIds: t.idList({
      description: 'The screens of these groups, at most 100 (ValidationError, NotFoundError).',
    }),
    tags: t.stringList({
      description: 'The screens with one of these tags, at most 50 (ValidationError).',
    }),
  }),
});

/** @throws InvalidIdError */
export const targetsOf = ({
  everywhere,
  deviceIds,
  groupIds,
  tags,
}: typeof ScreenTargetsInput.$inferInput): Targets => ({
  everywhere: everywhere ?? false,
  deviceIds: (deviceIds ?? []).map((id) => decodeIdOf('Device', id)),
  groupIds: (groupIds ?? []).map((id) => decodeIdOf('DeviceGroup', id)),
  tags: tags ?? [],
});
