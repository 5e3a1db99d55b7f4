/**
 * WAITING: for its turn. OFFERED: the slot is kept for it. LEFT: by himself. LAPSED: the slot began, or is none any
 * more, or he cannot book any more.
 */
export type WaitlistState = 'WAITING' | 'OFFERED' | 'ACCEPTED' | 'DECLINED' | 'EXPIRED' | 'LEFT' | 'LAPSED';

/** Somebody's place in the line for a slot, kept when it has ended. */
export interface WaitlistEntry {
  readonly id: string;
  readonly venueId: string;
  readonly resourceId: string;
  readonly userId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly state: WaitlistState;
  readonly joinedAt: Date;
  readonly offeredAt: Date | null;
  /** From then on the offer is the next one’s. */
  readonly offerExpiresAt: Date | null;
  readonly endedAt: Date | null;
  /** What it became. */
  readonly bookingId: string | null;
}

/** For how many slots somebody can wait at a time. */
export const MAX_WAITING = 20;

/** How long an offer stands. */
export const OFFER_MINUTES = 10;

/** When an offer made now ends: never later than its slot. */
export const offerExpiryOf = ({ endsAt }: Pick<WaitlistEntry, 'endsAt'>, now: Date): Date =>
  new Date(Math.min(now.getTime() + OFFER_MINUTES * 60_000, endsAt.getTime()));

/** As it stands now: an offer whose time is over offers nothing, whether or not somebody noted it. */
export const entryStateAt = (
  { state, offerExpiresAt }: Pick<WaitlistEntry, 'state' | 'offerExpiresAt'>,
  now: Date,
): WaitlistState =>
  state === 'OFFERED' && offerExpiresAt !== null && offerExpiresAt <= now ? 'EXPIRED' : state;
