import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { AddressTakenError, MachineNameTakenError } from '../machine/errors.ts';
import { registerMachine, removeMachine } from '../machine/registry-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { decodeIdOf } from './ids.ts';
import { HostCashOutEnum, MachineType } from './machine-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

errorType(MachineNameTakenError, {
  name: 'MachineNameTakenError',
  description: 'Another machine of the venue has this name. Code API_001.',
});

errorType(AddressTakenError, {
  name: 'AddressTakenError',
  description: 'Another machine is at this address of the line. Code API_001.',
});

const RegisterMachineInput = builder.inputType('RegisterMachineInput', {
  description:
    'Which machine is where. What is left out stays as it is, and so does what is null but its profile; a new machine takes a line, an address and a name (ValidationError).',
  fields: (t) => ({
    machineId: t.id({
      description:
        'A machine that is there already, or was removed: it keeps its meters and events. A new one without it.',
    }),
    expectedVersion: t.int({
      description:
        '`Machine.registrationVersion` as the caller read it (VersionConflictError). Needed with `machineId` (ValidationError).',
    }),
    lineId: t.id({ description: 'The line it hangs on.' }),
    address: t.int({
      description:
        'The SAS address it is set to, 1 to 127 (ValidationError); no two machines of a line have the same (AddressTakenError).',
    }),
    profile: t.string({
      description:
        'The profile it is driven by, by name: 1 to 40 lower case letters, digits and hyphens (ValidationError). Null takes it away; a name the driver does not know counts for nothing.',
    }),
    hostCashOut: t.field({
      type: HostCashOutEnum,
      description:
        'What it is to do when a player cashes out; a new one pays by itself (OFF). It takes effect with the next transfer, where the machine lets hosts decide (poll 74).',
    }),
    name: t.string({
      description:
        'What the floor calls it, 1 to 100 characters (ValidationError); no two machines of a venue have the same (MachineNameTakenError).',
    }),
  }),
});

builder.mutationField('registerMachine', (t) =>
  t.field({
    type: MachineType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONFIGURE' },
    description:
      'Puts a machine at an address of a line, where it is polled from now on: a new machine, one from another place, or one that was removed. Needs MACHINES_CONFIGURE (AUTH_004).',
    args: { input: t.arg({ type: RegisterMachineInput, required: true, description: 'Which, and where.' }) },
    errors: {
      types: [
        NotFoundError,
        NotOwnerError,
        ValidationError,
        VersionConflictError,
        MachineNameTakenError,
        AddressTakenError,
      ],
      dataField: { name: 'machine', description: 'The machine as it is now.' },
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The machine is registered.',
          }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const { expectedVersion = null, ...settings } = input;
      const registration = {
        ...settings,
        expectedVersion,
        venueId: venueIdOf(context),
        machineId: input.machineId == null ? null : decodeIdOf('Machine', input.machineId),
        lineId: input.lineId == null ? null : decodeIdOf('SasLine', input.lineId),
      };
      return await context.runWork(context.actor, (work) => registerMachine(work, registration));
    },
  }),
);

const RemoveMachineInput = builder.inputType('RemoveMachineInput', {
  description: 'Which machine is taken off the floor.',
  fields: (t) => ({
    machineId: t.id({ required: true, description: 'The machine’s id.' }),
    expectedVersion: t.int({
      required: true,
      description: '`Machine.registrationVersion` as the caller read it (VersionConflictError).',
    }),
  }),
});

builder.mutationField('removeMachine', (t) =>
  t.field({
    type: MachineType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONFIGURE' },
    description:
      'Takes a machine off the floor: it is polled no more, and its address and name are free. Its meters and events stay, and `registerMachine` brings it back. Removing it again is not found. Needs MACHINES_CONFIGURE (AUTH_004).',
    args: { input: t.arg({ type: RemoveMachineInput, required: true, description: 'Which machine.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError, VersionConflictError],
      dataField: { name: 'machine', description: 'The machine as it is now.' },
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The machine was removed.',
          }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const { expectedVersion } = input;
      const machineId = decodeIdOf('Machine', input.machineId);
      const venueId = venueIdOf(context);
      return await context.runWork(context.actor, (work) =>
        removeMachine(work, { venueId, machineId, expectedVersion }),
      );
    },
  }),
);
