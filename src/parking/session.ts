/** A stay: a car that stands, or stood, on a lot. */
export interface ParkingSession {
  readonly id: string;
  readonly venueId: string;
  readonly lotId: string;
  /** Null: somewhere on the lot. */
  readonly spaceId: string | null;
  /** Whose wallet pays; null: nobody's. */
  readonly userId: string | null;
  /** Of the car, in capitals without blanks; null: nobody said. */
  readonly plate: string | null;
  /** Null: it came without one. */
  readonly reservationId: string | null;
  readonly startedAt: Date;
  /** Until when it said it would stay. */
  readonly until: Date;
  /** When people were told that it stays longer. */
  readonly overdueAt: Date | null;
  readonly endedAt: Date | null;
  /** What it pays by; null: nothing. */
  readonly rateId: string | null;
  /** In minor units of the currency; null while it lasts. */
  readonly chargeMinor: bigint | null;
  /** What of that was paid. */
  readonly paidMinor: bigint | null;
  /** ISO 4217. */
  readonly currency: string;
  readonly changedAt: Date;
  /** Grows with every change. */
  readonly version: number;
}

/** OVERDUE are those of OPEN that stay longer than they said; DUE are those of ENDED that are not paid. */
export type SessionStatus = 'OPEN' | 'OVERDUE' | 'ENDED' | 'DUE';

/** The narrowest that holds of a stay now. */
export function statusAt(
  session: Pick<ParkingSession, 'until' | 'endedAt' | 'chargeMinor' | 'paidMinor'>,
  now: Date,
): SessionStatus {
  if (session.endedAt === null) return session.until <= now ? 'OVERDUE' : 'OPEN';
  return (dueOf(session) ?? 0n) > 0n ? 'DUE' : 'ENDED';
}

/** What is still to be paid; null while the stay lasts. In minor units. */
export const dueOf = ({
  chargeMinor,
  paidMinor,
}: Pick<ParkingSession, 'chargeMinor' | 'paidMinor'>): bigint | null =>
  chargeMinor === null || paidMinor === null ? null : chargeMinor - paidMinor;
