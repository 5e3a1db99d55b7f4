import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import {
  LineDamagedError,
  LineUnavailableError,
  type MachineRefusal,
  MachineRefusedError,
  MachineUnreachableError,
  NotSupportedByMachineError,
} from '../machine/errors.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';

const machineIdDescription = { description: 'The machine’s id.' };

errorType(MachineUnreachableError, {
  name: 'MachineUnreachableError',
  description:
    'The machine did not answer, or not in time; whatever it was told may still happen. Code SAS_002.',
  fields: (t) => ({
    machineId: t.globalID({
      ...machineIdDescription,
      resolve: ({ machineId }) => ({ type: 'Machine', id: machineId }),
    }),
    attempts: t.exposeInt('attempts', { description: 'How many polls were sent for it.' }),
  }),
});

errorType(LineUnavailableError, {
  name: 'LineUnavailableError',
  description:
    'The line is down, or no driver drives it; whatever a machine was told before may still happen. Code SAS_001.',
  fields: (t) => ({
    lineId: t.globalID({
      description: 'The line’s id.',
      resolve: ({ lineId }) => ({ type: 'SasLine', id: lineId }),
    }),
    cause: t.exposeString('reason', { nullable: true, description: 'Why it is down, if known.' }),
  }),
});

errorType(LineDamagedError, {
  name: 'LineDamagedError',
  description: 'The machine’s answers arrive damaged. Code SAS_003.',
  fields: (t) => ({
    machineId: t.globalID({
      ...machineIdDescription,
      resolve: ({ machineId }) => ({ type: 'Machine', id: machineId }),
    }),
    attempts: t.exposeInt('attempts', { description: 'How many polls were sent for it.' }),
  }),
});

const MachineRefusalEnum = builder.enumType('MachineRefusal', {
  description: 'Why a machine will not.',
  values: {
    BUSY: { description: 'It is busy.' },
    REFUSED: { description: 'It does not say.' },
    UNABLE: { description: 'It cannot do it now.' },
    NO_HANDPAY: { description: 'It has no handpay.' },
  } satisfies Record<MachineRefusal, { description: string }>,
});

errorType(MachineRefusedError, {
  name: 'MachineRefusedError',
  description: 'The machine answered that it will not, or not now. Code SAS_004.',
  fields: (t) => ({
    machineId: t.globalID({
      ...machineIdDescription,
      resolve: ({ machineId }) => ({ type: 'Machine', id: machineId }),
    }),
    busy: t.boolean({
      description: 'Whether it was only busy: try again.',
      resolve: ({ reason }) => reason === 'BUSY',
    }),
    reason: t.expose('reason', { type: MachineRefusalEnum, description: 'Why, as far as it says.' }),
  }),
});

errorType(NotSupportedByMachineError, {
  name: 'NotSupportedByMachineError',
  description: 'The machine answers, but not to this command. Code SAS_005.',
  fields: (t) => ({
    machineId: t.globalID({
      ...machineIdDescription,
      resolve: ({ machineId }) => ({ type: 'Machine', id: machineId }),
    }),
  }),
});

/** What a command to a machine can end with. */
export const COMMAND_ERRORS = [
  NotFoundError,
  NotOwnerError,
  ValidationError,
  MachineUnreachableError,
  LineUnavailableError,
  LineDamagedError,
  MachineRefusedError,
  NotSupportedByMachineError,
];
