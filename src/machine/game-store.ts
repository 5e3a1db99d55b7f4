import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MachineGame } from './game.ts';

/** Replaces what is known of a machine's games. */
export async function saveGames(
  tx: Kysely<Database>,
  { venueId, machineId }: { readonly venueId: string; readonly machineId: string },
  { games, at }: { readonly games: readonly MachineGame[]; readonly at: Date },
): Promise<void> {
  await tx
    .deleteFrom('machine_game')
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .execute();
  if (games.length === 0) return;
  await tx
    .insertInto('machine_game')
    .values(
      games.map((game) => ({
        machine_id: machineId,
        venue_id: venueId,
        number: game.number,
        name: game.name,
        game_id: game.gameId,
        additional_id: game.additionalId,
        denomination_code: game.denominationCode,
        max_bet: game.maxBet,
        progressive_group: game.progressiveGroup,
        paytable_id: game.paytableId,
        base_percent: game.basePercent,
        read_at: at,
      })),
    )
    .execute();
}

/** The games of these machines by their numbers. */
export async function findGames(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly (MachineGame & { readonly machineId: string })[]> {
  if (machineIds.length === 0) return [];
  const rows = await db
    .selectFrom('machine_game')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', 'in', machineIds)
    .orderBy('machine_id')
    .orderBy('number')
    .execute();
  return rows.map((row) => ({
    machineId: row.machine_id,
    number: row.number,
    name: row.name,
    gameId: row.game_id,
    additionalId: row.additional_id,
    denominationCode: row.denomination_code,
    maxBet: row.max_bet,
    progressiveGroup: row.progressive_group,
    paytableId: row.paytable_id,
    basePercent: row.base_percent,
  }));
}
