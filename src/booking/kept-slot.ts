import type { Work } from '../work.ts';
import { bookKeptClaim } from './claim-store.ts';
import { freeSetAside } from './payment.ts';
import type { SlotHold } from './slot-hold.ts';
import { endSlotHold, lockHoldOn } from './slot-hold-store.ts';
import type { PlacedSlot } from './slot-service.ts';
import { snapshotOfEntry } from './snapshots.ts';
import type { WaitlistEntry } from './waitlist.ts';
import { lockOfferOn, saveEntry } from './waitlist-store.ts';

/** What keeps a slot for a person until he books it: his own hold, or the offer of a line that he stands in. */
export type KeptSlot =
  | ({ readonly keptBy: 'HOLD' } & SlotHold)
  | ({ readonly keptBy: 'OFFER' } & WaitlistEntry);

/** What keeps it for him; nobody else ends that meanwhile. */
export async function lockKeptSlot(
  { tx, now }: Work,
  { resource, time }: PlacedSlot,
  userId: string,
): Promise<KeptSlot | null> {
  const { id: resourceId, venueId } = resource;
  const his = { venueId, userId, resourceId, startsAt: time.startsAt, now };
  const held = await lockHoldOn(tx, his);
  if (held) return { keptBy: 'HOLD', ...held };
  const offered = await lockOfferOn(tx, his);
  return offered && { keptBy: 'OFFER', ...offered };
}

/**
 * Makes it what his booking claims, without its being free in between; what was set aside for it is free again. False:
 * it is kept no more.
 */
export async function takeKeptSlot(work: Work, kept: KeptSlot, bookingId: string): Promise<boolean> {
  const { tx, now } = work;
  const { id, venueId } = kept;
  const of = kept.keptBy === 'HOLD' ? { holdId: id } : { waitlistEntryId: id };
  if (!(await bookKeptClaim(tx, { of, bookingId, now }))) return false;
  if (kept.keptBy === 'HOLD') {
    await endSlotHold(tx, { id, state: 'BOOKED', endedAt: now, bookingId });
    if (kept.walletHoldId !== null) await freeSetAside(work, venueId, kept.walletHoldId);
    return true;
  }
  const { keptBy: _offer, ...entry } = kept;
  const accepted: WaitlistEntry = { ...entry, state: 'ACCEPTED', endedAt: now, bookingId };
  await saveEntry(tx, accepted);
  work.emit({ type: 'booking.offer-accepted', venueId, ...snapshotOfEntry(accepted) });
  return true;
}
