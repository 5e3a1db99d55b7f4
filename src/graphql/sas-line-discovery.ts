import type { DiscoveredAddress } from '../machine/discovered-address.ts';
import { listDiscoveredAddresses } from '../machine/discovered-address-store.ts';
import { type Discovery, type DiscoveryState, progressOf, stateOfDiscovery } from '../machine/discovery.ts';
import { listDiscoveries } from '../machine/discovery-store.ts';
import { accountingDenomination } from '../machine/meter.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { perLine } from './line-loader.ts';
import { MachineType } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { SasLineType } from './sas-line.ts';
import { ownVenue } from './venue.ts';

const DiscoveryStateEnum = builder.enumType('MachineDiscoveryState', {
  description: 'How far a search for machines is.',
  values: {
    REQUESTED: { description: 'The driver of the line has not begun yet.' },
    RUNNING: { description: 'It looks. While nobody drives the line it rests, and the next driver goes on.' },
    FINISHED: { description: 'It is done.' },
  } satisfies Record<DiscoveryState, { description: string }>,
});

const DiscoveryType = builder.objectRef<Discovery>('MachineDiscovery').implement({
  description: 'A search for machines on a line, at addresses where none is registered.',
  fields: (t) => ({
    state: t.field({ type: DiscoveryStateEnum, description: 'How far it is.', resolve: stateOfDiscovery }),
    progress: t.float({
      description: 'How much of it is done, to about a tenth; 1 when all is.',
      resolve: progressOf,
    }),
    fromAddress: t.exposeInt('fromAddress', { description: 'The first address it looks at.' }),
    toAddress: t.exposeInt('toAddress', { description: 'The last one.' }),
    requestedAt: t.expose('requestedAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the driver of the line began.',
    }),
    finishedAt: t.expose('finishedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was done.',
    }),
  }),
});

const DiscoveredAddressType = builder.objectRef<DiscoveredAddress>('DiscoveredAddress').implement({
  description:
    'An address of a line at which a machine was heard and none is registered. `registerMachine` takes it off the list.',
  fields: (t) => ({
    address: t.exposeInt('address', { description: 'What `registerMachine` takes: 1 to 127.' }),
    firstHeardAt: t.expose('firstHeardAt', { type: 'DateTime', description: 'When it was first heard.' }),
    lastHeardAt: t.expose('lastHeardAt', {
      type: 'DateTime',
      description:
        'When it was last heard: it answered a search, or said that it hears no host, which is noted once in a minute.',
    }),
    answeredAt: t.expose('answeredAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'When it last answered a search. Null for one that only says that it hears no host: nobody asked it yet, or what is sent does not reach it.',
    }),
    missedAt: t.expose('missedAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Since when searches get no answer from it; null otherwise. The next one that gets none forgets it, unless it was heard meanwhile.',
    }),
    sasVersion: t.exposeString('sasVersion', {
      nullable: true,
      description: '`602` is SAS 6.02 (poll 54). Null, as all below, until it told.',
    }),
    serialNumber: t.exposeString('serialNumber', {
      nullable: true,
      description: 'As the machine tells it (poll 54).',
    }),
    gameId: t.exposeString('gameId', {
      nullable: true,
      description: 'Two letters of the maker (poll 1F).',
    }),
    additionalId: t.exposeString('additionalId', {
      nullable: true,
      description: 'Three letters more of its maker (poll 1F).',
    }),
    paytableId: t.exposeString('paytableId', {
      nullable: true,
      description: 'Which paytable it plays (poll 1F).',
    }),
    denomination: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What one credit on its meters is worth (poll 1F); null also for a fraction of the currency’s smallest unit.',
      resolve: async ({ denominationCode }, _args, context) =>
        accountingDenomination(denominationCode, (await ownVenue(context)).currency),
    }),
    suggestedProfile: t.string({
      nullable: true,
      description: 'The profile for what it says it is, by name; null when none is meant for it.',
      resolve: (found, _args, { suggestedProfile }) => suggestedProfile(found),
    }),
    knownMachine: t.field({
      type: MachineType,
      nullable: true,
      description:
        'The one machine of the venue that tells the same serial number: registered elsewhere, or removed. `registerMachine` with its `machineId` keeps its meters and events.',
      resolve: ({ knownMachineId }) => knownMachineId,
    }),
  }),
});

const addressesOf = perLine<DiscoveredAddress>((context, lineIds) =>
  listDiscoveredAddresses(context.db, venueIdOf(context), lineIds),
);

const discoveryOf = perLine<Discovery>((context, lineIds) =>
  listDiscoveries(context.db, venueIdOf(context), lineIds),
);

builder.objectFields(SasLineType, (t) => ({
  discovery: t.field({
    type: DiscoveryType,
    nullable: true,
    description: 'The last search for machines, of `discoverMachines`; null where there was none.',
    resolve: async ({ id }, _args, context) => (await discoveryOf(context, id))[0],
  }),
  discoveredAddresses: t.field({
    type: [DiscoveredAddressType],
    description:
      'Where machines were heard and none is registered, by address: found by a search, or because they say that they hear no host, as all do on a line without registered machines.',
    resolve: async ({ id }, _args, context) => [...(await addressesOf(context, id))],
  }),
}));
