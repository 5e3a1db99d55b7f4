/** The right to park on a lot for a time. */
export interface ParkingReservation {
  readonly id: string;
  readonly venueId: string;
  readonly lotId: string;
  /** Null: any of the lot. */
  readonly spaceId: string | null;
  readonly userId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly status: ReservationStatus;
  /** Who has not come by then does not come; null: nobody looks. */
  readonly noShowAt: Date | null;
  readonly reservedAt: Date;
  readonly checkedInAt: Date | null;
  readonly endedAt: Date | null;
  readonly cancelReason: string | null;
  readonly changedAt: Date;
  readonly version: number;
}

/** ACTIVE until the car comes, CHECKED_IN while it stands there. */
export type ReservationStatus = 'ACTIVE' | 'CHECKED_IN' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED' | 'NO_SHOW';
