import type { Actor } from '../lib/actor.ts';

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
  /** What of that was paid, from the wallet or at the desk. */
  readonly paidMinor: bigint | null;
  /** How what no wallet paid was settled; null: it was not, or nothing was due. */
  readonly settlement: Settlement | null;
  /** ISO 4217. */
  readonly currency: string;
  readonly changedAt: Date;
  /** Grows with every change. */
  readonly version: number;
}

/** So many cars one person parks at a time himself, unless the installation says otherwise. */
export const MOST_OPEN_STAYS = 20;

/** What somebody of the venue did about all that was due of a stay, once. */
export interface Settlement {
  /** What was due, in minor units of the currency of the stay. */
  readonly amountMinor: bigint;
  readonly how: SettlementWay;
  readonly at: Date;
  readonly by: { readonly kind: Actor['kind']; readonly id: string | null };
  /** In his words; there is one where it was waived. */
  readonly note: string | null;
}

/** What was taken counts as paid. What is waived the venue does without. */
export type SettlementWay = 'CASH' | 'CARD' | 'WAIVED';

/** OVERDUE are those of OPEN that stay longer than they said; DUE are those of ENDED that are not paid. */
export type SessionStatus = 'OPEN' | 'OVERDUE' | 'ENDED' | 'DUE';

/** The narrowest that holds of a stay now. */
export function statusAt(
  session: Pick<ParkingSession, 'until' | 'endedAt' | 'chargeMinor' | 'paidMinor' | 'settlement'>,
  now: Date,
): SessionStatus {
  if (session.endedAt === null) return session.until <= now ? 'OVERDUE' : 'OPEN';
  return (dueOf(session) ?? 0n) > 0n ? 'DUE' : 'ENDED';
}

/** What is still to be paid; null while the stay lasts. In minor units. */
export const dueOf = ({
  chargeMinor,
  paidMinor,
  settlement,
}: Pick<ParkingSession, 'chargeMinor' | 'paidMinor' | 'settlement'>): bigint | null => {
  if (chargeMinor === null || paidMinor === null) return null;
  return settlement ? 0n : chargeMinor - paidMinor;
};
