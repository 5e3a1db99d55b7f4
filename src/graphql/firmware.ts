import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { type Deployment, MAX_DEVICES, MAX_GROUP_DEVICES } from '../signage/deployment.ts';
import { deployFirmware } from '../signage/deployment-service.ts';
import { DeviceUpdatingError, FirmwareVersionTakenError, UploadRejectedError } from '../signage/errors.ts';
import type { Firmware } from '../signage/firmware.ts';
import { uploadFirmware } from '../signage/firmware-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { DeploymentType } from './deployment-type.ts';
import './device-firmware.ts';
import { DeviceKindEnum } from './device-type.ts';
import './domain-errors.ts';
import './firmware-errors.ts';
import { FirmwareType } from './firmware-type.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import './upload-errors.ts';

const WHO =
  'Needs FIRMWARE_WRITE; for one device whoever has booked what it belongs to for this very moment may too, with BOOKINGS_WRITE, until his slot ends (AUTH_004).';

const UploadFirmwareInput = builder.inputType('UploadFirmwareInput', {
  description: 'A file that was uploaded, and what it is.',
  fields: (t) => ({
    uploadToken: t.string({
      required: true,
      description: 'Of `stageUpload` for FIRMWARE, once the file has come (UploadRejectedError).',
    }),
    name: t.string({
      required: true,
      description: 'What people call it, 1 to 100 characters (ValidationError).',
    }),
    version: t.string({
      required: true,
      description:
        'What devices that run it report: 1 to 64 printable ASCII characters without blanks (ValidationError). No two for the same devices have the same (FirmwareVersionTakenError).',
    }),
    deviceKind: t.field({
      type: DeviceKindEnum,
      description: 'What it is for. May be left out with `deviceNumber` (ValidationError).',
    }),
    deviceNumber: t.string({
      description:
        'Of the one device it is for; without it any of its kind may have it. One that is not there, or not for the caller to see, gives NotFoundError, one that he only sees NotOwnerError.',
    }),
    notes: t.string({
      description: 'What there is to know of it, at most 2000 characters (ValidationError).',
    }),
  }),
});

const UploadFirmwareSuccessType = builder.objectRef<Firmware>('UploadFirmwareSuccess').implement({
  description: 'The firmware can be deployed.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The firmware can be deployed.' }),
    firmware: t.field({
      type: FirmwareType,
      description: 'The firmware.',
      resolve: (firmware) => firmware,
    }),
  }),
});

builder.mutationField('uploadFirmware', (t) =>
  t.field({
    type: UploadFirmwareSuccessType,
    nullable: true,
    authScopes: { anyScope: ['FIRMWARE_WRITE', 'BOOKINGS_WRITE'] },
    description: `Makes firmware of a file that was uploaded. ${WHO}`,
    args: { input: t.arg({ type: UploadFirmwareInput, required: true, description: 'What.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, UploadRejectedError, FirmwareVersionTakenError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const upload = {
        venueId: venueIdOf(context),
        token: input.uploadToken,
        name: input.name,
        version: input.version,
        deviceKind: input.deviceKind ?? null,
        deviceNumber: input.deviceNumber ?? null,
        notes: input.notes ?? null,
      };
      return context.runWork(context.actor, (work) => uploadFirmware(work, upload));
    },
  }),
);

const DeployFirmwareInput = builder.inputType('DeployFirmwareInput', {
  description: 'What is given to which devices, and how.',
  fields: (t) => ({
    firmwareId: t.id({
      required: true,
      description: 'What. One that is not there, or not for the caller to see, gives NotFoundError.',
    }),
    deviceIds: t.idList({
      description: `To which, in this order, 1 to ${MAX_DEVICES}; or \`groupId\` (ValidationError). One that is not there, or not for the caller to see, gives NotFoundError, one that he only sees NotOwnerError, and nothing is begun.`,
    }),
    groupId: t.id({
      description: `To all of a group that are in it now, 1 to ${MAX_GROUP_DEVICES}; or \`deviceIds\` (ValidationError).`,
    }),
    batchSize: t.int({
      required: true,
      defaultValue: 10,
      description: `How many are offered it at a time, 1 to ${MAX_GROUP_DEVICES} (ValidationError). The next have it when these are through.`,
    }),
    maxFailures: t.int({
      required: true,
      defaultValue: 0,
      description: 'How many may fail, 0 or more (ValidationError): with one more nothing more is offered.',
    }),
    timeout: t.field({
      type: 'Duration',
      required: true,
      defaultValue: 3_600,
      description:
        'For so long a device that was offered it may be silent before it counts as failed: PT1M to P7D (ValidationError).',
    }),
  }),
});

const DeployFirmwareSuccessType = builder.objectRef<Deployment>('DeployFirmwareSuccess').implement({
  description: 'The first batch is offered it.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The firmware is on its way.' }),
    deployment: t.field({
      type: DeploymentType,
      description: 'The deployment.',
      resolve: (deployment) => deployment,
    }),
  }),
});

builder.mutationField('deployFirmware', (t) =>
  t.field({
    type: DeployFirmwareSuccessType,
    nullable: true,
    authScopes: { anyScope: ['FIRMWARE_WRITE', 'BOOKINGS_WRITE'] },
    description: `Gives devices another firmware, batch by batch. Each reads \`Device.firmware.offered\` and answers with \`reportFirmwareProgress\`. ${WHO}`,
    args: { input: t.arg({ type: DeployFirmwareInput, required: true, description: 'What, and to which.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, DeviceUpdatingError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const deploy = {
        venueId: venueIdOf(context),
        firmwareId: decodeIdOf('Firmware', input.firmwareId),
        to: targetsOf(input),
        batchSize: input.batchSize,
        maxFailures: input.maxFailures,
        timeoutSeconds: input.timeout,
      };
      return context.runWork(context.actor, (work) => deployFirmware(work, deploy));
    },
  }),
);

/** @throws ValidationError */
function targetsOf({
  deviceIds,
  groupId,
}: {
  readonly deviceIds?: readonly string[] | null | undefined;
  readonly groupId?: string | null | undefined;
}): Parameters<typeof deployFirmware>[1]['to'] {
  if (deviceIds && groupId == null) return { deviceIds: deviceIds.map((id) => decodeIdOf('Device', id)) };
  if (groupId != null && !deviceIds) return { groupId: decodeIdOf('DeviceGroup', groupId) };
  throw new ValidationError('Firmware goes to deviceIds or to a groupId.');
}
