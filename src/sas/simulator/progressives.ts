/** Progressive jackpots: what the host tells of them, and hitting one (SAS.md 6.6). */
import { exceptionCode } from '../codec/exceptions.ts';
import type { LevelWin } from './award-state.ts';
import { paid } from './awards.ts';
import type { CabinetState } from './cabinet-state.ts';
import { raiseFirst } from './exception-queue.ts';
import { gameSettings } from './machine-games.ts';
import { creditsOfCents, type MachineSettings } from './machine-settings.ts';

/** Without any news of its progressives for so long the machine raises 53. */
export const PROGRESSIVE_SILENCE_MS = 5_000;

/** The state with what the host tells of the levels of a group. */
export function levelsHeard(state: CabinetState, told: readonly LevelWin[]): CabinetState {
  const isTold = (kept: LevelWin) =>
    told.some(({ group, level }) => group === kept.group && level === kept.level);
  const levels = [...state.awards.levels.filter((kept) => !isTold(kept)), ...told];
  return { ...state, awards: { ...state.awards, levels } };
}

/** Whether any game of the machine plays for a progressive. */
export const hasProgressives = ({ progressiveGroup, games }: MachineSettings): boolean =>
  progressiveGroup > 0 || games.some((game) => game.progressiveGroup > 0);

/**
 * A level of the selected game is hit: it pays what the host told last, and 56 is raised. Nothing happens for level 0,
 * one the game does not have, or one nobody told of.
 */
export function progressiveHit(state: CabinetState, level: number, settings: MachineSettings): CabinetState {
  const game = gameSettings(settings, state.selectedGame);
  if (!game?.progressiveLevels.includes(level)) return state;
  const group = game.progressiveGroup;
  const hit = state.awards.levels.find((each) => each.group === group && each.level === level);
  const win = hit && creditsOfCents(hit.cents, settings);
  if (!hit || !win) return state;
  const cumulative = (state.awards.progressiveWins.get(state.selectedGame) ?? 0n) + win;
  const noted: CabinetState = {
    ...state,
    awards: {
      ...state.awards,
      unreadWins: [...state.awards.unreadWins, hit],
      lastWin: hit,
      progressiveWins: new Map(state.awards.progressiveWins).set(state.selectedGame, cumulative),
    },
  };
  const told = raiseFirst(noted, exceptionCode('SAS_PROGRESSIVE_HIT'));
  return paid(told, { win, cause: 'PROGRESSIVE', group, level }, settings);
}

/** The host has read, and acknowledged, the oldest wins. */
export const winsRead = (state: CabinetState, count: number): CabinetState => ({
  ...state,
  awards: { ...state.awards, unreadWins: state.awards.unreadWins.slice(count) },
});

/** In credits, of one game or, for 0, of all. */
export function cumulativeWins({ awards }: CabinetState, game: number): bigint {
  if (game > 0) return awards.progressiveWins.get(game) ?? 0n;
  return Array.from(awards.progressiveWins.values()).reduce((sum, each) => sum + each, 0n);
}
