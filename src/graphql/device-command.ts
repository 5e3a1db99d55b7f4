import { IdempotencyMismatchError, NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { MAX_JSON_DEPTH } from '../lib/json.ts';
import type { CommandParameters, CommandReport, DeviceCommand } from '../signage/command.ts';
import type { CommandDeliveries } from '../signage/command-delivery.ts';
import { acknowledgeCommand, type SendCommand, sendCommand } from '../signage/command-service.ts';
import { CommandEndedError, DeviceOfflineError } from '../signage/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { DeviceCommandKindEnum, DeviceCommandType } from './device-command-type.ts';
import './device-errors.ts';
import { reportingDevice } from './device-report.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

declare module './context.ts' {
  interface Services {
    /** Where it is noted which commands were sent down the streams of their devices. */
    readonly commandDeliveries: CommandDeliveries;
  }
}

const DeviceCommandParametersInput = builder.inputType('DeviceCommandParametersInput', {
  description: 'How a command is to be done: each kind takes its own and no other (ValidationError).',
  fields: (t) => ({
    percent: t.int({
      description: 'SET_VOLUME and SET_BRIGHTNESS: how loud, or how bright, 0 to 100 (ValidationError).',
    }),
    seconds: t.int({ description: 'IDENTIFY: for how long, 1 to 300 (ValidationError).' }),
    on: t.boolean({ description: 'SET_POWER: whether on or off.' }),
    name: t.string({
      description:
        'CUSTOM: which of the device’s own commands: a lower-case letter and at most 63 of them, digits and hyphens (ValidationError).',
    }),
    data: t.field({
      type: 'JSON',
      description: `CUSTOM: what that takes, at most 4096 bytes and ${MAX_JSON_DEPTH} levels. Whole numbers beyond 2^53 − 1 are sent as texts (ValidationError). Nothing without it.`,
    }),
  }),
});

const SendDeviceCommandInput = builder.inputType('SendDeviceCommandInput', {
  description: 'What devices are told to do.',
  fields: (t) => ({
    deviceIds: t.idList({
      description:
        'Which, 1 to 100; or `groupId` (ValidationError). One that is not there gives NotFoundError, one for which 500 commands wait ValidationError, and nothing is sent.',
    }),
    groupId: t.id({
      description: 'All of a group that are in it now, 1 to 1000; or `deviceIds` (ValidationError).',
    }),
    kind: t.field({ type: DeviceCommandKindEnum, required: true, description: 'What.' }),
    parameters: t.field({ type: DeviceCommandParametersInput, description: 'How.' }),
    expiresAfter: t.field({
      type: 'Duration',
      required: true,
      defaultValue: 3_600,
      description: 'What is not done by then counts as not done: PT5S to P7D (ValidationError).',
    }),
    requireOnline: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Whether it is only worth sending to devices that are ONLINE (DeviceOfflineError); otherwise it waits for those that are not.',
    }),
    idempotencyKey: t.string({
      description:
        'The caller’s own name for it, 1 to 200 printable ASCII characters without blanks: sent once by it, however often he asks.',
    }),
  }),
});

const SendDeviceCommandSuccessType = builder
  .objectRef<readonly DeviceCommand[]>('SendDeviceCommandSuccess')
  .implement({
    description: 'What the devices were told: each has a command of its own.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The devices are told.' }),
      commands: t.field({
        type: [DeviceCommandType],
        description: 'One for each device; by the same idempotency key, as they stand now.',
        resolve: (commands) => [...commands],
      }),
    }),
  });

builder.mutationField('sendDeviceCommand', (t) =>
  t.field({
    type: SendDeviceCommandSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICES_CONTROL' },
    description:
      'Tells devices to do something. Each gets it on its own stream, also after an absence, as long as it is not too late. Needs DEVICES_CONTROL (AUTH_004).',
    args: { input: t.arg({ type: SendDeviceCommandInput, required: true, description: 'What.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, DeviceOfflineError, IdempotencyMismatchError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const command = {
        venueId: venueIdOf(context),
        to: targetsOf(input),
        kind: input.kind,
        parameters: parametersOf(input.parameters ?? {}),
        expiresAfterSeconds: input.expiresAfter,
        requireOnline: input.requireOnline,
        idempotencyKey: input.idempotencyKey ?? null,
      };
      return context.runWork(context.actor, (work) => sendCommand(work, command));
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
}): SendCommand['to'] {
  if (deviceIds && groupId == null) return { deviceIds: deviceIds.map((id) => decodeIdOf('Device', id)) };
  if (groupId != null && !deviceIds) return { groupId: decodeIdOf('DeviceGroup', groupId) };
  throw new ValidationError('A command is for deviceIds or for a groupId.');
}

interface GivenParameters {
  readonly percent?: number | null | undefined;
  readonly seconds?: number | null | undefined;
  readonly on?: boolean | null | undefined;
  readonly name?: string | null | undefined;
  readonly data?: unknown;
}

/** What is null is not given; but for the data, which may be. */
const parametersOf = ({ percent, seconds, on, name, data }: GivenParameters): CommandParameters => ({
  ...(percent != null && { percent }),
  ...(seconds != null && { seconds }),
  ...(on != null && { isOn: on }),
  ...(name != null && { name }),
  ...(data !== undefined && { data }),
});

const DeviceCommandReportEnum = builder.enumType('DeviceCommandReport', {
  description: 'What a device says has become of a command.',
  values: {
    ACKNOWLEDGED: { description: 'It has it, and has not done it yet.' },
    SUCCEEDED: { description: 'It has done it.' },
    FAILED: { description: 'It could not, or would not.' },
  } satisfies Record<CommandReport, { description: string }>,
});

const AcknowledgeCommandInput = builder.inputType('AcknowledgeCommandInput', {
  description: 'What a device says of a command.',
  fields: (t) => ({
    commandId: t.id({ required: true, description: 'Which command.' }),
    state: t.field({
      type: DeviceCommandReportEnum,
      required: true,
      defaultValue: 'ACKNOWLEDGED',
      description: 'What has become of it.',
    }),
    message: t.string({
      description: 'What there is to say of it, at most 500 characters (ValidationError).',
    }),
    result: t.field({
      type: 'JSON',
      description: `What came of it, at most 65536 bytes and ${MAX_JSON_DEPTH} levels. Whole numbers beyond 2^53 − 1 are sent as texts (ValidationError).`,
    }),
  }),
});

const AcknowledgeCommandSuccessType = builder
  .objectRef<DeviceCommand>('AcknowledgeCommandSuccess')
  .implement({
    description: 'The command as it stands now.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'It was noted.' }),
      command: t.field({
        type: DeviceCommandType,
        description: 'The command.',
        resolve: (command) => command,
      }),
    }),
  });

builder.mutationField('acknowledgeCommand', (t) =>
  t.field({
    type: AcknowledgeCommandSuccessType,
    nullable: true,
    authScopes: { scope: 'DEVICE' },
    description:
      'A device says that it has a command, and later what came of it; or that at once. Said again, the answer is the same. Of its own commands alone (NotFoundError). Needs DEVICE (AUTH_004).',
    args: { input: t.arg({ type: AcknowledgeCommandInput, required: true, description: 'What it says.' }) },
    errors: { types: [ValidationError, NotFoundError, CommandEndedError], directResult: true },
    resolve: (_root, { input }, context) => {
      const actor = reportingDevice(context.actor);
      const said = {
        commandId: decodeIdOf('DeviceCommand', input.commandId),
        report: input.state,
        message: input.message ?? null,
        result: input.result,
      };
      return context.runWork(actor, (work) => acknowledgeCommand(work, actor, said));
    },
  }),
);
