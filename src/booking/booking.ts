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

/** What is given back in all when it is cancelled now: of what is left of the price, and what was given back before. */
export function refundOf(
  { startsAt, paidMinor, refundedMinor }: Pick<Booking, 'startsAt' | 'paidMinor' | 'refundedMinor'>,
  rule: { readonly freeCancellationMinutes: number; readonly lateRefundPercent: number },
  { now, choice }: { readonly now: Date; readonly choice: RefundChoice },
): bigint {
  if (choice === 'FULL') return paidMinor;
  if (choice === 'NONE') return refundedMinor;
  const isFree = startsAt.getTime() - now.getTime() >= rule.freeCancellationMinutes * 60_000;
  if (isFree) return paidMinor;
  return refundedMinor + ((paidMinor - refundedMinor) * BigInt(rule.lateRefundPercent)) / 100n;
}

/** Who books what has begun has as long to come from then on. @see Booking.noShowAt */
export const noShowAtOf = (
  { noShowMinutes }: { readonly noShowMinutes: number | null },
  { startsAt, now }: { readonly startsAt: Date; readonly now: Date },
): Date | null =>
  noShowMinutes === null
    ? null
    : new Date(Math.max(startsAt.getTime(), now.getTime()) + noShowMinutes * 60_000);
