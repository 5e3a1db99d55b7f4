import { builder } from './builder.ts';
import { DeviceKindEnum } from './device-type.ts';

type InputFields = Parameters<Parameters<typeof builder.inputType>[1]['fields']>[0];

/** What can be said of a device when it is registered and later. */
const careFields = (t: InputFields) => ({
  ownerId: t.id({
    description:
      'Whose it is: he sees it and may follow its channel. Null: the venue’s own. One that is not there gives NotFoundError.',
  }),
  resourceId: t.id({
    description: 'What is booked with it; null: nothing. One that is not there gives NotFoundError.',
  }),
  timeZone: t.field({
    type: 'TimeZone',
    description: 'Where its clock hangs; null: where the venue’s does.',
  }),
  tags: t.stringList({
    description:
      'All its tags, at most 20: 1 to 32 lower-case letters, digits and hyphens each, no hyphen first (ValidationError).',
  }),
  groupIds: t.idList({
    description:
      'All the groups it is in, at most 50 (ValidationError). One that is not there gives NotFoundError.',
  }),
});

const nameDescription = 'What it is for, 1 to 100 characters (ValidationError).';

/** What `registerDevice` takes. */
export const RegisterDeviceInput = builder.inputType('RegisterDeviceInput', {
  description: 'A device of the venue.',
  fields: (t) => ({
    deviceNumber: t.string({
      required: true,
      description:
        'What people call it: 1 to 32 letters, digits, dots, hyphens and underscores, no sign first (ValidationError). No two devices of a venue in use have the same (DeviceNumberTakenError).',
    }),
    serialNumber: t.string({
      required: true,
      description:
        'By its maker: 1 to 64 printable ASCII characters without blanks (ValidationError). No two devices of a venue in use have the same (SerialNumberTakenError).',
    }),
    kind: t.field({ type: DeviceKindEnum, required: true, description: 'What it is.' }),
    name: t.string({ required: true, description: nameDescription }),
    ...careFields(t),
  }),
});

/** What `updateDevice` takes. */
export const UpdateDeviceInput = builder.inputType('UpdateDeviceInput', {
  description: 'What is to change; what is left out stays.',
  fields: (t) => ({
    deviceId: t.id({ required: true, description: 'The device.' }),
    expectedVersion: t.int({
      required: true,
      description: '`Device.version` as the caller read it (VersionConflictError).',
    }),
    name: t.string({ description: nameDescription }),
    ...careFields(t),
    newPairingCode: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Whether it gets another pairing code. It is shown in the answer this once; the session of the device ends, and it signs in with the new one.',
    }),
  }),
});

/** What `removeDevice` takes. */
export const RemoveDeviceInput = builder.inputType('RemoveDeviceInput', {
  description: 'Which device is taken out of use.',
  fields: (t) => ({ deviceId: t.id({ required: true, description: 'The device.' }) }),
});
