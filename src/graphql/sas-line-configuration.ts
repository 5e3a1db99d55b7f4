import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { LineInUseError, LineNameTakenError, PortTakenError } from '../machine/errors.ts';
import { configureSasLine, removeSasLine } from '../machine/registry-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { SasLineType, WakeupModeEnum } from './sas-line.ts';

errorType(LineNameTakenError, {
  name: 'LineNameTakenError',
  description: 'Another line of the venue has this name. Code API_001.',
});

errorType(PortTakenError, {
  name: 'PortTakenError',
  description: 'Another line is on this port. Code API_001.',
});

errorType(LineInUseError, {
  name: 'LineInUseError',
  description: 'Machines are on the line. Code API_001.',
  fields: (t) => ({
    machineIds: t.idList({
      description: 'Which machines: each is removed, or moved with `registerMachine`, first.',
      resolve: ({ machineIds }) => machineIds.map((id) => encodeGlobalId('Machine', id)),
    }),
  }),
});

const ConfigureSasLineInput = builder.inputType('ConfigureSasLineInput', {
  description:
    'What a line is. What is left out stays as it is, and so does what is null but its profile; a new line takes a name, a port and a wakeup mode (ValidationError).',
  fields: (t) => ({
    lineId: t.id({ description: 'The line to change; a new one without it.' }),
    expectedVersion: t.int({
      description:
        '`SasLine.version` as the caller read it (VersionConflictError). Needed with `lineId` (ValidationError).',
    }),
    name: t.string({
      description:
        'What the floor calls it, 1 to 100 characters (ValidationError); no two lines of a venue have the same (LineNameTakenError).',
    }),
    port: t.string({
      description:
        'A device, or `tcp://host:port` (ValidationError), as the computer that drives the line knows it, that goes with the wakeup mode (ValidationError). A relative path starts at its DATA_DIR. No two lines of the same drivers have the same (PortTakenError).',
    }),
    wakeupMode: t.field({ type: WakeupModeEnum, description: 'How the ninth bit travels.' }),
    profile: t.string({
      description:
        'The profile of its adapter by name, 1 to 40 lower case letters, digits and hyphens (ValidationError). Null takes it away; a name its driver does not know counts for nothing.',
    }),
    drivenBy: t.string({
      description:
        'Which drivers may drive it: those that have this name among their SAS_DRIVES. Lower case letters, digits and inner hyphens, at most 63, not `none` (ValidationError); `main` for a new line without it.',
    }),
  }),
});

builder.mutationField('configureSasLine', (t) =>
  t.field({
    type: SasLineType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONFIGURE' },
    description:
      'Adds a serial line, or changes one: whoever drives it closes the old port and opens the new one. What changes nothing leaves the version as it is. Needs MACHINES_CONFIGURE (AUTH_004).',
    args: { input: t.arg({ type: ConfigureSasLineInput, required: true, description: 'What it is.' }) },
    errors: {
      types: [
        NotFoundError,
        NotOwnerError,
        ValidationError,
        VersionConflictError,
        LineNameTakenError,
        PortTakenError,
      ],
      dataField: { name: 'line', description: 'The line as it is now.' },
      result: {
        fields: (result) => ({
          success: result.boolean({
            description: successDescription,
            resolve: () => true,
          }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The line is configured.',
          }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const lineId = input.lineId == null ? null : decodeIdOf('SasLine', input.lineId);
      const { expectedVersion = null, ...settings } = input;
      return await context.runWork(context.actor, (work) =>
        configureSasLine(work, { ...settings, expectedVersion, venueId, lineId }),
      );
    },
  }),
);

const RemoveSasLineInput = builder.inputType('RemoveSasLineInput', {
  description: 'Which line is taken off the floor.',
  fields: (t) => ({
    lineId: t.id({ required: true, description: 'The line’s id.' }),
    expectedVersion: t.int({
      required: true,
      description: '`SasLine.version` as the caller read it (VersionConflictError).',
    }),
  }),
});

builder.mutationField('removeSasLine', (t) =>
  t.field({
    type: SasLineType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONFIGURE' },
    description:
      'Takes a line without machines off the floor (LineInUseError): whoever drives it closes its port, and its name and port are free for another line. What happened on it stays. It does not come back: a new line on its port does the same. Removing it again is not found. Needs MACHINES_CONFIGURE (AUTH_004).',
    args: { input: t.arg({ type: RemoveSasLineInput, required: true, description: 'Which line.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError, VersionConflictError, LineInUseError],
      dataField: { name: 'line', description: 'The line as it is now.' },
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({ description: messageDescription, resolve: () => 'The line was removed.' }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const { expectedVersion } = input;
      const lineId = decodeIdOf('SasLine', input.lineId);
      const venueId = venueIdOf(context);
      return await context.runWork(context.actor, (work) =>
        removeSasLine(work, { venueId, lineId, expectedVersion }),
      );
    },
  }),
);
