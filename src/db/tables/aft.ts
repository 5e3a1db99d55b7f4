import type { ColumnType, Generated, JSONColumnType } from 'kysely';

/** What was ordered never changes. */
type Ordered<T> = ColumnType<T, T, never>;

export interface AftTransferTable {
  id: Ordered<string>;
  venue_id: Ordered<string>;
  machine_id: Ordered<string>;
  wallet_id: Ordered<string>;
  user_id: Ordered<string>;
  direction: Ordered<'TO_MACHINE' | 'FROM_MACHINE'>;
  /** Minor units. */
  amount: Ordered<bigint>;
  /** ISO 4217. */
  currency: Ordered<string>;
  cents: Ordered<bigint>;
  allow_partial: Ordered<boolean>;
  cause: Ordered<'ORDER' | 'CASH_OUT' | 'WIN_CASH_OUT'>;
  cause_event_id: Ordered<string | null>;
  state: AftTransferState;
  sas_transaction_id: Ordered<string>;
  hold_id: Ordered<string | null>;
  moved: bigint | null;
  ledger_transaction_id: string | null;
  failure_code: string | null;
  failure_status: string | null;
  doubt: string | null;
  resolved_by: string | null;
  resolved_by_kind: 'user' | 'partner' | null;
  resolve_reason: string | null;
  requested_by: Ordered<string | null>;
  requested_by_kind: Ordered<'user' | 'partner' | null>;
  requested_at: Ordered<Date>;
  expires_at: Ordered<Date>;
  cancel_requested_at: Date | null;
  sent_at: Date | null;
  changed_at: Date;
  finished_at: Date | null;
  /** When the machine first said what became of one that a person had settled. */
  heard_at: Date | null;
  /** When it first said otherwise of one that is over than is booked. */
  contradicted_at: ColumnType<Date | null, never, Date>;
  /** When its machine first said that it had it pending. */
  pending_at: ColumnType<Date | null, never, Date>;
  /** Since when the machine it is pending on does not say how it stands, though it is asked. */
  unanswered_since: ColumnType<Date | null, never, Date | null>;
  version: Generated<number>;
  reconciliation_id: ColumnType<string | null, never, string>;
  /** Of the machine it was sent to, as that told it then. */
  asset_number: ColumnType<bigint | null, never, bigint>;
}

export type AftTransferState =
  | 'CREATED'
  | 'FUNDS_HELD'
  | 'LOCK_PENDING'
  | 'SENT'
  | 'PENDING_ON_MACHINE'
  | 'SETTLED'
  | 'PARTIALLY_SETTLED'
  | 'REJECTED'
  | 'CANCELLED'
  | 'IN_DOUBT'
  | 'MANUALLY_RESOLVED';

/** Rows are added, and never change. */
export interface AftReconciliationTable {
  id: Ordered<string>;
  venue_id: Ordered<string>;
  machine_id: Ordered<string>;
  number: Ordered<number>;
  reason: Ordered<'START' | 'TRANSFER' | 'HOUR'>;
  outcome: Ordered<'BASELINE' | 'EQUAL' | 'DIFFERENT' | 'RESET'>;
  from_at: Ordered<Date | null>;
  to_at: Ordered<Date>;
  /** Which of the machines was compared that stood there one after another. */
  exchanged_at: Ordered<Date | null>;
  /** Cents are texts. */
  meters: JSONColumnType<StoredAftMeter[], string, never>;
}

export interface StoredAftMeter {
  readonly code: number;
  readonly bcdBytes: number;
  readonly opening: string | null;
  readonly closing: string;
  readonly counted: string | null;
  readonly booked: string;
}
