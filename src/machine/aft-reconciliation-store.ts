import { type Kysely, type Selectable, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { AftReconciliationTable, StoredAftMeter } from '../db/tables/aft.ts';
import type {
  AftReconciliation,
  BookedCents,
  ReconciledMeter,
  ReconciliationStanding,
} from './aft-reconciliation.ts';

/** Those of these machines that are online, and do not say of themselves that they know no transfers. */
export async function listStandings(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly ReconciliationStanding[]> {
  if (machineIds.length === 0) return [];
  return await db
    .selectFrom('machine')
    .leftJoin('aft_transfer as transfer', (join) =>
      join
        .onRef('transfer.machine_id', '=', 'machine.id')
        .on('transfer.reconciliation_id', 'is', null)
        .on('transfer.sent_at', 'is not', null),
    )
    .select((eb) => [
      'machine.id as machineId',
      sql<boolean>`count(transfer.id) > count(transfer.finished_at)`.as('isUnderWay'),
      sql<number>`count(transfer.finished_at)::int`.as('unreconciled'),
      eb
        .selectFrom('aft_reconciliation as last')
        .select('last.to_at')
        .whereRef('last.machine_id', '=', 'machine.id')
        .whereRef('last.exchanged_at', 'is not distinct from', 'machine.exchanged_at')
        .orderBy('last.number', 'desc')
        .limit(1)
        .as('lastAt'),
    ])
    .where('machine.venue_id', '=', venueId)
    .where('machine.id', 'in', machineIds)
    .where('machine.connection', '=', 'ONLINE')
    .where('machine.identified_at', 'is not', null)
    .where(sql<boolean>`coalesce((machine.features ->> 'aft')::boolean, true)`)
    .groupBy('machine.id')
    .execute();
}

/** Transfers of a machine that were sent, and are in no comparison yet. */
export interface Unreconciled {
  readonly isUnderWay: boolean;
  /** Those that are over. */
  readonly transferIds: readonly string[];
  /** What the ledger says that they moved. */
  readonly booked: BookedCents;
}

export async function findUnreconciled(
  db: Kysely<Database>,
  venueId: string,
  machineId: string,
): Promise<Unreconciled> {
  const rows = await db
    .selectFrom('aft_transfer as transfer')
    .leftJoin('ledger_transaction as posted', 'posted.id', 'transfer.ledger_transaction_id')
    .select(['transfer.id', 'transfer.finished_at', 'posted.kind'])
    // Cents and minor units of a currency are in the proportion of the order.
    .select(
      sql<string>`coalesce(posted.amount::numeric * transfer.cents / transfer.amount, 0)::bigint::text`.as(
        'cents',
      ),
    )
    .where('transfer.venue_id', '=', venueId)
    .where('transfer.machine_id', '=', machineId)
    .where('transfer.sent_at', 'is not', null)
    .where('transfer.reconciliation_id', 'is', null)
    .execute();
  const over = rows.filter(({ finished_at }) => finished_at !== null);
  const sum = (kind: 'AFT_TO_MACHINE' | 'AFT_FROM_MACHINE') =>
    over.reduce((total, row) => (row.kind === kind ? total + BigInt(row.cents) : total), 0n);
  return {
    isUnderWay: over.length < rows.length,
    transferIds: over.map(({ id }) => id),
    booked: { toMachine: sum('AFT_TO_MACHINE'), fromMachine: sum('AFT_FROM_MACHINE') },
  };
}

export async function findLastReconciliation(
  db: Kysely<Database>,
  venueId: string,
  machineId: string,
): Promise<AftReconciliation | null> {
  const row = await reconciliationsAt(db, venueId)
    .selectAll()
    .where('machine_id', '=', machineId)
    .orderBy('number', 'desc')
    .limit(1)
    .executeTakeFirst();
  return row ? toReconciliation(row) : null;
}

/** With the transfers that are part of the books by it. */
export async function insertReconciliation(
  tx: Kysely<Database>,
  reconciliation: AftReconciliation,
  transferIds: readonly string[],
): Promise<void> {
  const { id, venueId, machineId, number, reason, outcome, from, to, exchangedAt, meters } = reconciliation;
  await tx
    .insertInto('aft_reconciliation')
    .values({
      id,
      venue_id: venueId,
      machine_id: machineId,
      number,
      reason,
      outcome,
      from_at: from,
      to_at: to,
      exchanged_at: exchangedAt,
      meters: JSON.stringify(meters.map(toStored)),
    })
    .execute();
  if (transferIds.length === 0) return;
  await tx
    .updateTable('aft_transfer')
    .set({ reconciliation_id: id })
    .where('venue_id', '=', venueId)
    .where('id', 'in', transferIds)
    .execute();
}

/** Those of one machine, the newest first, or in reverse when read backward. */
export async function listReconciliations(
  db: Kysely<Database>,
  venueId: string,
  { machineId, range }: { readonly machineId: string; readonly range: KeysetRange },
): Promise<readonly AftReconciliation[]> {
  const query = reconciliationsAt(db, venueId).selectAll().where('machine_id', '=', machineId);
  const rows = await keysetPage(query, { time: 'to_at', newestFirst: true }, range).execute();
  return rows.map(toReconciliation);
}

export async function countReconciliations(
  db: Kysely<Database>,
  venueId: string,
  machineId: string,
): Promise<number> {
  const { count } = await reconciliationsAt(db, venueId)
    .where('machine_id', '=', machineId)
    .select(({ fn }) => fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

const reconciliationsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('aft_reconciliation').where('venue_id', '=', venueId);

const toStored = ({
  code,
  bcdBytes,
  opening,
  closing,
  counted,
  booked,
}: ReconciledMeter): StoredAftMeter => ({
  code,
  bcdBytes,
  opening: opening?.toString() ?? null,
  closing: closing.toString(),
  counted: counted?.toString() ?? null,
  booked: booked.toString(),
});

const toReconciliation = (row: Selectable<AftReconciliationTable>): AftReconciliation => ({
  id: row.id,
  venueId: row.venue_id,
  machineId: row.machine_id,
  number: row.number,
  reason: row.reason,
  outcome: row.outcome,
  from: row.from_at,
  to: row.to_at,
  exchangedAt: row.exchanged_at,
  meters: row.meters.map(({ code, bcdBytes, opening, closing, counted, booked }) => ({
    code,
    bcdBytes,
    opening: opening === null ? null : BigInt(opening),
    closing: BigInt(closing),
    counted: counted === null ? null : BigInt(counted),
    booked: BigInt(booked),
  })),
});
