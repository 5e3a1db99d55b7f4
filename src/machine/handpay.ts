import type { Requester } from './command.ts';

/** Money that an attendant pays by hand, as the machine told of it (poll 1B). */
export interface Handpay {
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  /** Null for a level that nobody has described. */
  readonly kind: HandpayKind | null;
  readonly progressiveGroup: number;
  /** As told; 1 to 32 is the level of a progressive. */
  readonly level: number;
  /** Null when the machine sent nonsense, here and below. */
  readonly cents: bigint | null;
  /** Paid already, in the machine's own units. */
  readonly partialPay: bigint | null;
  readonly canGoToCreditMeter: boolean;
  readonly pendingAt: Date;
  /** Null while the machine waits with it. */
  readonly reset: HandpayReset | null;
}

export type HandpayKind = 'NORMAL_WIN' | 'PROGRESSIVE_WIN' | 'TOP_AWARD' | 'CANCELLED_CREDITS';

/** Where a handpay goes: to an attendant who pays it, or to the credit meter. */
export type HandpayMethod = 'STANDARD' | 'CREDIT_METER';

export interface HandpayReset {
  /** When that was first known. */
  readonly at: Date;
  /** Null when an attendant did it at the machine. */
  readonly command: HandpayResetCommand | null;
}

export interface HandpayResetCommand {
  readonly id: string;
  readonly method: HandpayMethod;
  readonly requestedBy: Requester | null;
  readonly reason: string | null;
}

/** What a machine tells of a handpay. */
export type ToldHandpay = Omit<Handpay, 'reset'>;

/** Whether a machine that tells these may mean the same: it gives them no number. */
export const isSameHandpay = (one: Handpay, other: ToldHandpay): boolean =>
  one.progressiveGroup === other.progressiveGroup &&
  one.level === other.level &&
  one.cents === other.cents &&
  one.partialPay === other.partialPay &&
  one.canGoToCreditMeter === other.canGoToCreditMeter;
