import type { Kysely, Selectable } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { JackpotTable } from '../db/tables/machine.ts';
import { JackpotNameTakenError, ProgressiveLevelTakenError } from './errors.ts';
import type { Jackpot } from './jackpot.ts';

/** A venue's jackpots, by group and level; at most 32 of each group. */
export async function listJackpots(db: Kysely<Database>, venueId: string): Promise<readonly Jackpot[]> {
  const rows = await db
    .selectFrom('jackpot')
    .selectAll()
    .where('venue_id', '=', venueId)
    .orderBy('progressive_group')
    .orderBy('level')
    .execute();
  return rows.map(toJackpot);
}

export async function findJackpotsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Jackpot[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('jackpot')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toJackpot);
}

/** A jackpot as it stands until the transaction ends: by its id, or by what a machine calls it. */
export async function lockJackpot(
  tx: Kysely<Database>,
  venueId: string,
  which: { readonly id: string } | { readonly group: number; readonly level: number },
): Promise<Jackpot | null> {
  const all = tx.selectFrom('jackpot').selectAll().where('venue_id', '=', venueId).forUpdate();
  const row = await ('id' in which
    ? all.where('id', '=', which.id)
    : all.where('progressive_group', '=', which.group).where('level', '=', which.level)
  ).executeTakeFirst();
  return row ? toJackpot(row) : null;
}

/** @throws JackpotNameTakenError, ProgressiveLevelTakenError */
export async function saveJackpot(tx: Kysely<Database>, jackpot: Jackpot): Promise<void> {
  const columns = {
    name: jackpot.name,
    progressive_group: jackpot.group,
    level: jackpot.level,
    cents: jackpot.cents,
    reset_cents: jackpot.resetCents,
    version: jackpot.version,
    changed_at: jackpot.changedAt,
  };
  try {
    await tx
      .insertInto('jackpot')
      .values({ id: jackpot.id, venue_id: jackpot.venueId, ...columns })
      .onConflict((conflict) => conflict.column('id').doUpdateSet(columns))
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'jackpot_name_unique')) throw new JackpotNameTakenError({ cause: error });
    if (isViolationOf(error, 'jackpot_level_unique')) throw new ProgressiveLevelTakenError({ cause: error });
    throw error;
  }
}

export interface JackpotWin {
  readonly id: string;
  readonly venueId: string;
  readonly jackpotId: string;
  readonly machineId: string;
  /** As the machine told; null when that was nonsense. */
  readonly cents: bigint | null;
  readonly wonAt: Date;
}

/** Whether it was not there yet. */
export async function insertJackpotWin(tx: Kysely<Database>, win: JackpotWin): Promise<boolean> {
  const rows = await tx
    .insertInto('jackpot_win')
    .values({
      id: win.id,
      venue_id: win.venueId,
      jackpot_id: win.jackpotId,
      machine_id: win.machineId,
      cents: win.cents,
      won_at: win.wonAt,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  return rows.length > 0;
}

/** The latest win of each of these jackpots. */
export async function findLatestWins(
  db: Kysely<Database>,
  venueId: string,
  jackpotIds: readonly string[],
): Promise<readonly JackpotWin[]> {
  if (jackpotIds.length === 0) return [];
  const rows = await db
    .selectFrom('jackpot_win')
    .selectAll()
    .distinctOn('jackpot_id')
    .where('venue_id', '=', venueId)
    .where('jackpot_id', 'in', jackpotIds)
    .orderBy('jackpot_id')
    .orderBy('won_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    venueId: row.venue_id,
    jackpotId: row.jackpot_id,
    machineId: row.machine_id,
    cents: row.cents,
    wonAt: row.won_at,
  }));
}

const toJackpot = (row: Selectable<JackpotTable>): Jackpot => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  group: row.progressive_group,
  level: row.level,
  cents: row.cents,
  resetCents: row.reset_cents,
  version: row.version,
  changedAt: row.changed_at,
});
