import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { RomSignatureTable } from '../db/tables/machine.ts';

/** A signature of a machine's program memory (poll 21). */
export interface RomSignature {
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  /** 16 bits; null when it is not known what the machine was asked with. */
  readonly seed: number | null;
  /** 16 bits. */
  readonly signature: number;
  /** Whether it differs from the one before with the same seed; null when there is none. */
  readonly changed: boolean | null;
  readonly at: Date;
}

/** False when its id was there before. */
export async function insertRomSignature(tx: Kysely<Database>, told: RomSignature): Promise<boolean> {
  const { numInsertedOrUpdatedRows = 0n } = await tx
    .insertInto('rom_signature')
    .values({
      id: told.id,
      venue_id: told.venueId,
      machine_id: told.machineId,
      seed: told.seed,
      signature: told.signature,
      changed: told.changed,
      told_at: told.at,
    })
    .onConflict((conflict) => conflict.column('id').doNothing())
    .executeTakeFirst();
  return numInsertedOrUpdatedRows > 0n;
}

/** The last signature of a machine with this seed; with any that is known, where none is given. */
export async function findLastRomSignature(
  db: Kysely<Database>,
  { venueId, machineId }: Pick<RomSignature, 'venueId' | 'machineId'>,
  seed: number | null,
): Promise<RomSignature | null> {
  const row = await db
    .selectFrom('rom_signature')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where((eb) => (seed === null ? eb('seed', 'is not', null) : eb('seed', '=', seed)))
    .orderBy('told_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? toSignature(row) : null;
}

/** The last signature of each of these machines. */
export async function findLastRomSignatures(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly RomSignature[]> {
  if (machineIds.length === 0) return [];
  const rows = await db
    .selectFrom('rom_signature')
    .distinctOn('machine_id')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', 'in', machineIds)
    .orderBy('machine_id')
    .orderBy('told_at', 'desc')
    .orderBy('id', 'desc')
    .execute();
  return rows.map(toSignature);
}

const toSignature = (row: Selectable<RomSignatureTable>): RomSignature => ({
  id: row.id,
  venueId: row.venue_id,
  machineId: row.machine_id,
  seed: row.seed,
  signature: row.signature,
  changed: row.changed,
  at: row.told_at,
});
