import { NotFoundError } from '../lib/errors.ts';
import type { HostCashOut } from '../machine/aft-cash-out.ts';
import { type Machine, type MachineLock, statusOf } from '../machine/machine.ts';
import { accountingDenomination } from '../machine/meter.ts';
import { canSeeMachines } from '../machine/policy.ts';
import { findMachinesByIds } from '../machine/store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './machine-services.ts';
import type { Context } from './context.ts';
import { MoneyType } from './money.ts';
import { ownVenue } from './venue.ts';

export const MachineStatusEnum = builder.enumType('MachineStatus', {
  description: 'The one word for a machine’s state.',
  values: {
    REMOVED: { description: 'It was taken off the floor.' },
    UNKNOWN: { description: 'It has never answered.' },
    OFFLINE: { description: 'It no longer answers.' },
    LOCKED: { description: 'Play is locked.' },
    PLAYING: { description: 'A game is under way.' },
    IDLE: { description: 'It waits for a player.' },
  },
});

const ConnectionStateEnum = builder.enumType('ConnectionState', {
  description: 'Whether a machine answers on its line.',
  values: {
    UNKNOWN: { description: 'It has never answered.' },
    ONLINE: { description: 'It answers.' },
    OFFLINE: { description: 'It missed three polls, or its line is down.' },
  },
});

export const HostCashOutEnum = builder.enumType('HostCashOut', {
  description:
    'What a machine does with the credits of a player who presses cash-out. To be taken into the wallet that last brought money, nothing else may have been put in since, nor cashed out, and the credits never have been seen at 0: otherwise floorwire leaves them where they are.',
  values: {
    OFF: { description: 'It pays them itself: by hopper, ticket or attendant.' },
    SOFT: { description: 'It asks floorwire to take them, and pays them itself when that does not happen.' },
    HARD: {
      description:
        'It asks floorwire to take them, and waits until that happens. A player whose money is not sure to be his waits for an attendant.',
    },
  } satisfies Record<HostCashOut, { description: string }>,
});

const MachineLockType = builder.objectRef<MachineLock>('MachineLock').implement({
  description: 'Why and since when play is locked.',
  fields: (t) => ({
    reason: t.exposeString('reason', { description: 'In the words of who locked it.' }),
    lockedAt: t.expose('lockedAt', { type: 'DateTime', description: 'When the machine confirmed it.' }),
  }),
});

export const BillAcceptorType = builder.objectRef<{ readonly enabled: boolean }>('BillAcceptor').implement({
  description: 'The bill acceptor of a machine.',
  fields: (t) => ({
    enabled: t.exposeBoolean('enabled', { description: 'Whether it takes bills.' }),
  }),
});

export const MachineType = builder.loadableNodeRef<Machine, never, string, string>('Machine', {
  id: { resolve: ({ id }: Machine) => id },
  load: loadMachines,
});

MachineType.implement({
  description: 'One electronic gaming machine at an address of a serial line.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the floor calls it.' }),
    address: t.exposeInt('address', { description: 'Its SAS address, 1 to 127.' }),
    status: t.field({ type: MachineStatusEnum, description: 'Its state in one word.', resolve: statusOf }),
    connection: t.expose('connection', { type: ConnectionStateEnum, description: 'Whether it answers.' }),
    connectionChangedAt: t.expose('connectionChangedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Since when.',
    }),
    lastSeenAt: t.expose('lastSeenAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it last said something worth keeping, to about five seconds.',
    }),
    lock: t.expose('lock', {
      type: MachineLockType,
      nullable: true,
      description: 'Why play is locked; null when it is not.',
    }),
    billAcceptor: t.field({
      type: BillAcceptorType,
      nullable: true,
      description: 'Its bill acceptor; null until floorwire switched it, for the machine does not tell.',
      resolve: ({ billAcceptorEnabled: enabled }) => (enabled === null ? null : { enabled }),
    }),
    serialNumber: t.string({
      nullable: true,
      description: 'As the machine tells it (poll 54).',
      resolve: ({ identity }) => identity?.serialNumber,
    }),
    sasVersion: t.string({
      nullable: true,
      description: '`602` is SAS 6.02 (poll 54).',
      resolve: ({ identity }) => identity?.sasVersion,
    }),
    gameId: t.string({
      nullable: true,
      description: 'Two letters of the maker (poll 1F).',
      resolve: ({ identity }) => identity?.gameId,
    }),
    paytableId: t.string({
      nullable: true,
      description: 'Which paytable it plays (poll 1F).',
      resolve: ({ identity }) => identity?.paytableId,
    }),
    basePercent: t.string({
      nullable: true,
      description: 'Theoretical payback in per cent: `90.68` (poll 1F).',
      resolve: ({ identity }) => identity?.basePercent,
    }),
    denomination: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What one credit on its meters is worth (poll 1F). Null until it told, and for a fraction of the currency’s smallest unit.',
      resolve: async (machine, _args, context) => {
        const venue = await ownVenue(context);
        return accountingDenomination(machine.identity?.denominationCode ?? null, venue.currency);
      },
    }),
    profile: t.exposeString('profile', {
      nullable: true,
      description: 'The profile it is driven by, by name; null: that of its line, or as SAS is written.',
    }),
    hostCashOut: t.expose('hostCashOut', {
      type: HostCashOutEnum,
      description:
        'What the machine is to do when a player cashes out, as registered. It hears of that with each transfer, and forgets it when its line or its power was away.',
    }),
    suggestedProfile: t.string({
      nullable: true,
      description: 'The profile for what it says it is, by name; null when none is meant for it.',
      resolve: ({ identity }, _args, { suggestedProfile }) => suggestedProfile(identity),
    }),
    version: t.field({
      type: 'BigInt',
      description: 'Grows with every change of what is above.',
      resolve: ({ version }) => version,
    }),
    registrationVersion: t.exposeInt('registrationVersion', {
      description: 'Grows when it is registered anew or removed: what `expectedVersion` takes there.',
    }),
    removedAt: t.expose('removedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was taken off the floor; its meters and events stay. Null while it is there.',
    }),
  }),
});

async function loadMachines(ids: readonly string[], context: Context): Promise<(Machine | NotFoundError)[]> {
  const found = await visibleOf(context, (venueId) => findMachinesByIds(context.db, venueId, ids));
  const byId = new Map(found.map((machine) => [machine.id, machine]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('machine'));
}

/** Whatever of the venue `find` finds, as far as the caller sees machines at all. */
export async function visibleOf<T>(
  context: Context,
  find: (venueId: string) => Promise<readonly T[]>,
): Promise<readonly T[]> {
  const venueId = venueIdOf(context);
  return canSeeMachines(context.rights, venueId) ? await find(venueId) : [];
}
