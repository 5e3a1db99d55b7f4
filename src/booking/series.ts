/** TAKEN: by others, or blocked. NO_SLOT: the resource has none then. NOT_BOOKABLE: it is over, or the resource closed. */
export type ConflictReason = 'TAKEN' | 'NO_SLOT' | 'NOT_BOOKABLE';

/** A slot of a series that cannot be had. */
export interface SeriesConflict {
  readonly startsAt: Date;
  readonly why: ConflictReason;
}

/** FAIL: all of its slots or none. SKIP: those that can be had. */
export type OnConflict = 'FAIL' | 'SKIP';

/** Bookings that were made together, by a rule that repeats. */
export interface BookingSeries {
  readonly id: string;
  readonly venueId: string;
  readonly resourceId: string;
  readonly userId: string;
  /** RFC 5545, RRULE. */
  readonly rule: string;
  /** Where its first slot begins. */
  readonly startsAt: Date;
  /** What it left out, in order of time. */
  readonly skipped: readonly SeriesConflict[];
  readonly bookedAt: Date;
}
