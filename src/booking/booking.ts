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

/** What a resource says of bookings that are given up. */
export interface RefundRule {
  readonly freeCancellationMinutes: number;
  readonly lateRefundPercent: number;
}

/** Whether only a part of the price is given back, by the rule of what is booked. */
export const isLate = (
  { startsAt }: Pick<Booking, 'startsAt'>,
  { freeCancellationMinutes }: RefundRule,
  now: Date,
): boolean => startsAt.getTime() - now.getTime() < freeCancellationMinutes * 60_000;

/** What is given back in all when it is cancelled: of what is left of the price, and what was given back before. */
export function refundOf(
  { paidMinor, refundedMinor }: Pick<Booking, 'paidMinor' | 'refundedMinor'>,
  rule: RefundRule,
  { isLate, choice }: { readonly isLate: boolean; readonly choice: RefundChoice },
): bigint {
  if (choice === 'FULL') return paidMinor;
  if (choice === 'NONE') return refundedMinor;
  return isLate ? refundedMinor + lateRefundOf(paidMinor - refundedMinor, rule) : paidMinor;
}

/** What late is given back of an amount. */
export const lateRefundOf = (amountMinor: bigint, { lateRefundPercent }: RefundRule): bigint =>
  (amountMinor * BigInt(lateRefundPercent)) / 100n;

/** Who books what has begun has as long to come from then on. @see Booking.noShowAt */
export const noShowAtOf = (
  { noShowMinutes }: { readonly noShowMinutes: number | null },
  { startsAt, now }: { readonly startsAt: Date; readonly now: Date },
): Date | null =>
  noShowMinutes === null
    ? null
    : new Date(Math.max(startsAt.getTime(), now.getTime()) + noShowMinutes * 60_000);
