import type { Work } from '../work.ts';
import { claimSeat, claimWhole, type NewClaim } from './claim-store.ts';
import { SlotUnavailableError } from './errors.ts';
import { deleteExpiredClaims, type ExpiredClaim } from './expired-claim-store.ts';
import { offerAllFreed } from './freed-time.ts';
import { expireSlotHolds } from './slot-hold-store.ts';
import { listAlternatives, type PlacedSlot } from './slot-service.ts';
import { snapshotOfEntry, snapshotOfHold } from './snapshots.ts';
import { expireEntries } from './waitlist-store.ts';

type Claiming = Pick<NewClaim, 'id' | 'kind' | 'userId' | 'bookingId' | 'holdId' | 'expiresAt'>;

/**
 * Claims a slot that nobody waits for. Claims on it whose time is over are taken off first, and announced; what they
 * leave to who waits, the job gives him.
 *
 * @throws SlotUnavailableError
 */
export async function claimSlot(work: Work, slot: PlacedSlot, claiming: Claiming): Promise<void> {
  if (await tryClaimSlot(work, slot, claiming)) return;
  throw new SlotUnavailableError('The slot is taken.', await listAlternatives(work.tx, slot, work.now));
}

/** The same; answers whether it could be had. */
export async function tryClaimSlot(work: Work, slot: PlacedSlot, claiming: Claiming): Promise<boolean> {
  const claim = { ...claiming, ...placeOf(slot), createdAt: work.now, createdBy: work.actor };
  await announceExpired(
    work,
    await deleteExpiredClaims(work.tx, claim, { now: work.now, evenAwaited: false }),
  );
  return await claimSeat(work.tx, claim, slot.resource.capacity);
}

/** Claims all of a time for the venue itself. @throws SlotUnavailableError when some of it is claimed */
export async function claimBlock(
  work: Work,
  block: Pick<NewClaim, 'id' | 'venueId' | 'resourceId' | 'startsAt' | 'endsAt'> & {
    readonly reason: string | null;
  },
): Promise<void> {
  const expired = await deleteExpiredClaims(work.tx, block, { now: work.now, evenAwaited: true });
  await announceExpired(work, expired);
  const isClaimed = await claimWhole(work.tx, {
    ...block,
    kind: 'BLOCK',
    userId: null,
    bookingId: null,
    holdId: null,
    expiresAt: null,
    createdAt: work.now,
    createdBy: work.actor,
  });
  if (!isClaimed)
    throw new SlotUnavailableError('Some of this time is booked, held or blocked. Cancel that first.');
  // What of their time the block leaves.
  await offerAllFreed(work, expired);
}

/** Notes and tells that claims are over which were taken off. */
export async function announceExpired(work: Work, claims: readonly ExpiredClaim[]): Promise<void> {
  const holdIds = claims.flatMap(({ holdId }) => holdId ?? []);
  for (const hold of await expireSlotHolds(work.tx, holdIds, work.now))
    work.emit({ type: 'booking.slot-hold-expired', venueId: hold.venueId, ...snapshotOfHold(hold) });
  const entryIds = claims.flatMap(({ waitlistEntryId }) => waitlistEntryId ?? []);
  for (const entry of await expireEntries(work.tx, entryIds, work.now))
    work.emit({ type: 'booking.offer-expired', venueId: entry.venueId, ...snapshotOfEntry(entry) });
}

const placeOf = ({ resource, time }: PlacedSlot) => ({
  venueId: resource.venueId,
  resourceId: resource.id,
  startsAt: time.startsAt,
  endsAt: time.endsAt,
});
