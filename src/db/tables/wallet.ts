import type { ColumnType, JSONColumnType } from 'kysely';

/** Written by `ledger_apply` and `open_wallet` alone, but for the status. */
export interface LedgerAccountTable {
  id: ColumnType<string, never, never>;
  venue_id: ColumnType<string, never, never>;
  kind: ColumnType<
    'WALLET' | 'CASH' | 'BETS' | 'WINS' | 'BONUSES' | 'FEES' | 'MACHINES' | 'SUSPENSE',
    never,
    never
  >;
  user_id: ColumnType<string | null, never, never>;
  /** ISO 4217. */
  currency: ColumnType<string, never, never>;
  status: ColumnType<'ACTIVE' | 'FROZEN' | 'CLOSED', never>;
  balance: ColumnType<bigint, never, never>;
  held: ColumnType<bigint, never, never>;
  overdraft_allowed: ColumnType<boolean, never, never>;
  entry_version: ColumnType<bigint, never, never>;
  version: ColumnType<bigint, never>;
  changed_at: ColumnType<Date, never>;
  created_at: ColumnType<Date, never, never>;
}

export interface WalletHoldTable {
  id: ColumnType<string, never, never>;
  venue_id: ColumnType<string, never, never>;
  account_id: ColumnType<string, never, never>;
  purpose: ColumnType<'CALLER' | 'AFT' | 'BOOKING', never, never>;
  amount: ColumnType<bigint, never, never>;
  reason: ColumnType<string | null, never, never>;
  state: ColumnType<'PLACED' | 'CAPTURED' | 'VOIDED' | 'EXPIRED', never, never>;
  expires_at: ColumnType<Date | null, never, never>;
  captured: ColumnType<bigint, never, never>;
  placed_at: ColumnType<Date, never, never>;
  placed_by: JSONColumnType<{ kind: string; id: string | null }, never, never>;
  ended_at: ColumnType<Date | null, never, never>;
}

export interface LedgerTransactionTable {
  id: ColumnType<string, never, never>;
  venue_id: ColumnType<string, never, never>;
  kind: ColumnType<LedgerTransactionKind, never, never>;
  currency: ColumnType<string, never, never>;
  amount: ColumnType<bigint, never, never>;
  reason: ColumnType<string | null, never, never>;
  reference: ColumnType<string | null, never, never>;
  hold_id: ColumnType<string | null, never, never>;
  reverses_id: ColumnType<string | null, never, never>;
  posted_at: ColumnType<Date, never, never>;
  effective_at: ColumnType<Date, never, never>;
  actor: JSONColumnType<{ kind: string; id: string | null }, never, never>;
  request_id: ColumnType<string | null, never, never>;
}

export type LedgerTransactionKind =
  | 'DEPOSIT'
  | 'WITHDRAWAL'
  | 'BET'
  | 'WIN'
  | 'BONUS'
  | 'FEE'
  | 'REFUND'
  | 'ADJUSTMENT'
  | 'TRANSFER'
  | 'REVERSAL'
  | 'AFT_TO_MACHINE'
  | 'AFT_FROM_MACHINE';

export interface LedgerEntryTable {
  account_id: ColumnType<string, never, never>;
  version: ColumnType<bigint, never, never>;
  transaction_id: ColumnType<string, never, never>;
  venue_id: ColumnType<string, never, never>;
  currency: ColumnType<string, never, never>;
  amount: ColumnType<bigint, never, never>;
  balance_after: ColumnType<bigint, never, never>;
  effective_at: ColumnType<Date, never, never>;
}

export interface IdempotencyKeyTable {
  principal: string;
  key: string;
  venue_id: string;
  params_hash: Buffer;
  outcome: JSONColumnType<Record<string, unknown>>;
  created_at: Date;
}
