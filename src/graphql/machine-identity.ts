import type { Capabilities } from '../machine/machine.ts';
import { builder } from './builder.ts';
import { MachineType } from './machine-type.ts';

const ValidationStyleEnum = builder.enumType('ValidationStyle', {
  description: 'How a machine validates tickets and handpays.',
  values: {
    STANDARD: { description: 'By numbers it makes itself.' },
    SYSTEM: { description: 'By numbers it asks the host for.' },
    SECURE_ENHANCED: { description: 'By numbers it makes from a secret of the host’s.' },
    RESERVED: { description: 'A style that SAS 6.02 does not define.' },
  } satisfies Record<Capabilities['validationStyle'], { description: string }>,
});

const MeterModelEnum = builder.enumType('MeterModel', {
  description: 'When a machine counts what was won.',
  values: {
    UNSPECIFIED: { description: 'It does not say.' },
    WHEN_WON: { description: 'When it is won.' },
    WHEN_PLAYED_OR_PAID: { description: 'When it is played again, or paid.' },
    RESERVED: { description: 'A model that SAS 6.02 does not define.' },
  } satisfies Record<Capabilities['meterModel'], { description: string }>,
});

const MachineCapabilitiesType = builder.objectRef<Capabilities>('MachineCapabilities').implement({
  description: 'What a machine says it can do (poll A0).',
  fields: (t) => ({
    aft: t.exposeBoolean('aft', { description: 'Money goes to it and comes from it over SAS.' }),
    aftBonus: t.exposeBoolean('aftBonus', { description: 'The same for bonuses.' }),
    ticketRedemption: t.exposeBoolean('ticketRedemption', { description: 'It takes tickets.' }),
    validationStyle: t.expose('validationStyle', {
      type: ValidationStyleEnum,
      description: 'How it validates tickets and handpays.',
    }),
    validationExtensions: t.exposeBoolean('validationExtensions', {
      description: 'What its tickets say can be set (polls 7B and 7C).',
    }),
    ticketsInTotalDrop: t.exposeBoolean('ticketsInTotalDrop', {
      description: 'Tickets count in the meter TOTAL_DROP.',
    }),
    meterModel: t.expose('meterModel', { type: MeterModelEnum, description: 'When it counts what was won.' }),
    extendedMeters: t.exposeBoolean('extendedMeters', {
      description: 'It tells every meter it has (polls 6F and AF).',
    }),
    multiDenomination: t.exposeBoolean('multiDenomination', {
      description: 'It can be asked about one of its denominations (poll B0).',
    }),
    legacyBonus: t.exposeBoolean('legacyBonus', { description: 'It pays bonuses of the older kind.' }),
    jackpotMultiplier: t.exposeBoolean('jackpotMultiplier', { description: 'It multiplies jackpots.' }),
    multipleProgressiveWins: t.exposeBoolean('multipleProgressiveWins', {
      description: 'It tells several progressive wins at once (poll 87).',
    }),
    tournament: t.exposeBoolean('tournament', { description: 'It plays tournaments.' }),
    componentAuthentication: t.exposeBoolean('componentAuthentication', {
      description: 'Its components can be authenticated (poll 6E).',
    }),
    fastPolling: t.exposeBoolean('fastPolling', {
      description: 'It may be polled every 40 ms instead of every 200 ms.',
    }),
  }),
});

builder.objectFields(MachineType, (t) => ({
  assetNumber: t.field({
    type: 'BigInt',
    nullable: true,
    description: 'The number an operator gave it at the machine; null where it has none or tells none.',
    resolve: ({ identity }) => (identity?.assetNumber == null ? null : BigInt(identity.assetNumber)),
  }),
  additionalId: t.string({
    nullable: true,
    description: 'Three letters more of its maker (poll 1F).',
    resolve: ({ identity }) => identity?.additionalId,
  }),
  maxBet: t.int({
    nullable: true,
    description: 'The most that can be wagered at once, in credits; 255 is 255 or more (poll 1F).',
    resolve: ({ identity }) => identity?.maxBet,
  }),
  numberOfGames: t.int({
    nullable: true,
    description: 'How many games it offers to choose from; 0 where there is a single one (poll 51).',
    resolve: ({ identity }) => identity?.numberOfGames,
  }),
  capabilities: t.field({
    type: MachineCapabilitiesType,
    nullable: true,
    description: 'What it can do; null until it told, and where it does not know the question.',
    resolve: ({ identity }) => identity?.capabilities,
  }),
}));
