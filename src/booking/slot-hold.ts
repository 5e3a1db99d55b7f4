/** PLACED: it claims its slot until it expires. BOOKED: it became a booking. */
export type SlotHoldState = 'PLACED' | 'BOOKED' | 'RELEASED' | 'EXPIRED';

/** A slot kept for somebody while he makes up his mind. */
export interface SlotHold {
  readonly id: string;
  readonly venueId: string;
  readonly resourceId: string;
  readonly userId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly state: SlotHoldState;
  readonly placedAt: Date;
  readonly expiresAt: Date;
  readonly endedAt: Date | null;
  readonly bookingId: string | null;
  /** What it will cost, in minor units of the currency. */
  readonly priceMinor: bigint;
  readonly currency: string;
  /** The money that is set aside for it. */
  readonly walletHoldId: string | null;
}

/** How long one lasts, in seconds. */
export const HOLD_SECONDS = { min: 10, usual: 120, max: 900 } as const;

/** So many can somebody have at a time, or he could keep everybody else from a whole day. */
export const MAX_HOLDS = 5;

/** As it stands now: one whose time is over claims nothing, whether or not somebody noted it. */
export const stateAt = ({ state, expiresAt }: SlotHold, now: Date): SlotHoldState =>
  state === 'PLACED' && expiresAt <= now ? 'EXPIRED' : state;
