import type { BookingStatus } from './booking.ts';
import type { ResourceKind } from './resource.ts';
import type { ClaimedSlot, ClaimedTime } from './slot.ts';

/** What can be read of a claim besides its time. Instants are in ms since 1970, money in minor units. */
export interface ClaimColumns {
  readonly claimId: string;
  readonly reason: string | null;
  readonly userId: string | null;
  readonly bookingId: string | null;
  readonly status: BookingStatus;
  readonly version: number;
  readonly bookedAt: number;
  readonly checkedInAt: number | null;
  readonly changedAt: number;
  readonly paidMinor: string;
  readonly refundedMinor: string;
  readonly bookedCurrency: string;
  /** Null where nothing is read of who booked. */
  readonly ownerId: string | null;
  readonly username: string | null;
  readonly displayName: string | null;
}

/** What can be read besides its slots of the day: of its resource, and of the moment. */
export interface DayColumns {
  readonly resourceKind: ResourceKind;
  readonly resourceName: string;
  readonly priceMinor: bigint;
  readonly currency: string;
  readonly readAt: Date;
  /** Behind it in the log nothing lies that the sheet shows. */
  readonly cursor: string;
}

export type SheetColumn = keyof ClaimColumns | keyof DayColumns;

/** A claim, with those columns that were asked for. */
export type SheetClaim<Column extends keyof ClaimColumns = never> = ClaimedTime & Pick<ClaimColumns, Column>;

/** A day of a resource as one statement read it, with those columns that were asked for. */
export type DaySheet<Column extends keyof DayColumns = never> = Pick<DayColumns, Column> & {
  readonly venueId: string;
  readonly resourceId: string;
  /** `YYYY-MM-DD`, by the venue's clock. */
  readonly day: string;
  readonly timeZone: string;
  readonly slots: readonly ClaimedSlot<SheetClaim>[];
};
