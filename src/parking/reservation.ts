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

/** So many that lie ahead or wait for a car one person can have, unless the installation says otherwise. */
export const MOST_OPEN_RESERVATIONS = 20;

/** ACTIVE until the car comes, CHECKED_IN while it stands there. */
export type ReservationStatus = 'ACTIVE' | 'CHECKED_IN' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED' | 'NO_SHOW';

/** The same as it is kept, with what is not told to everybody. */
export interface KeptReservation extends ParkingReservation {
  /** Of the car, in capitals without blanks; null: nobody said. */
  readonly plate: string | null;
}

/**
 * Who has reserved has so long to come, from the beginning or from when it was reserved, whichever is later; null
 * where the reservation ends before. @see ParkingReservation.noShowAt
 */
export function noShowAtOf(
  { noShowMinutes }: { readonly noShowMinutes: number | null },
  { startsAt, endsAt, since }: { readonly startsAt: Date; readonly endsAt: Date; readonly since: Date },
): Date | null {
  if (noShowMinutes === null) return null;
  const at = new Date(Math.max(startsAt.getTime(), since.getTime()) + noShowMinutes * 60_000);
  return at < endsAt ? at : null;
}
