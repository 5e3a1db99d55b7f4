import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { JackpotNameTakenError, ProgressiveLevelTakenError } from '../machine/errors.ts';
import { configureJackpot } from '../machine/jackpot-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { decodeIdOf } from './ids.ts';
import { JackpotType } from './jackpot.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

errorType(JackpotNameTakenError, {
  name: 'JackpotNameTakenError',
  description: 'Another jackpot of the venue has this name. Code API_001.',
});

errorType(ProgressiveLevelTakenError, {
  name: 'ProgressiveLevelTakenError',
  description: 'Another jackpot of the venue is this level of this group. Code API_001.',
});

const amountDescription =
  '0 to 99999999.99 of the venue’s currency, with at most two decimals (ValidationError): machines are told hundredths of its main unit.';

const ConfigureJackpotInput = builder.inputType('ConfigureJackpotInput', {
  description:
    'What a jackpot is, and what it stands at. What is left out or null stays as it is; a new one takes a name, a group, a level and what it is reset to (ValidationError).',
  fields: (t) => ({
    jackpotId: t.id({ description: 'The jackpot to change; a new one without it.' }),
    expectedVersion: t.int({
      description:
        '`Jackpot.version` as the caller read it (VersionConflictError). Needed with `jackpotId` (ValidationError).',
    }),
    name: t.string({
      description:
        'What the floor calls it, 1 to 100 characters (ValidationError); no two jackpots of a venue have the same (JackpotNameTakenError).',
    }),
    group: t.int({
      description: 'The progressive group, 1 to 255 (ValidationError), its machines are set to.',
    }),
    level: t.int({
      description:
        'The level of the group, 1 to 32 (ValidationError); no two jackpots of a venue share one (ProgressiveLevelTakenError).',
    }),
    amount: t.field({
      type: 'Decimal',
      description: `What it stands at, \`resetTo\` for a new one without it: ${amountDescription}`,
    }),
    resetTo: t.field({
      type: 'Decimal',
      description: `What it begins anew with after a win: ${amountDescription}`,
    }),
  }),
});

builder.mutationField('configureJackpot', (t) =>
  t.field({
    type: JackpotType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONTROL' },
    description:
      'Sets up a jackpot, or says what it stands at: the machines of the venue are told within a second. What changes nothing leaves the version as it is. Needs MACHINES_CONTROL (AUTH_004).',
    args: { input: t.arg({ type: ConfigureJackpotInput, required: true, description: 'What it is.' }) },
    errors: {
      types: [
        NotFoundError,
        NotOwnerError,
        ValidationError,
        VersionConflictError,
        JackpotNameTakenError,
        ProgressiveLevelTakenError,
      ],
      dataField: { name: 'jackpot', description: 'The jackpot as it is now.' },
      result: {
        fields: (result) => ({
          success: result.boolean({
            description: successDescription,
            resolve: () => true,
          }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The jackpot is configured.',
          }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const { expectedVersion = null, amount, resetTo, ...terms } = input;
      const change = {
        ...terms,
        expectedVersion,
        venueId: venueIdOf(context),
        jackpotId: input.jackpotId == null ? null : decodeIdOf('Jackpot', input.jackpotId),
        cents: amount == null ? null : parseCents('amount', amount),
        resetCents: resetTo == null ? null : parseCents('resetTo', resetTo),
      };
      return await context.runWork(context.actor, (work) => configureJackpot(work, change));
    },
  }),
);

/** @throws ValidationError */
export function parseCents(field: string, decimal: string): bigint {
  const [whole = '0', fraction = ''] = decimal.split('.');
  const digits = fraction.replace(/0+$/, '');
  if (digits.length > 2) throw new ValidationError('A jackpot has at most two decimals.', { field });
  return BigInt(whole) * 100n + BigInt(digits.padEnd(2, '0'));
}
