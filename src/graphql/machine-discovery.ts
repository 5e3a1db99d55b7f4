import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { LineUnavailableError } from '../machine/errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import './machine-command-errors.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { SasLineType } from './sas-line.ts';

const DiscoverMachinesInput = builder.inputType('DiscoverMachinesInput', {
  description: 'Where to look for machines.',
  fields: (t) => ({
    lineId: t.id({ required: true, description: 'The line they hang on.' }),
    fromAddress: t.int({
      description: 'The first address to look at, 1 to 127 (ValidationError); 1 without it.',
    }),
    toAddress: t.int({
      description: 'The last one, not below the first (ValidationError); 127 without it.',
    }),
  }),
});

builder.mutationField('discoverMachines', (t) =>
  t.field({
    type: SasLineType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONFIGURE' },
    description:
      'Has the driver of a line look for machines at the addresses where none is registered, and answers as soon as it has begun. Registered machines are polled as before: a search takes a twentieth of the line’s time, some minutes for all addresses, and is told as `machine.discovery-…` and `machine.address-discovered` in `events`. While one is under way, whatever it looks at, it is answered with instead of another. A line whose port is closed, or that nobody drives, gives LineUnavailableError. Needs MACHINES_CONFIGURE (AUTH_004).',
    args: { input: t.arg({ type: DiscoverMachinesInput, required: true, description: 'Where to look.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError, LineUnavailableError],
      dataField: { name: 'line', description: 'The line as it is now, with its search.' },
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The search was ordered.',
          }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const lineId = decodeIdOf('SasLine', input.lineId);
      const { fromAddress = null, toAddress = null } = input;
      await context.discoveries.request(context, {
        venueId: venueIdOf(context),
        lineId,
        fromAddress,
        toAddress,
      });
      return lineId;
    },
  }),
);
