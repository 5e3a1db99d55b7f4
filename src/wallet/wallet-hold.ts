import type { HoldPurpose } from './ledger.ts';

/** PLACED: it claims its amount, unless it has expired. */
export type HoldState = 'PLACED' | 'CAPTURED' | 'VOIDED' | 'EXPIRED';

/** A claim on money that ends by being captured, by being voided, or by itself. */
export interface WalletHold {
  readonly id: string;
  readonly venueId: string;
  readonly walletId: string;
  readonly purpose: HoldPurpose;
  readonly amountMinor: bigint;
  readonly reason: string | null;
  readonly state: HoldState;
  /** Null for a transfer to a machine: it ends with that. */
  readonly expiresAt: Date | null;
  /** What of it was captured. */
  readonly capturedMinor: bigint;
  readonly placedAt: Date;
  readonly placedBy: { readonly kind: string; readonly id: string | null };
  readonly endedAt: Date | null;
}

/** What it is at this moment: time ends a hold whether or not anybody looks. */
export const stateAt = (
  { state, expiresAt }: Pick<WalletHold, 'state' | 'expiresAt'>,
  now: Date,
): HoldState => (state === 'PLACED' && expiresAt !== null && expiresAt <= now ? 'EXPIRED' : state);
