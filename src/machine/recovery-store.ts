import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What a machine said of its tickets when it came online (SAS.md 5.5). */
export interface MachineRecovery {
  readonly venueId: string;
  readonly machineId: string;
  readonly kind: RecoveryKind;
  /** JSON values. */
  readonly answer: Readonly<Record<string, unknown>>;
  readonly at: Date;
}

/** The last ticket that was put in, and the ticket whose record waits to be read. */
export type RecoveryKind = 'REDEEM_TICKET' | 'READ_VALIDATION_RECORD';

/** Replaces what the machine said before. */
export async function saveRecovery(tx: Kysely<Database>, told: MachineRecovery): Promise<void> {
  const columns = { answer: JSON.stringify(told.answer), told_at: told.at };
  await tx
    .insertInto('machine_recovery')
    .values({ machine_id: told.machineId, venue_id: told.venueId, kind: told.kind, ...columns })
    .onConflict((conflict) => conflict.columns(['machine_id', 'kind']).doUpdateSet(columns))
    .execute();
}

export async function findRecoveries(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly MachineRecovery[]> {
  if (machineIds.length === 0) return [];
  const rows = await db
    .selectFrom('machine_recovery')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', 'in', machineIds)
    .orderBy('machine_id')
    .orderBy('kind')
    .execute();
  return rows.map((row) => ({
    venueId: row.venue_id,
    machineId: row.machine_id,
    kind: row.kind,
    answer: row.answer,
    at: row.told_at,
  }));
}
