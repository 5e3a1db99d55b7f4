/** Polls about one game, and about what games show (SAS.md 6.3 and 6.6). */
import { SasDecodeError } from '../../codec/decode-error.ts';
import type { AnswerOf } from '../../codec/long-poll.ts';
import { REEL_STOPS } from '../../codec/long-polls/game-detail.ts';
import * as games from '../../codec/long-polls/games.ts';
import { type MeterName, meterCode, modulusOf } from '../../codec/meters.ts';
import type { CabinetState } from '../cabinet-state.ts';
import { gameNumbers, gameSettings, isGameEnabled, meterIn, WHOLE_MACHINE } from '../machine-games.ts';
import type { MachineSettings } from '../machine-settings.ts';
import { type Answering, type AnsweringMachine, answering, on } from './answering.ts';
import { known } from './identity.ts';

const FOUR_BYTES = modulusOf(4);
const MOST_REELS = 9;

function gameMeter({ cabinet: { state } }: AnsweringMachine, game: number, name: MeterName): bigint {
  const scope = { game: game === WHOLE_MACHINE ? null : game, denomination: null };
  return (meterIn(state, meterCode(name), scope) ?? 0n) % FOUR_BYTES;
}

/** Level 1 is bit 0. */
const levelBits = (levels: readonly number[]): number =>
  levels.reduce((sum, level) => sum + 2 ** (level - 1), 0);

/** What a game is; the machine as a whole has it all of itself. */
function detailsOf(settings: MachineSettings, game: number) {
  return game === WHOLE_MACHINE ? settings : (gameSettings(settings, game) ?? settings);
}

/** Those that can be played, in any denomination or in one. */
export const enabledGames = (
  state: CabinetState,
  settings: MachineSettings,
  denomination: number | null,
): readonly number[] =>
  gameNumbers(settings).filter((game) => isGameEnabled(state, game, { denomination, settings }));

export function gameInformation(
  settings: MachineSettings,
  game: number,
): AnswerOf<typeof games.GAME_INFORMATION> {
  const details = detailsOf(settings, known(settings, game));
  return {
    game,
    maxBet: details.maxBet,
    progressiveGroup: details.progressiveGroup,
    progressiveLevels: levelBits(details.progressiveLevels),
    name: details.name,
    paytable: details.paytableName,
    wagerCategories: details.wagerCategories.length,
  };
}

/** Category 0 is the game as a whole. */
function wagerCategory(
  { cabinet: { settings, state } }: AnsweringMachine,
  { game, category }: { readonly game: number; readonly category: number | null },
): AnswerOf<typeof games.WAGER_CATEGORY> {
  const details = detailsOf(settings, known(settings, game));
  const scope = { game: game === WHOLE_MACHINE ? null : game, denomination: null };
  if (category === 0) {
    const value = (meterIn(state, meterCode('COIN_IN'), scope) ?? 0n) % FOUR_BYTES;
    return { game, category, payback: details.basePercent, coinIn: { size: 4, value } };
  }
  const found = details.wagerCategories[(category ?? 0) - 1];
  if (category === null || found === undefined) throw new SasDecodeError(`no wager category ${category}`);
  const value = (state.categories.get(`${game}/${category}`) ?? 0n) % FOUR_BYTES;
  return { game, category, payback: found.payback, coinIn: { size: 4, value } };
}

export const GAME_ANSWERS: readonly Answering[] = [
  on(games.GAME_HAND_PAID_CREDITS, (machine, { game }) => ({
    game: known(machine.cabinet.settings, game),
    value: gameMeter(machine, game, 'HAND_PAID_CANCELLED_CREDITS'),
  })),
  on(games.GAME_METERS, (machine, { game }) => ({
    game: known(machine.cabinet.settings, game),
    coinIn: gameMeter(machine, game, 'COIN_IN'),
    coinOut: gameMeter(machine, game, 'COIN_OUT'),
    jackpot: gameMeter(machine, game, 'JACKPOT'),
    gamesPlayed: gameMeter(machine, game, 'GAMES_PLAYED'),
  })),
  on(games.GAME_CONFIGURATION, ({ cabinet: { settings } }, { game }) => ({
    ...detailsOf(settings, game),
    game: known(settings, game),
    denomination: settings.denomination,
  })),
  on(games.ENABLED_GAMES, ({ cabinet: { settings, state } }) => ({
    games: enabledGames(state, settings, null),
  })),
  on(games.GAME_INFORMATION, ({ cabinet: { settings } }, { game }) => gameInformation(settings, game)),
  on(games.WAGER_CATEGORY, wagerCategory),
  answering(REEL_STOPS, ({ cabinet: { state } }) => {
    const stops = Array.from({ length: MOST_REELS }, (_, reel) => state.reelStops[reel] ?? null);
    return { kind: 'DATA', answer: { stops } };
  }),
];
