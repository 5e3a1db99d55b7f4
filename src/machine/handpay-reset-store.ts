import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** The handpays of one machine. */
export interface HandpaysOf {
  readonly venueId: string;
  readonly machineId: string;
}

/** The handpay that its machine waits with: of those that are open the oldest. Locked until the transaction ends. */
export async function lockOpenHandpay(tx: Kysely<Database>, of: HandpaysOf): Promise<string | null> {
  const row = await handpaysOf(tx, of)
    .select('id')
    .where('reset_at', 'is', null)
    .orderBy('pending_at')
    .orderBy('id')
    .limit(1)
    .forUpdate()
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Notes that a machine said so of what a command had reset since this instant; false when there is no such one. */
export async function markResetHeard(
  tx: Kysely<Database>,
  { venueId, machineId }: HandpaysOf,
  { at, since }: { readonly at: Date; readonly since: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('handpay')
    .set({ reset_heard_at: at })
    .where('id', '=', (eb) =>
      eb
        .selectFrom('handpay as expected')
        .select('expected.id')
        .where('expected.venue_id', '=', venueId)
        .where('expected.machine_id', '=', machineId)
        .where('expected.reset_command_id', 'is not', null)
        .where('expected.reset_heard_at', 'is', null)
        .where('expected.reset_at', '>=', since)
        .orderBy('expected.reset_at')
        .orderBy('expected.id')
        .limit(1),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

export async function markReset(
  tx: Kysely<Database>,
  id: string,
  reset: { readonly at: Date; readonly heardAt: Date | null; readonly commandId: string | null },
): Promise<void> {
  await tx
    .updateTable('handpay')
    .set({ reset_at: reset.at, reset_heard_at: reset.heardAt, reset_command_id: reset.commandId })
    .where('id', '=', id)
    .execute();
}

/** Whether a handpay counts as reset by this command. */
export async function isResetBy(tx: Kysely<Database>, of: HandpaysOf, commandId: string): Promise<boolean> {
  const row = await handpaysOf(tx, of)
    .select('id')
    .where('reset_command_id', '=', commandId)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whatever counted as reset by this command was reset at the machine. */
export async function disownReset(
  tx: Kysely<Database>,
  { venueId, machineId }: HandpaysOf,
  commandId: string,
): Promise<void> {
  await tx
    .updateTable('handpay')
    .set({ reset_command_id: null })
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('reset_command_id', '=', commandId)
    .execute();
}

/** The reset of a handpay that is being said to its machine, of which it is not known yet what came. */
export async function findResetUnderWay(tx: Kysely<Database>, of: HandpaysOf): Promise<ResetUnderWay | null> {
  const row = await begunResets(tx, of)
    .select(['id', 'handpay_method as method'])
    .where('state', '=', 'QUEUED')
    .orderBy('begun_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? { id: row.id, method: row.method ?? 'STANDARD' } : null;
}

export interface ResetUnderWay {
  readonly id: string;
  readonly method: 'STANDARD' | 'CREDIT_METER';
}

/**
 * Whether the machine may have agreed to let its handpay go to the credit meter without having done it: the last
 * that was said to it before this command wanted that, and did not succeed.
 */
export async function mayGoToCreditMeter(
  db: Kysely<Database>,
  of: HandpaysOf,
  commandId: string,
): Promise<boolean> {
  const last = await begunResets(db, of)
    .select(['handpay_method', 'state'])
    .where('id', '<>', commandId)
    .orderBy('begun_at', 'desc')
    .limit(1)
    .executeTakeFirst();
  return last?.handpay_method === 'CREDIT_METER' && last.state !== 'SUCCEEDED';
}

const handpaysOf = (tx: Kysely<Database>, { venueId, machineId }: HandpaysOf) =>
  tx.selectFrom('handpay').where('venue_id', '=', venueId).where('machine_id', '=', machineId);

const begunResets = (db: Kysely<Database>, { venueId, machineId }: HandpaysOf) =>
  db
    .selectFrom('machine_command')
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .where('kind', '=', 'RESET_HANDPAY')
    .where('begun_at', 'is not', null);
