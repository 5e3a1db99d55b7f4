import type { LedgerTransactionKind } from '../db/tables/wallet.ts';
import type { IdempotencyKey } from '../idempotency.ts';
import type { Author } from '../work.ts';

export type { LedgerTransactionKind } from '../db/tables/wallet.ts';

/** What the venue's own money is counted by, one account of each in a currency. */
export type HouseAccount = 'CASH' | 'BETS' | 'WINS' | 'BONUSES' | 'FEES' | 'MACHINES' | 'SUSPENSE';

/** The most an account counts, in minor units, as `ledger_apply` has it: what comes and goes fits 64 bits. */
export const MOST_MINOR = 9_000_000_000_000_000_000n;

/** Where money comes from or goes to. */
export type Party = { readonly walletId: string } | { readonly house: HouseAccount };

interface Commanded {
  readonly venueId: string;
  /** Null within a larger work that happens once anyway. */
  readonly idempotency: IdempotencyKey | null;
  /** Null: whoever does the work. */
  readonly author: Author | null;
}

/** What a transaction says of itself besides what moves. */
interface Narrated {
  readonly reason: string | null;
  /** The caller's own name for it. */
  readonly reference: string | null;
}

/** Moves an amount. */
export interface Post extends Commanded, Narrated {
  readonly op: 'POST';
  readonly id: string;
  readonly kind: LedgerTransactionKind;
  readonly from: Party;
  readonly to: Party;
  /** Whose the wallet must be that the money leaves; null where that does not matter. */
  readonly ownerId: string | null;
  /** More than 0, in minor units. */
  readonly amountMinor: bigint;
  readonly currency: string;
  /** From when it counts; null: from now on. */
  readonly effectiveAt: Date | null;
  /** Whether a frozen wallet takes part all the same. */
  readonly forced: boolean;
}

/** What a hold is for: its caller, who ends it, or a transfer to a machine or a slot, which alone do. */
export type HoldPurpose = 'CALLER' | 'AFT' | 'BOOKING';

/** Claims an amount of a wallet. */
export interface PlaceHold extends Commanded {
  readonly op: 'HOLD';
  readonly id: string;
  readonly purpose: HoldPurpose;
  readonly walletId: string;
  readonly ownerId: string | null;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** How long; null for as long as it takes, which only a transfer may. */
  readonly expiresInSeconds: number | null;
  readonly reason: string | null;
}

/** Moves what a hold claims, or a part of it; the rest is free again. */
export interface CaptureHold extends Commanded, Narrated {
  readonly op: 'CAPTURE';
  readonly id: string;
  readonly holdId: string;
  readonly purpose: HoldPurpose;
  readonly kind: LedgerTransactionKind;
  readonly to: Party;
  readonly ownerId: string | null;
  /** Null for all of it. */
  readonly amountMinor: bigint | null;
  readonly currency: string;
  readonly forced: boolean;
}

/** Frees what a hold claims. */
export interface VoidHold extends Commanded {
  readonly op: 'VOID';
  readonly holdId: string;
  readonly purpose: HoldPurpose;
  readonly ownerId: string | null;
}

/** Posts the opposite of a transaction. */
export interface Reverse extends Commanded, Narrated {
  readonly op: 'REVERSE';
  readonly id: string;
  readonly kind: 'REVERSAL';
  readonly reversesId: string;
  readonly effectiveAt: Date | null;
  /** Whether a frozen wallet takes part all the same. */
  readonly forced: boolean;
}

export type LedgerCommand = Post | PlaceHold | CaptureHold | VoidHold | Reverse;

/** A wallet as it was when something had been done to it. */
export interface WalletSnapshot {
  readonly walletId: string;
  readonly userId: string;
  readonly currency: string;
  readonly status: 'ACTIVE' | 'FROZEN' | 'CLOSED';
  readonly postedMinor: bigint;
  readonly heldMinor: bigint;
  readonly version: bigint;
}

export type Refusal =
  | 'NOT_FOUND'
  | 'CURRENCY_MISMATCH'
  | 'SAME_ACCOUNT'
  | 'HOLD_CAPTURED'
  | 'HOLD_VOIDED'
  | 'HOLD_EXPIRED'
  | 'HOLD_EXCEEDED'
  | 'HOLD_OF_TRANSFER'
  | 'NOT_REVERSIBLE'
  | 'REVERSED_ALREADY'
  | 'CLOSED'
  | 'FROZEN'
  | 'INSUFFICIENT_FUNDS'
  | 'BALANCE_LIMIT'
  | 'IDEMPOTENCY_MISMATCH';

/** It was done, now or when its key was first used. */
export interface Applied {
  readonly status: 'APPLIED';
  /** Of the transaction or the hold. */
  readonly id: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly at: Date;
  readonly isReplay: boolean;
  /** The wallets it touched, as they were then. */
  readonly wallets: readonly WalletSnapshot[];
}

export interface Refused {
  readonly status: Refusal;
  /** Of INSUFFICIENT_FUNDS: what there was. */
  readonly available: { readonly availableMinor: bigint; readonly currency: string } | null;
}

/** What became of a command. One key has one outcome for ever. */
export type Outcome = Applied | Refused;

export const isApplied = (outcome: Outcome): outcome is Applied => outcome.status === 'APPLIED';
