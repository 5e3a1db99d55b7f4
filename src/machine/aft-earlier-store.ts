import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AftTransfer } from './aft-transfer.ts';
import { transfersAt } from './aft-transfer-row.ts';

/** What a machine has to have on record besides a transfer that was sent to it. */

/** Transfers in the history of a machine, at most. */
const KEPT_BY_MACHINES = 127;

/** By which ids a machine knows those of its transfers that were over before this one was sent; as many as it keeps. */
export async function listEarlierIds(
  db: Kysely<Database>,
  { venueId, machineId, sentAt }: Pick<AftTransfer, 'venueId' | 'machineId' | 'sentAt'>,
): Promise<ReadonlySet<string>> {
  const rows = await transfersAt(db, venueId)
    .clearSelect()
    .select('sas_transaction_id')
    .where('machine_id', '=', machineId)
    .where('state', 'in', ['SETTLED', 'PARTIALLY_SETTLED', 'REJECTED', 'CANCELLED'])
    .where('finished_at', '<=', sentAt)
    .orderBy('requested_at', 'desc')
    .limit(KEPT_BY_MACHINES)
    .execute();
  return new Set(rows.map(({ sas_transaction_id }) => sas_transaction_id));
}

/** Whether any was over before this one was sent, and moved something: the machine it was sent to has that on record. */
export async function hasMovedBefore(
  db: Kysely<Database>,
  { venueId, machineId, sentAt }: Pick<AftTransfer, 'venueId' | 'machineId' | 'sentAt'>,
): Promise<boolean> {
  const found = await transfersAt(db, venueId)
    .clearSelect()
    .select('id')
    .where('machine_id', '=', machineId)
    .where('moved', '>', 0n)
    .where('finished_at', '<=', sentAt)
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}
