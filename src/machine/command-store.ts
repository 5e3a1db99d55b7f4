import { type Kysely, type Selectable, sql } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { MachineCommandTable } from '../db/tables/machine.ts';
import type { CommandFailure, CommandState, MachineCommand } from './command.ts';

export async function insertCommand(tx: Kysely<Database>, command: MachineCommand): Promise<void> {
  await tx
    .insertInto('machine_command')
    .values({
      id: command.id,
      venue_id: command.venueId,
      machine_id: command.machineId,
      line_id: command.lineId,
      kind: command.kind,
      handpay_method: command.handpayMethod,
      game: command.game,
      rom_seed: command.romSeed,
      reason: command.reason,
      requested_by: command.requestedBy?.id ?? null,
      requested_by_kind: command.requestedBy?.kind ?? null,
      requested_at: command.requestedAt,
      expires_at: command.expiresAt,
    })
    .execute();
}

export async function findCommand(
  db: Kysely<Database>,
  venueId: string,
  id: string,
): Promise<MachineCommand | null> {
  const row = await db
    .selectFrom('machine_command')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .executeTakeFirst();
  return row ? toCommand(row) : null;
}

/** What is still to be done on a line, in the order it was asked for. */
export async function listOpenCommands(
  db: Kysely<Database>,
  venueId: string,
  lineId: string,
): Promise<readonly MachineCommand[]> {
  const rows = await db
    .selectFrom('machine_command')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('line_id', '=', lineId)
    .where('state', '=', 'QUEUED')
    .where('expires_at', '>', sql<Date>`now()`)
    .orderBy('id')
    .execute();
  return rows.map(toCommand);
}

/** Notes that a command is about to be said to its machine; false when that was noted before. */
export async function markBegun(
  tx: Kysely<Database>,
  { id, venueId }: Pick<MachineCommand, 'id' | 'venueId'>,
  at: Date,
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('machine_command')
    .set({ begun_at: at })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('state', '=', 'QUEUED')
    .where('begun_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Closes a command that is still open; null when another had closed it. */
export async function closeCommand(
  tx: Kysely<Database>,
  command: Pick<MachineCommand, 'id' | 'venueId'>,
  end: CommandEnd,
): Promise<MachineCommand | null> {
  const row = await tx
    .updateTable('machine_command')
    .set({ state: end.state, outcome: end.outcome, attempts: end.attempts, finished_at: end.at })
    .where('venue_id', '=', command.venueId)
    .where('id', '=', command.id)
    .where('state', '=', 'QUEUED')
    .returningAll()
    .executeTakeFirst();
  return row ? toCommand(row) : null;
}

export interface CommandEnd {
  readonly state: Exclude<CommandState, 'QUEUED'>;
  readonly outcome: CommandFailure | null;
  readonly attempts: number;
  readonly at: Date;
}

/** Those whose time is over. */
export const overdueCommands = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('machine_command').where('state', '=', 'QUEUED').where('expires_at', '<', now);

/** Closes every open command whose time is over, of whatever venue. */
export async function expireCommands(tx: Kysely<Database>, at: Date): Promise<readonly MachineCommand[]> {
  const rows = await tx
    .updateTable('machine_command')
    .set({ state: 'EXPIRED', finished_at: at })
    .where('id', 'in', overdueCommands(tx, { now: at }).select('id'))
    .where('state', '=', 'QUEUED')
    .returningAll()
    .execute();
  return rows.map(toCommand);
}

function toCommand(row: Selectable<MachineCommandTable>): MachineCommand {
  return {
    id: row.id,
    venueId: row.venue_id,
    machineId: row.machine_id,
    lineId: row.line_id,
    kind: row.kind,
    handpayMethod: row.handpay_method,
    game: row.game,
    romSeed: row.rom_seed,
    reason: row.reason,
    requestedBy:
      row.requested_by && row.requested_by_kind
        ? { kind: row.requested_by_kind, id: row.requested_by }
        : null,
    requestedAt: row.requested_at,
    expiresAt: row.expires_at,
    state: row.state,
    // Written by `closeCommand` alone.
    outcome: row.outcome as CommandFailure | null,
    attempts: row.attempts,
    finishedAt: row.finished_at,
  };
}
