/** The games of a machine that offers several: what they are (SAS.md 6.3). */
import { GAME_CONFIGURATION, GAME_INFORMATION } from '../codec/long-polls/games.ts';
import { type MachineState, type Step, stepOf } from './machine-state.ts';
import type { GameIdentity } from './report.ts';
import type { Talk } from './talk.ts';

/** What is asked of each game takes a quarter of a second on a slow machine; nobody offers more. */
const MOST_GAMES = 200;

type Found = { -readonly [K in keyof GameIdentity]: GameIdentity[K] };

/** Asks 53 and B5 of every game, between everything else, and reports them together. */
export function identifyGames(talk: Talk, machine: MachineState): void {
  const { address } = machine;
  const count = Math.min(machine.identity?.numberOfGames ?? 0, MOST_GAMES);
  if (count === 0) return;
  const games = Array.from({ length: count }, (_, at) => unknownGame(at + 1));
  machine.errands.push({
    steps: games.flatMap(stepsOf),
    begun: false,
    attempts: 0,
    urgent: false,
    finish: () => void talk.deliver({ kind: 'games', address, at: talk.clock.date(), games }),
    // It is asked anew when the machine comes back.
    abort() {},
  });
}

const unknownGame = (game: number): Found => ({
  game,
  gameId: null,
  additionalId: null,
  denominationCode: null,
  maxBet: null,
  progressiveGroup: null,
  paytableId: null,
  basePercent: null,
  name: null,
});

function stepsOf(found: Found): Step[] {
  const { game } = found;
  return [
    stepOf(GAME_CONFIGURATION, { game }, (answer) => {
      found.gameId = answer.gameId;
      found.additionalId = answer.additionalId;
      found.denominationCode = answer.denomination;
      found.maxBet = answer.maxBet;
      found.progressiveGroup = answer.progressiveGroup;
      found.paytableId = answer.paytableId;
      found.basePercent = answer.basePercent;
    }),
    stepOf(GAME_INFORMATION, { game }, ({ name }) => {
      found.name = name;
    }),
  ];
}
