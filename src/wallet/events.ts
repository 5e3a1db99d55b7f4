import type { LedgerTransactionKind } from './ledger.ts';

/** Why what a wallet has is another amount than before. */
export type BalanceCause = LedgerTransactionKind | 'HOLD_PLACED' | 'HOLD_VOIDED' | 'HOLD_EXPIRED';

declare module '../events/events.ts' {
  interface EventMap {
    /** There is a wallet. */
    'wallet.opened': { readonly walletId: string; readonly userId: string; readonly currency: string };
    'wallet.status-changed': {
      readonly walletId: string;
      readonly userId: string;
      readonly status: 'ACTIVE' | 'FROZEN' | 'CLOSED';
      readonly reason: string;
      readonly version: string;
    };
    /** What a wallet has, or can spend, changed: once for each wallet and posting. */
    'wallet.balance-changed': {
      readonly walletId: string;
      readonly userId: string;
      readonly currency: string;
      /** Minor units, as texts. */
      readonly postedMinor: string;
      readonly heldMinor: string;
      /** Of the wallet's row. */
      readonly version: string;
      readonly cause: BalanceCause;
      readonly transactionId: string | null;
      readonly holdId: string | null;
      /** What moved or was claimed, minor units as a text, never negative. */
      readonly amountMinor: string;
      /** What it has more or less, minor units as a text; absent in events of before it was told. */
      readonly changeMinor?: string;
    };
  }
}
