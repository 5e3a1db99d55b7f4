/** The games of a simulated machine, and what each of them counts for itself (SAS.md 4 and 6.3). */
import type { MeterName } from '../codec/meters.ts';
import { meterCode } from '../codec/meters.ts';
import type { CabinetState } from './cabinet-state.ts';
import type { GameSettings, MachineSettings } from './machine-settings.ts';

/** Stands for all games of the machine. */
export const WHOLE_MACHINE = 0;

/** What a game is asked for on the wire; null means any. */
export interface Scope {
  readonly game: number | null;
  /** A code of SAS.md 7.1. */
  readonly denomination: number | null;
}

/** What a game keeps meters of. The whole machine has more. */
export const GAME_METERS: ReadonlySet<number> = new Set(
  (
    [
      'COIN_IN',
      'COIN_OUT',
      'JACKPOT',
      'GAMES_PLAYED',
      'GAMES_WON',
      'GAMES_LOST',
      'HAND_PAID_CANCELLED_CREDITS',
      'MACHINE_PAID_PAYTABLE_WIN',
      'MACHINE_PAID_PROGRESSIVE_WIN',
      'ATTENDANT_PAID_PAYTABLE_WIN',
      'ATTENDANT_PAID_PROGRESSIVE_WIN',
      'TOTAL_WON',
    ] as const satisfies readonly MeterName[]
  ).map(meterCode),
);

/** Game 1 is the first; null when the machine has no such game. Game 0 of a machine with one game is that game. */
export function gameSettings(settings: MachineSettings, game: number): GameSettings | null {
  if (settings.games.length === 0) return game === WHOLE_MACHINE ? settings : null;
  return settings.games[game - 1] ?? null;
}

/** The numbers of the games there are; a machine with one game has only number 0. */
export const gameNumbers = ({ games }: MachineSettings): readonly number[] =>
  games.length === 0 ? [WHOLE_MACHINE] : games.map((_, at) => at + 1);

/** Whether the machine has this game, or 0 for all of them. */
export const isGame = (settings: MachineSettings, game: number): boolean =>
  game === WHOLE_MACHINE || gameSettings(settings, game) !== null;

/** The denomination the player wagers in. */
export const playerDenomination = (state: CabinetState, settings: MachineSettings): number =>
  state.denomination ?? settings.denominations[0] ?? settings.denomination;

/** The denominations a player can choose from. */
export const playerDenominations = ({ denominations, denomination }: MachineSettings): readonly number[] =>
  denominations.length === 0 ? [denomination] : denominations;

export const tallyKey = (game: number, denomination: number): string => `${game}/${denomination}`;

/** The state with what happened also counted for the game and denomination on the screen. */
export function tallied(
  state: CabinetState,
  changes: Readonly<Partial<Record<MeterName, bigint>>>,
  settings: MachineSettings,
): CabinetState {
  const key = tallyKey(state.selectedGame, playerDenomination(state, settings));
  const tally = new Map(state.tallies.get(key));
  for (const [name, change] of Object.entries(changes) as [MeterName, bigint][]) {
    const code = meterCode(name);
    if (GAME_METERS.has(code)) tally.set(code, (tally.get(code) ?? 0n) + change);
  }
  return { ...state, tallies: new Map(state.tallies).set(key, tally) };
}

/** A meter of all that is in scope; null when it is not kept there. */
export function meterIn(state: CabinetState, code: number, { game, denomination }: Scope): bigint | null {
  if (game === null && denomination === null) return state.meters.get(code) ?? null;
  if (!GAME_METERS.has(code)) return null;
  let sum = 0n;
  for (const [key, tally] of state.tallies) {
    const [itsGame, itsDenomination] = key.split('/').map(Number);
    const isMeant = (game ?? itsGame) === itsGame && (denomination ?? itsDenomination) === itsDenomination;
    if (isMeant) sum += tally.get(code) ?? 0n;
  }
  return sum;
}

/** Whether a game may be played, in this denomination or, for null, in any. */
export function isGameEnabled(
  state: CabinetState,
  game: number,
  { denomination, settings }: { denomination: number | null; settings: MachineSettings },
): boolean {
  const denominations = denomination === null ? playerDenominations(settings) : [denomination];
  return denominations.some((each) => !state.disabledGames.includes(tallyKey(game, each)));
}

/** The state with a game enabled or disabled; game 0 is all of them, denomination null all of them. */
export function withGameEnabled(
  state: CabinetState,
  { game, denomination }: { game: number; denomination: number | null },
  { enabled, settings }: { enabled: boolean; settings: MachineSettings },
): CabinetState {
  const games = game === WHOLE_MACHINE ? gameNumbers(settings) : [game];
  const denominations = denomination === null ? playerDenominations(settings) : [denomination];
  const keys = games.flatMap((each) => denominations.map((at) => tallyKey(each, at)));
  const others = state.disabledGames.filter((key) => !keys.includes(key));
  return { ...state, disabledGames: enabled ? others : [...others, ...keys] };
}
