/** A player's money in one currency at one venue. */
export interface Wallet {
  readonly id: string;
  readonly venueId: string;
  readonly userId: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly status: WalletStatus;
  /** What it has, in minor units; what can be spent of it is less by `heldMinor`. */
  readonly postedMinor: bigint;
  /** What holds claim that have not expired. */
  readonly heldMinor: bigint;
  /** Grows with whatever changes. */
  readonly version: bigint;
  readonly openedAt: Date;
}

/** FROZEN: nothing moves unless an operator forces it. CLOSED: empty, and it stays so until it is opened again, or frozen because a refund was owed. */
export type WalletStatus = 'ACTIVE' | 'FROZEN' | 'CLOSED';

/** What can be spent. */
export const availableOf = ({ postedMinor, heldMinor }: Pick<Wallet, 'postedMinor' | 'heldMinor'>): bigint =>
  postedMinor - heldMinor;
