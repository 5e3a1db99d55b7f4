import type { HouseAccount, LedgerTransactionKind } from './ledger.ts';

/** One balanced posting; it never changes. */
export interface LedgerTransaction {
  readonly id: string;
  readonly venueId: string;
  readonly kind: LedgerTransactionKind;
  readonly currency: string;
  /** What moved: the sum of its positive entries, in minor units. */
  readonly amountMinor: bigint;
  readonly reason: string | null;
  readonly reference: string | null;
  readonly holdId: string | null;
  readonly reversesId: string | null;
  readonly postedAt: Date;
  /** From when it counts. */
  readonly effectiveAt: Date;
  readonly actor: { readonly kind: string; readonly id: string | null };
}

/** How the reference of what a booking cost begins; the database asks for it too. */
export const OF_BOOKING = 'booking:';

/** Whether it was paid for a booking, or given back: cancelling that knows both, and reversing this neither. */
export const isOfBooking = ({ kind, reference }: Pick<LedgerTransaction, 'kind' | 'reference'>): boolean =>
  (kind === 'FEE' || kind === 'REFUND') && reference?.startsWith(OF_BOOKING) === true;

/** One leg of a transaction; those of one transaction sum to zero. */
export interface LedgerEntry {
  readonly transactionId: string;
  readonly account: EntryAccount;
  /** 1, 2, 3 … of its account. */
  readonly version: bigint;
  readonly currency: string;
  /** Negative where money left. */
  readonly amountMinor: bigint;
  readonly balanceAfterMinor: bigint;
  readonly effectiveAt: Date;
}

/** Whose entry it is: a wallet's, or one of the venue's own accounts'. */
export type EntryAccount =
  | { readonly kind: 'WALLET'; readonly walletId: string; readonly userId: string }
  | { readonly kind: HouseAccount };
