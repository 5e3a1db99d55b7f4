import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { AftTransferTable } from '../db/tables/aft.ts';
import type { AftDoubt, AftFailureCode, AftTransfer } from './aft-transfer.ts';

/** A transfer as the database has it. */

export const transfersAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('aft_transfer').selectAll().where('venue_id', '=', venueId);

export const transferOf = (row: Selectable<AftTransferTable>): AftTransfer => ({
  id: row.id,
  venueId: row.venue_id,
  machineId: row.machine_id,
  walletId: row.wallet_id,
  userId: row.user_id,
  direction: row.direction,
  amountMinor: row.amount,
  currency: row.currency,
  cents: row.cents,
  allowPartial: row.allow_partial,
  cause: row.cause,
  causeEventId: row.cause_event_id,
  state: row.state,
  sasTransactionId: row.sas_transaction_id,
  holdId: row.hold_id,
  movedMinor: row.moved,
  ledgerTransactionId: row.ledger_transaction_id,
  // This and the doubt are written by `saveTransfer` alone.
  failure: row.failure_code === null ? null : failureOf(row.failure_code as AftFailureCode, row),
  doubt: row.doubt as AftDoubt | null,
  resolution:
    row.resolve_reason === null
      ? null
      : { by: requesterOf(row.resolved_by_kind, row.resolved_by), reason: row.resolve_reason },
  requestedBy: requesterOf(row.requested_by_kind, row.requested_by),
  requestedAt: row.requested_at,
  expiresAt: row.expires_at,
  cancelRequestedAt: row.cancel_requested_at,
  sentAt: row.sent_at,
  changedAt: row.changed_at,
  finishedAt: row.finished_at,
  version: row.version,
});

const failureOf = (code: AftFailureCode, row: Selectable<AftTransferTable>) => ({
  code,
  status: row.failure_status,
});

const requesterOf = (kind: 'user' | 'partner' | null, id: string | null) =>
  kind && id ? { kind, id } : null;
