export type BookingStatus = 'BOOKED' | 'CHECKED_IN' | 'NO_SHOW' | 'CANCELLED';

/** A user's claim on a slot, kept when it has ended. */
export interface Booking {
  readonly id: string;
  readonly venueId: string;
  readonly resourceId: string;
  readonly userId: string;
  /** It was booked with others, by a rule; null: alone. */
  readonly seriesId: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly status: BookingStatus;
  /** In minor units of the currency. */
  readonly paidMinor: bigint;
  readonly refundedMinor: bigint;
  /** ISO 4217. */
  readonly currency: string;
  /** Who has not come by then does not come; null: nobody looks. */
  readonly noShowAt: Date | null;
  readonly bookedAt: Date;
  readonly cancelledAt: Date | null;
  readonly cancelReason: string | null;
  readonly checkedInAt: Date | null;
  readonly changedAt: Date;
  /** Grows with every change. */
  readonly version: number;
}

/** Of a price, by hand, not by the resource's rule. */
export type RefundChoice = 'RULE' | 'FULL' | 'NONE';

/** What is given back when it is cancelled now. */
export function refundOf(
  { startsAt, paidMinor }: Pick<Booking, 'startsAt' | 'paidMinor'>,
  rule: { readonly freeCancellationMinutes: number; readonly lateRefundPercent: number },
  { now, choice }: { readonly now: Date; readonly choice: RefundChoice },
): bigint {
  if (choice === 'FULL') return paidMinor;
  if (choice === 'NONE') return 0n;
  const isFree = startsAt.getTime() - now.getTime() >= rule.freeCancellationMinutes * 60_000;
  return isFree ? paidMinor : (paidMinor * BigInt(rule.lateRefundPercent)) / 100n;
}

/** @see Booking.noShowAt */
export const noShowAtOf = (
  { noShowMinutes }: { readonly noShowMinutes: number | null },
  startsAt: Date,
): Date | null => (noShowMinutes === null ? null : new Date(startsAt.getTime() + noShowMinutes * 60_000));
