import type { MachineGame } from '../machine/game.ts';
import { findGames } from '../machine/game-store.ts';
import type { Machine } from '../machine/machine.ts';
import { accountingDenomination } from '../machine/meter.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { rowsOfMachine } from './machine-rows.ts';
import { MachineType } from './machine-type.ts';
import { MoneyType } from './money.ts';
import { ownVenue } from './venue.ts';

const gamesOf = rowsOfMachine(findGames);

interface ShownGame extends MachineGame {
  readonly identity: Machine['identity'];
}

const FRACTION = 'Null for a fraction of the currency’s smallest unit';

const MachineGameType = builder.objectRef<ShownGame>('MachineGame').implement({
  description: 'One of the games of a machine that offers several (polls 53 and B5).',
  fields: (t) => ({
    number: t.exposeInt('number', { description: 'What the machine calls it, from 1.' }),
    name: t.exposeString('name', {
      nullable: true,
      description: 'As players see it; null where the machine does not tell.',
    }),
    gameId: t.exposeString('gameId', { nullable: true, description: 'Two letters of the maker.' }),
    additionalId: t.exposeString('additionalId', {
      nullable: true,
      description: 'Three letters more of its maker.',
    }),
    paytableId: t.exposeString('paytableId', {
      nullable: true,
      description: 'Which paytable it plays.',
    }),
    basePercent: t.exposeString('basePercent', {
      nullable: true,
      description: 'Theoretical payback in per cent: `90.68`.',
    }),
    denomination: t.field({
      type: MoneyType,
      nullable: true,
      description: `What one of its credits is worth. ${FRACTION}, and where the machine does not tell.`,
      resolve: ({ denominationCode }, _args, context) => worth(denominationCode, context),
    }),
    maxBet: t.exposeInt('maxBet', {
      nullable: true,
      description: 'The most that can be wagered at once, in credits; 255 is 255 or more.',
    }),
    progressiveGroup: t.exposeInt('progressiveGroup', {
      nullable: true,
      description: 'The progressive group it plays for; 0 is none.',
    }),
    enabled: t.boolean({
      nullable: true,
      description: 'Whether it may be played (poll 56); null where the machine does not tell.',
      resolve: ({ number, identity }) => identity?.enabledGames?.includes(number),
    }),
    selected: t.boolean({
      nullable: true,
      description: 'Whether the player sees it now (poll 55); null where the machine does not tell.',
      resolve: ({ number, identity }) =>
        identity?.selectedGame == null ? null : identity.selectedGame === number,
    }),
  }),
});

builder.objectFields(MachineType, (t) => ({
  games: t.field({
    type: [MachineGameType],
    nullable: true,
    description:
      'The games it offers to choose from, by their numbers, at most 200. None where there is a single one, which is the machine itself, and until it told.',
    resolve: async ({ id, identity }, _args, context) =>
      (await gamesOf(context, id)).map((game) => ({ ...game, identity })),
  }),
  wagerDenominations: t.field({
    type: [MoneyType],
    nullable: true,
    description:
      'What players can wager with (poll B2), without fractions of the currency’s smallest unit; null where there is only `denomination`.',
    resolve: async ({ identity }, _args, context) => {
      const codes = identity?.enabledDenominations;
      if (!codes) return null;
      const worths = await Promise.all(codes.map((code) => worth(code, context)));
      return worths.filter((money) => money !== null);
    },
  }),
}));

const worth = async (code: number | null, context: Context) =>
  accountingDenomination(code, (await ownVenue(context)).currency);
