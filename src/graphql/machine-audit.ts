import { findRecoveries, type MachineRecovery, type RecoveryKind } from '../machine/recovery-store.ts';
import { hexOf } from '../machine/rom-signature-service.ts';
import { findLastRomSignatures, type RomSignature } from '../machine/rom-signature-store.ts';
import { builder } from './builder.ts';
import { rowsOfMachine } from './machine-rows.ts';
import { MachineType } from './machine-type.ts';

const signaturesOf = rowsOfMachine(findLastRomSignatures);
const recoveriesOf = rowsOfMachine(findRecoveries);

const RomSignatureType = builder.objectRef<RomSignature>('RomSignature').implement({
  description: 'A signature of the memory that holds a machine’s program (poll 21).',
  fields: (t) => ({
    value: t.string({
      description: 'Its 16 bits, as four hexadecimal digits.',
      resolve: ({ signature }) => hexOf(signature),
    }),
    seed: t.exposeInt('seed', {
      nullable: true,
      description:
        'What it begins with, 0 to 65535: only signatures of one seed can be compared. Null when the machine was asked by somebody else.',
    }),
    changed: t.exposeBoolean('changed', {
      nullable: true,
      description: 'Whether it differs from the one before with the same seed; null when there is none.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When the machine told it.' }),
  }),
});

const RecoveryKindEnum = builder.enumType('RecoveryKind', {
  description: 'What a machine was asked of its tickets as it came online.',
  values: {
    REDEEM_TICKET: { description: 'The last ticket that was put in (poll 71).' },
    READ_VALIDATION_RECORD: { description: 'The ticket whose record waits to be read (poll 4D).' },
  } satisfies Record<RecoveryKind, { description: string }>,
});

const MachineRecoveryType = builder.objectRef<MachineRecovery>('MachineRecovery').implement({
  description: 'What a machine said of a ticket that may have been under way when it last came online.',
  fields: (t) => ({
    kind: t.expose('kind', { type: RecoveryKindEnum, description: 'What it was asked about.' }),
    answer: t.expose('answer', {
      type: 'JSON',
      description:
        'What it said: an object. Amounts are in cents, as texts; of a ticket’s number only the last four digits are kept.',
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
});

builder.objectFields(MachineType, (t) => ({
  romSignature: t.field({
    type: RomSignatureType,
    nullable: true,
    description:
      'The last signature of its program. Null until it told one: `verifyMachineRom` asks for it. The events ROM_SIGNATURE tell them all.',
    resolve: async ({ id }, _args, context) => (await signaturesOf(context, id))[0],
  }),
  recoveries: t.field({
    type: [MachineRecoveryType],
    nullable: true,
    description:
      'What it said of its tickets when it last came online, one of each kind that it knows. The log has `machine.recovery-recorded` for each that differs from the one before.',
    resolve: async ({ id }, _args, context) => [...(await recoveriesOf(context, id))],
  }),
}));
