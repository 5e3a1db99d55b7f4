import { type Device, makePairingCode } from '../auth/device.ts';
import { DeviceNumberTakenError, SerialNumberTakenError } from '../auth/errors.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { registerDevice, removeDevice, updateDevice } from '../signage/device-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './device-errors.ts';
import { RegisterDeviceInput, RemoveDeviceInput, UpdateDeviceInput } from './device-input.ts';
import { DeviceType } from './device-type.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

/** A device, with the code it signs in with where that is new. */
interface Registered {
  readonly device: Device;
  readonly pairingCode: string | null;
}

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Registered>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      device: t.field({ type: DeviceType, description: 'The device.', resolve: ({ device }) => device }),
    }),
  });

const RegisterDeviceSuccessType = answerOf('RegisterDeviceSuccess', {
  description: 'The new device, and what it signs in with.',
  message: 'The device is registered.',
});
const UpdateDeviceSuccessType = answerOf('UpdateDeviceSuccess', {
  description: 'The device as it is now.',
  message: 'The device was changed.',
});

for (const [type, description] of [
  [
    RegisterDeviceSuccessType,
    'What it signs in with by `authenticateDevice`, shown this once: five groups of five.',
  ],
  [UpdateDeviceSuccessType, 'The new code it signs in with, shown this once; null when none was asked for.'],
] as const)
  builder.objectField(type, 'pairingCode', (t) =>
    t.exposeString('pairingCode', { nullable: true, description }),
  );

builder.mutationField('registerDevice', (t) =>
  t.field({
    type: RegisterDeviceSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICES_MANAGE' },
    description:
      'Makes a device known, so that it can sign in with its number, its serial number and the pairing code that is answered. Needs DEVICES_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: RegisterDeviceInput, required: true, description: 'What it is.' }) },
    errors: {
      types: [ValidationError, NotFoundError, DeviceNumberTakenError, SerialNumberTakenError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { pairingCode, hash } = makePairingCode();
      const given = { ...input, ...decoded(input), venueId: venueIdOf(context), pairingCodeHash: hash };
      const device = await context.runWork(context.actor, (work) => registerDevice(work, given));
      return { device, pairingCode };
    },
  }),
);

builder.mutationField('updateDevice', (t) =>
  t.field({
    type: UpdateDeviceSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICES_MANAGE' },
    description:
      'Changes what a device is, whose, and in which groups. What changes nothing leaves the version as it is. Needs DEVICES_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: UpdateDeviceInput, required: true, description: 'What is to change.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, VersionConflictError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { newPairingCode, ...changes } = input;
      const made = newPairingCode ? makePairingCode() : null;
      const deviceId = decodeIdOf('Device', input.deviceId);
      const given = {
        ...changes,
        ...decoded(input),
        deviceId,
        venueId: venueIdOf(context),
        pairingCodeHash: made?.hash,
      };
      const device = await context.runWork(context.actor, (work) => updateDevice(work, given));
      return { device, pairingCode: made?.pairingCode ?? null };
    },
  }),
);

builder.mutationField('removeDevice', (t) =>
  t.field({
    type: answerOf('RemoveDeviceSuccess', {
      description: 'The device as it was last.',
      message: 'The device was removed.',
    }),
    nullable: true,
    authScopes: { scope: 'DEVICES_MANAGE' },
    description:
      'Takes a device out of use: its session and its streams end, it shows nothing, and what it was told and has not done expires. What it did remains; its number is free for another. Needs DEVICES_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: RemoveDeviceInput, required: true, description: 'Which device.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const deviceId = decodeIdOf('Device', input.deviceId);
      const device = await context.runWork(context.actor, (work) =>
        removeDevice(work, { venueId: venueIdOf(context), deviceId }),
      );
      return { device, pairingCode: null };
    },
  }),
);

interface GivenIds {
  readonly ownerId?: string | null | undefined;
  readonly resourceId?: string | null | undefined;
  readonly groupIds?: readonly string[] | null | undefined;
}

const decoded = ({ ownerId, resourceId, groupIds }: GivenIds) => ({
  ownerId: ownerId == null ? ownerId : decodeIdOf('User', ownerId),
  resourceId: resourceId == null ? resourceId : decodeIdOf('Resource', resourceId),
  groupIds: groupIds?.map((id) => decodeIdOf('DeviceGroup', id)),
});
