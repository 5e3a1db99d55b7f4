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

/** What stays with a booking that was moved when only a part of its price would have been given back. */
export interface LateMove {
  /** The least part by which it was moved, in percent; null: it never was. */
  readonly refundPercent: number | null;
  /** What was given up of the price by it, in minor units. It pays for a dearer slot, and is not given back. */
  readonly forfeitedMinor: bigint;
}

/** How much is given back now of what is left of the price: by the rule of what is booked, and by those of late moves. */
export function refundPercentOf(
  { startsAt }: Pick<Booking, 'startsAt'>,
  { freeCancellationMinutes, lateRefundPercent }: RefundRule,
  { lateMove, now }: { readonly lateMove: LateMove; readonly now: Date },
): number {
  const isLate = startsAt.getTime() - now.getTime() < freeCancellationMinutes * 60_000;
  return Math.min(isLate ? lateRefundPercent : 100, lateMove.refundPercent ?? 100);
}

/** What is given back in all when it is cancelled: of what is left of the price, and what was given back before. */
export function refundOf(
  { paidMinor, refundedMinor }: Pick<Booking, 'paidMinor' | 'refundedMinor'>,
  {
    percent,
    forfeitedMinor,
    choice,
  }: {
    readonly percent: number;
    readonly forfeitedMinor: bigint;
    readonly choice: RefundChoice;
  },
): bigint {
  if (choice === 'FULL') return paidMinor;
  if (choice === 'NONE') return refundedMinor;
  return refundedMinor + partOf(paidMinor - refundedMinor - forfeitedMinor, percent);
}

/** What of an amount is given back. */
export const partOf = (amountMinor: bigint, percent: number): bigint =>
  (amountMinor * BigInt(percent)) / 100n;

/** Who books what has begun has as long to come from then on. @see Booking.noShowAt */
export const noShowAtOf = (
  { noShowMinutes }: { readonly noShowMinutes: number | null },
  { startsAt, now }: { readonly startsAt: Date; readonly now: Date },
): Date | null =>
  noShowMinutes === null
    ? null
    : new Date(Math.max(startsAt.getTime(), now.getTime()) + noShowMinutes * 60_000);
