import type { Kysely } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type Instant, shifted } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import { WalletFrozenError } from '../wallet/errors.ts';
import { type AftTransfer, LIVE_STATES, UNSENT_STATES } from './aft-transfer.ts';
import { transferOf, transfersAt } from './aft-transfer-row.ts';

/** False when another transfer of the machine is live, or what caused it has one. @throws WalletFrozenError for a wallet that was closed */
export async function insertTransfer(tx: Kysely<Database>, transfer: AftTransfer): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('aft_transfer')
    .values({
      id: transfer.id,
      venue_id: transfer.venueId,
      machine_id: transfer.machineId,
      wallet_id: transfer.walletId,
      user_id: transfer.userId,
      direction: transfer.direction,
      amount: transfer.amountMinor,
      currency: transfer.currency,
      cents: transfer.cents,
      allow_partial: transfer.allowPartial,
      cause: transfer.cause,
      cause_event_id: transfer.causeEventId,
      sas_transaction_id: transfer.sasTransactionId,
      hold_id: transfer.holdId,
      requested_by: transfer.requestedBy?.id ?? null,
      requested_by_kind: transfer.requestedBy?.kind ?? null,
      requested_at: transfer.requestedAt,
      expires_at: transfer.expiresAt,
      ...changingColumns(transfer),
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
    .catch((error: unknown) => {
      throw isViolationOf(error, 'aft_transfer_wallet_open')
        ? new WalletFrozenError(true, { cause: error })
        : error;
    });
  return numInsertedOrUpdatedRows === 1n;
}

/** As it is now; whoever calls this has it locked. */
export async function saveTransfer(tx: Kysely<Database>, transfer: AftTransfer): Promise<void> {
  await tx
    .updateTable('aft_transfer')
    .set((eb) => ({
      ...changingColumns(transfer),
      ...(transfer.state === 'PENDING_ON_MACHINE' && {
        pending_at: eb.fn.coalesce('pending_at', eb.val(transfer.changedAt)),
      }),
    }))
    .where('venue_id', '=', transfer.venueId)
    .where('id', '=', transfer.id)
    .execute();
}

const changingColumns = (transfer: AftTransfer) => ({
  state: transfer.state,
  moved: transfer.movedMinor,
  ledger_transaction_id: transfer.ledgerTransactionId,
  failure_code: transfer.failure?.code ?? null,
  failure_status: transfer.failure?.status ?? null,
  doubt: transfer.doubt,
  resolved_by: transfer.resolution?.by?.id ?? null,
  resolved_by_kind: transfer.resolution?.by?.kind ?? null,
  resolve_reason: transfer.resolution?.reason ?? null,
  cancel_requested_at: transfer.cancelRequestedAt,
  sent_at: transfer.sentAt,
  changed_at: transfer.changedAt,
  finished_at: transfer.finishedAt,
  version: transfer.version,
  // Whatever changes, it begins anew.
  unanswered_since: null,
});

export async function findTransfersByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly AftTransfer[]> {
  if (ids.length === 0) return [];
  const rows = await transfersAt(db, venueId).where('id', 'in', ids).execute();
  return rows.map(transferOf);
}

export async function findTransfer(
  db: Kysely<Database>,
  venueId: string,
  id: string,
): Promise<AftTransfer | null> {
  return (await findTransfersByIds(db, venueId, [id]))[0] ?? null;
}

/** A transfer that nobody else changes until the transaction ends. */
export async function lockTransfer(
  tx: Kysely<Database>,
  venueId: string,
  id: string,
): Promise<AftTransfer | null> {
  const row = await transfersAt(tx, venueId).where('id', '=', id).forUpdate().executeTakeFirst();
  return row ? transferOf(row) : null;
}

/** The one transfer of a machine that is not over. */
export async function findLiveTransfer(
  db: Kysely<Database>,
  venueId: string,
  machineId: string,
): Promise<AftTransfer | null> {
  const row = await transfersAt(db, venueId)
    .where('machine_id', '=', machineId)
    .where('state', 'in', LIVE_STATES)
    .executeTakeFirst();
  return row ? transferOf(row) : null;
}

/** The transfer that a machine knows by this name, where it is over. */
export async function findFinished(
  db: Kysely<Database>,
  { id, venueId }: { readonly id: string; readonly venueId: string },
  sasTransactionId: string,
): Promise<AftTransfer | null> {
  const row = await transfersAt(db, venueId)
    .where('machine_id', '=', id)
    .where('sas_transaction_id', '=', sasTransactionId)
    .where('finished_at', 'is not', null)
    .executeTakeFirst();
  return row ? transferOf(row) : null;
}

/** What a person settled because nothing was heard of it, at those of these machines that answer again and have not said what they know; in the order of the orders. */
export async function listUnheard(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly AftTransfer[]> {
  if (machineIds.length === 0) return [];
  const rows = await transfersAt(db, venueId)
    .where('machine_id', 'in', machineIds)
    .where('state', '=', 'MANUALLY_RESOLVED')
    .where('doubt', '=', 'NO_ANSWER')
    .where('heard_at', 'is', null)
    .where('machine_id', 'in', (eb) =>
      eb
        .selectFrom('machine')
        .select('id')
        .where('venue_id', '=', venueId)
        .where('connection', '=', 'ONLINE'),
    )
    .orderBy('requested_at')
    .execute();
  return rows.map(transferOf);
}

/** That the machine said what became of it, or otherwise than is booked. False when it had said so before. */
export async function markOnce(
  tx: Kysely<Database>,
  { id, venueId }: Pick<AftTransfer, 'id' | 'venueId'>,
  { what: column, now }: { readonly what: 'heard_at' | 'contradicted_at'; readonly now: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('aft_transfer')
    .set({ [column]: now })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where(column, 'is', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** The transfers of these machines that are not over, the one last sent first. */
export async function listLiveTransfers(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly AftTransfer[]> {
  if (machineIds.length === 0) return [];
  const rows = await transfersAt(db, venueId)
    .where('machine_id', 'in', machineIds)
    .where('state', 'in', LIVE_STATES)
    .orderBy('sent_at', (by) => by.desc().nullsLast())
    .execute();
  return rows.map(transferOf);
}

/** By which number the machine goes that a transfer is sent to. */
export async function saveAssetNumber(
  tx: Kysely<Database>,
  { id, venueId }: Pick<AftTransfer, 'id' | 'venueId'>,
  assetNumber: number,
): Promise<void> {
  await tx
    .updateTable('aft_transfer')
    .set({ asset_number: BigInt(assetNumber) })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .execute();
}

/** What is kept of the machine that a transfer was sent to. */
export interface Addressee {
  /** By which number it went; null where that was not kept. */
  readonly assetNumber: number | null;
  /** Whether it ever said that it had the transfer pending. */
  readonly hadIt: boolean;
}

export async function findAddressee(
  db: Kysely<Database>,
  { id, venueId }: Pick<AftTransfer, 'id' | 'venueId'>,
): Promise<Addressee> {
  const row = await transfersAt(db, venueId)
    .clearSelect()
    .select(['asset_number', 'pending_at'])
    .where('id', '=', id)
    .executeTakeFirst();
  return {
    assetNumber: row?.asset_number == null ? null : Number(row.asset_number),
    hadIt: row?.pending_at != null,
  };
}

/** Whether a machine ever refused a transfer because it was not locked. */
export async function hasDemandedLock(
  db: Kysely<Database>,
  { venueId, machineId }: Pick<AftTransfer, 'venueId' | 'machineId'>,
): Promise<boolean> {
  const found = await transfersAt(db, venueId)
    .clearSelect()
    .select('id')
    .where('machine_id', '=', machineId)
    .where('failure_status', '=', 'NOT_LOCKED')
    .limit(1)
    .executeTakeFirst();
  return found !== undefined;
}

/** Notes whether a machine that has a transfer pending said so again, or does not say how it stands any more. */
export async function saveAnswered(
  tx: Kysely<Database>,
  { id, venueId }: Pick<AftTransfer, 'id' | 'venueId'>,
  { isAnswered, now }: { readonly isAnswered: boolean; readonly now: Date },
): Promise<void> {
  await tx
    .updateTable('aft_transfer')
    .set({ unanswered_since: isAnswered ? null : now })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('state', '=', 'PENDING_ON_MACHINE')
    .where('unanswered_since', isAnswered ? 'is not' : 'is', null)
    .execute();
}

/** How long a machine may say nothing of a transfer before that is shown. */
const DOUBT_MS = 60_000;

/** Those that were not sent in time, and those that were and of which nothing is heard. */
export function overdueTransfers(db: Kysely<Database>, { now }: { readonly now: Instant }) {
  const quietSince = shifted(now, -DOUBT_MS);
  return db.selectFrom('aft_transfer').where((eb) =>
    eb.or([
      eb('state', 'in', UNSENT_STATES).and('expires_at', '<', now),
      eb('state', '=', 'SENT').and('changed_at', '<', quietSince),
      eb('state', '=', 'PENDING_ON_MACHINE').and('unanswered_since', '<', quietSince),
      eb('state', '=', 'PENDING_ON_MACHINE')
        .and('changed_at', '<', quietSince)
        .and(
          'machine_id',
          'in',
          eb
            .selectFrom('machine')
            .select('id')
            .where('connection', '<>', 'ONLINE')
            .where((machine) =>
              machine.or([
                machine('connection_changed_at', '<', quietSince),
                // It was not heard of where it was moved to.
                machine('connection_changed_at', 'is', null),
              ]),
            ),
        ),
    ]),
  );
}

export async function listOverdueTransfers(
  db: Kysely<Database>,
  at: { readonly now: Date },
): Promise<readonly AftTransfer[]> {
  const rows = await overdueTransfers(db, at).selectAll().execute();
  return rows.map(transferOf);
}
