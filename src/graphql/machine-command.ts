import type { CommandRequest } from '../machine/command-service.ts';
import { MachineUnreachableError } from '../machine/errors.ts';
import type { HandpayMethod } from '../machine/handpay.ts';
import type { Machine } from '../machine/machine.ts';
import { findMeters } from '../machine/meter-store.ts';
import { getMachine } from '../machine/service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { HandpayMethodEnum } from './handpay.ts';
import { decodeIdOf } from './ids.ts';
import { COMMAND_ERRORS } from './machine-command-errors.ts';
import { MachineType } from './machine-type.ts';
import { MeterSetEnum, MeterSnapshotType, meterFilter } from './meter-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const MachineReasonInput = builder.inputType('MachineReasonInput', {
  description: 'A machine and why something is done to it.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    reason: t.string({
      required: true,
      description: 'Why, in 1 to 200 characters. Everybody who sees the machine can read it.',
    }),
  }),
});

const ResetHandpayInput = builder.inputType('ResetHandpayInput', {
  description: 'Whose handpay is reset, where it goes, and why.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    reason: t.string({
      required: true,
      description: 'Why, in 1 to 200 characters. Everybody who sees the machine can read it.',
    }),
    method: t.field({
      type: HandpayMethodEnum,
      required: true,
      defaultValue: 'STANDARD',
      description: 'Where it goes.',
    }),
  }),
});

const SetBillAcceptorInput = builder.inputType('SetBillAcceptorInput', {
  description: 'What a machine’s bill acceptor is to do.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    enabled: t.boolean({ required: true, description: 'Whether it is to take bills.' }),
  }),
});

const SetMachineClockInput = builder.inputType('SetMachineClockInput', {
  description: 'Whose clock is to be set.',
  fields: (t) => ({ machineId: t.id({ required: true, description: 'The machine’s id.' }) }),
});

const SetMachineGameEnabledInput = builder.inputType('SetMachineGameEnabledInput', {
  description: 'Which game of a machine may be played.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    game: t.int({
      required: true,
      description: 'Its number, 1 to 9999 (ValidationError): `MachineGame.number`.',
    }),
    enabled: t.boolean({ required: true, description: 'Whether it may be played.' }),
  }),
});

const VerifyMachineRomInput = builder.inputType('VerifyMachineRomInput', {
  description: 'Whose program is to be verified.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    seed: t.int({
      description:
        'What the signature is to begin with, 0 to 65535 (ValidationError). Without it that of the last one, so that the two can be compared; for the first a random one.',
    }),
  }),
});

const PollMetersInput = builder.inputType('PollMetersInput', {
  description: 'Whose meters are to be read now.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    set: t.field({
      type: MeterSetEnum,
      required: true,
      defaultValue: 'BASIC',
      description: 'Which meters to answer with.',
    }),
  }),
});

type CommandOrder = Pick<CommandRequest, 'kind' | 'reason' | 'handpayMethod' | 'game' | 'romSeed'>;

/** What a command did to its machine: the machine as it is then. */
const commandField = (
  name: string,
  { description, message }: { readonly description: string; readonly message: string },
  toCommand: (input: {
    machineId: string;
    reason?: string;
    enabled?: boolean;
    method?: HandpayMethod;
    game?: number;
    seed?: number | null | undefined;
  }) => CommandOrder,
  inputType:
    | typeof MachineReasonInput
    | typeof ResetHandpayInput
    | typeof SetMachineGameEnabledInput
    | typeof VerifyMachineRomInput
    | typeof SetBillAcceptorInput
    | typeof SetMachineClockInput,
) =>
  builder.mutationField(name, (t) =>
    t.field({
      type: MachineType,
      nullable: true,
      authScopes: { scope: 'MACHINES_CONTROL' },
      description,
      args: { input: t.arg({ type: inputType, required: true, description: 'Which machine, and how.' }) },
      errors: {
        types: COMMAND_ERRORS,
        dataField: { name: 'machine', description: 'The machine as it is now.' },
        result: {
          fields: (result) => ({
            success: result.boolean({ description: successDescription, resolve: () => true }),
            message: result.string({ description: messageDescription, resolve: () => message }),
          }),
        },
      },
      resolve: (_root, { input }, context) => runCommand(context, input.machineId, toCommand(input)),
    }),
  );

commandField(
  'lockMachine',
  {
    description:
      'Locks play and waits until the machine confirms it; a game under way is finished. Locking twice changes the reason. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The machine is locked.',
  },
  ({ reason = '' }) => ({ kind: 'LOCK', reason }),
  MachineReasonInput,
);
commandField(
  'unlockMachine',
  {
    description:
      'Allows play again and waits until the machine confirms it. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The machine is unlocked.',
  },
  ({ reason = '' }) => ({ kind: 'UNLOCK', reason }),
  MachineReasonInput,
);
commandField(
  'setBillAcceptor',
  {
    description:
      'Switches the bill acceptor and waits until the machine confirms it. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The bill acceptor was switched.',
  },
  ({ enabled }) => ({ kind: enabled ? 'ENABLE_BILL_ACCEPTOR' : 'DISABLE_BILL_ACCEPTOR', reason: null }),
  SetBillAcceptorInput,
);

commandField(
  'restartMachine',
  {
    description:
      'Restarts a machine and waits until it has confirmed it: the events RESTARTED and then ONLINE follow. SAS has no command for it; a machine whose profile knows none either gives NotSupportedByMachineError. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The machine restarts.',
  },
  ({ reason = '' }) => ({ kind: 'RESTART', reason }),
  MachineReasonInput,
);
commandField(
  'resetHandpay',
  {
    description:
      'Resets the handpay the machine waits with, as an attendant does at the machine who has paid it, or has it go to the credit meter. Never done twice: where it is not known whether it was done, MachineUnreachableError says so. A machine that does not let it go there gives MachineRefusedError, one that knows no such thing NotSupportedByMachineError; then nothing was reset. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The handpay was reset.',
  },
  ({ reason = '', method = 'STANDARD' }) => ({ kind: 'RESET_HANDPAY', reason, handpayMethod: method }),
  ResetHandpayInput,
);
commandField(
  'setMachineClock',
  {
    description:
      'Sets the machine’s clock to the wall clock of its venue and waits until the machine confirms it. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The clock of the machine was set.',
  },
  () => ({ kind: 'SET_CLOCK', reason: null }),
  SetMachineClockInput,
);

commandField(
  'setMachineGameEnabled',
  {
    description:
      'Lets a game of a machine be played, or not, and waits until the machine confirms it: the events GAME_ENABLED and GAME_DISABLED tell. A machine that has no such game gives MachineRefusedError. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The game was switched.',
  },
  ({ enabled, game = 0 }) => ({ kind: enabled ? 'ENABLE_GAME' : 'DISABLE_GAME', reason: null, game }),
  SetMachineGameEnabledInput,
);
commandField(
  'verifyMachineRom',
  {
    description:
      'Has a machine compute the signature of its program memory, and waits until it has begun. The signature comes seconds or minutes later, as the event ROM_SIGNATURE and in `romSignature`. Needs MACHINES_CONTROL (AUTH_004).',
    message: 'The machine computes its signature.',
  },
  ({ seed }) => ({ kind: 'VERIFY_ROM', reason: null, ...(seed != null && { romSeed: seed }) }),
  VerifyMachineRomInput,
);

builder.mutationField('pollMeters', (t) =>
  t.field({
    type: MeterSnapshotType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONTROL' },
    description:
      'Reads a machine’s meters now, before its turn, and answers with them. Needs MACHINES_CONTROL (AUTH_004).',
    args: { input: t.arg({ type: PollMetersInput, required: true, description: 'Which machine.' }) },
    errors: {
      types: COMMAND_ERRORS,
      dataField: { name: 'meters', description: 'The meters as they were read.' },
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({ description: messageDescription, resolve: () => 'The meters were read.' }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const machine = await runCommand(context, input.machineId, { kind: 'READ_METERS', reason: null });
      const [snapshot] = await findMeters(context.db, machine.venueId, [machine.id]);
      if (!snapshot) throw new MachineUnreachableError({ machineId: machine.id, attempts: 1 });
      return { snapshot, isShown: meterFilter({ set: input.set }) };
    },
  }),
);

async function runCommand(context: Context, machineId: string, command: CommandOrder): Promise<Machine> {
  const venueId = venueIdOf(context);
  const id = decodeIdOf('Machine', machineId);
  await context.commands.run(context, { venueId, machineId: id, ...command });
  return await getMachine(context.read, venueId, id);
}
