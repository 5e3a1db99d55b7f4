import { NOT_ITERABLE, type StateFrame, type StateItem, type StateSource } from '../events/source.ts';
import { NotFoundError } from '../lib/errors.ts';
import { type Money, moneyOfCents } from '../lib/money.ts';
import type { JackpotSnapshot } from '../machine/events.ts';
import type { Jackpot } from '../machine/jackpot.ts';
import {
  findJackpotsByIds,
  findLatestWins,
  type JackpotWin,
  listJackpots,
} from '../machine/jackpot-store.ts';
import { sightOfMachines } from '../machine/policy.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { MachineType, visibleOf } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { perContext } from './per-context.ts';
import { ownVenue } from './venue.ts';

/** A jackpot of a query, or of a frame. */
interface ShownJackpot extends Jackpot {
  readonly skipped?: number;
}

export const JackpotType = builder.loadableNodeRef<ShownJackpot, never, string, string>('Jackpot', {
  id: { resolve: ({ id }: ShownJackpot) => id },
  load: loadJackpots,
});

const JackpotWinType = builder.objectRef<JackpotWin>('JackpotWin').implement({
  description: 'A jackpot that a machine won.',
  fields: (t) => ({
    machine: t.field({
      type: MachineType,
      description: 'Which machine.',
      resolve: ({ machineId }) => machineId,
    }),
    amount: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What the machine says was won; null when it told nonsense.',
      resolve: ({ cents }, _args, context) => (cents === null ? null : moneyOf(cents, context)),
    }),
    wonAt: t.expose('wonAt', { type: 'DateTime', description: 'When it was read from the line.' }),
  }),
});

JackpotType.implement({
  description: 'A progressive level that the venue’s machines are told once a second (polls 80 and 86).',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What the floor calls it.' }),
    group: t.exposeInt('group', {
      description: 'The progressive group, 1 to 255, that the machines which play for it are set to.',
    }),
    level: t.exposeInt('level', { description: 'The level of the group, 1 to 32.' }),
    amount: t.field({
      type: MoneyType,
      description: 'What it stands at.',
      resolve: ({ cents }, _args, context) => moneyOf(cents, context),
    }),
    resetTo: t.field({
      type: MoneyType,
      description: 'What it begins anew with after a win.',
      resolve: ({ resetCents }, _args, context) => moneyOf(resetCents, context),
    }),
    lastWin: t.field({
      type: JackpotWinType,
      nullable: true,
      description: 'Who won it last; null when nobody has.',
      resolve: ({ id }, _args, context) => latestWins(context).load(id),
    }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When it last changed.' }),
    skipped: t.int({
      description:
        'On a frame of the subscription: how many changes this server left out since the frame before. What was left out on its way from another process is not among them: only `version` tells of that. 0 in a query.',
      resolve: ({ skipped }) => skipped ?? 0,
    }),
  }),
});

builder.queryField('jackpots', (t) =>
  t.field({
    type: [JackpotType],
    nullable: true,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'The venue’s jackpots, by group and level. The subscription of the same name keeps them current. Needs MACHINES_READ (AUTH_004).',
    resolve: async (_root, _args, context) => [...(await listJackpots(context.db, venueIdOf(context)))],
  }),
);

builder.subscriptionField('jackpots', (t) =>
  t.field({
    type: JackpotType,
    authScopes: { scope: 'MACHINES_READ' },
    description:
      'First one frame per jackpot as it stands, then one whenever one changed. A reader that is too slow gets the newest of each; `version` and `skipped` tell. Needs MACHINES_READ (AUTH_004).',
    subscribe: (_root, _args, context) => jackpotSource(context),
    resolve: ({ value, skipped }: StateFrame<Jackpot>) => ({ skipped, ...value }),
  }),
);

/** Every change is in the log, so none of them is ever lost. */
function jackpotSource({ streams, ...context }: Pick<Context, 'streams' | 'rights'>): StateSource<Context> {
  const venueId = venueIdOf(context);
  const changes = streams.events({
    types: ['machine.jackpot-changed'],
    venueId,
    sightOf: sightOfMachines,
  });
  return {
    ...NOT_ITERABLE,
    kind: 'state',
    key: venueId,
    minIntervalMs: 0,
    sightOf: (actor) => sightOfMachines(actor, { venueId }),
    read: async ({ db }) => (await listJackpots(db, venueId)).map(itemOf),
    listen: (hear) =>
      changes.listen((event) => {
        if (event.type === 'machine.jackpot-changed') hear(itemOf(jackpotOf(event.payload, venueId)));
      }),
  };
}

const itemOf = (jackpot: Jackpot): StateItem => ({
  subject: jackpot.id,
  version: BigInt(jackpot.version),
  value: jackpot,
});

const jackpotOf = ({ jackpotId, ...snapshot }: JackpotSnapshot, venueId: string): Jackpot => ({
  ...snapshot,
  id: jackpotId,
  venueId,
  cents: BigInt(snapshot.cents),
  resetCents: BigInt(snapshot.resetCents),
  changedAt: new Date(snapshot.changedAt),
});

async function moneyOf(cents: bigint, context: Context): Promise<Money> {
  return moneyOfCents(cents, (await ownVenue(context)).currency);
}

const latestWins = perContext(async (context, ids) => {
  const wins = await findLatestWins(context.db, venueIdOf(context), ids);
  return new Map(wins.map((win) => [win.jackpotId, win]));
});

async function loadJackpots(ids: readonly string[], context: Context): Promise<(Jackpot | NotFoundError)[]> {
  const found = await visibleOf(context, (venueId) => findJackpotsByIds(context.db, venueId, ids));
  const byId = new Map(found.map((jackpot) => [jackpot.id, jackpot]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('jackpot'));
}
