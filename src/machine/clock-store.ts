import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MachineClockTable } from '../db/tables/machine.ts';

/** The clock of a machine as it was last read. */
export interface MachineClock {
  readonly machineId: string;
  readonly venueId: string;
  readonly readAt: Date;
  /** Without a zone: `2026-03-29T02:30:00`. Null when it showed nothing of the calendar. */
  readonly shown: string | null;
  /** How far it was ahead of the venue's wall clock; negative when behind. Null with `shown`. */
  readonly driftSeconds: number | null;
  /** Whether floorwire went on to set it for that. */
  readonly isBeingSet: boolean;
  /** When it was last found right after it had been set. */
  readonly setAt: Date | null;
}

export async function saveClock(tx: Kysely<Database>, clock: MachineClock): Promise<void> {
  const columns = {
    read_at: clock.readAt,
    shown: clock.shown,
    drift_seconds: clock.driftSeconds === null ? null : BigInt(clock.driftSeconds),
    is_being_set: clock.isBeingSet,
    set_at: clock.setAt,
  };
  await tx
    .insertInto('machine_clock')
    .values({ machine_id: clock.machineId, venue_id: clock.venueId, ...columns })
    .onConflict((conflict) => conflict.column('machine_id').doUpdateSet(columns))
    .execute();
}

/** The clock as it was last read, locked until the transaction ends. */
export async function lockClock(
  tx: Kysely<Database>,
  venueId: string,
  machineId: string,
): Promise<MachineClock | null> {
  const row = await tx
    .selectFrom('machine_clock')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .forUpdate()
    .executeTakeFirst();
  return row ? toClock(row) : null;
}

export async function findClocks(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly MachineClock[]> {
  if (machineIds.length === 0) return [];
  const rows = await db
    .selectFrom('machine_clock')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', 'in', machineIds)
    .execute();
  return rows.map(toClock);
}

const toClock = (row: Selectable<MachineClockTable>): MachineClock => ({
  machineId: row.machine_id,
  venueId: row.venue_id,
  readAt: row.read_at,
  shown: row.shown,
  driftSeconds: row.drift_seconds === null ? null : Number(row.drift_seconds),
  isBeingSet: row.is_being_set,
  setAt: row.set_at,
});
