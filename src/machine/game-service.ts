import { ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import type { MachineGame } from './game.ts';
import { saveGames } from './game-store.ts';
import type { Machine } from './machine.ts';
import { raise } from './service.ts';
import { lockMachineRow, updateMachine } from './store.ts';

const MOST_GAMES = 9_999;

/** @throws ValidationError */
export function parseGame(game: number): number {
  if (!Number.isInteger(game) || game < 1 || game > MOST_GAMES)
    throw new ValidationError(`A game has a number from 1 to ${MOST_GAMES}.`, { field: 'game' });
  return game;
}

/** Records all games of a machine that offers several. */
export async function recordGames(
  work: Work,
  subject: { readonly venueId: string; readonly machineId: string },
  told: { readonly games: readonly MachineGame[]; readonly at: Date },
): Promise<void> {
  if (!(await lockMachineRow(work.tx, subject.venueId, subject.machineId))) return;
  await saveGames(work.tx, subject, told);
}

/** Records that a machine lets a game be played, or no longer. A machine that does not tell which it does still may. */
export async function switchGame(
  work: Work,
  machine: Machine,
  { game, enabled }: { readonly game: number; readonly enabled: boolean },
): Promise<void> {
  const before = machine.identity?.enabledGames ?? null;
  if (before?.includes(game) === enabled) return;
  const others = before?.filter((other) => other !== game);
  const enabledGames = others && (enabled ? [...others, game].sort((one, other) => one - other) : others);
  const switched = enabledGames ? await updateMachine(work.tx, machine, { enabledGames }) : machine;
  await raise(work, switched, { type: enabled ? 'GAME_ENABLED' : 'GAME_DISABLED', data: { game } });
}
