import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { refuseUnlessBooker } from './booking-service.ts';
import { deleteClaimOf, listClaims } from './claim-store.ts';
import { SlotUnavailableError } from './errors.ts';
import { lapse, offerAllFreed, offerFreed } from './freed-time.ts';
import { lockPerson } from './person-lock.ts';
import { canBookFor, canSeeBooking } from './policy.ts';
import { type Claim, slotOf } from './slot.ts';
import { getSlot, type PlacedSlot, refuseUnlessBookable, type WantedSlot } from './slot-service.ts';
import { snapshotOfEntry } from './snapshots.ts';
import { entryStateAt, MAX_WAITING, type WaitlistEntry } from './waitlist.ts';
import {
  expireEntries,
  insertEntry,
  listAwaited,
  listLeftOver,
  listLiveEntries,
  lockBegunEntries,
  lockEntry,
  lockWaitlist,
  saveEntry,
} from './waitlist-store.ts';

export interface JoinWaitlist {
  readonly venueId: string;
  readonly userId: string;
  readonly slot: WantedSlot;
}

/**
 * Lines somebody up for a slot that cannot be had. Who waits for it already keeps his place.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError when it can be had and when it is his, SlotUnavailableError
 * when nobody will have it any more
 */
export async function joinWaitlist(
  work: Work,
  { venueId, userId, slot: wanted }: JoinWaitlist,
): Promise<WaitlistEntry> {
  const { tx, now, actor } = work;
  await refuseUnlessBooker(work, { venueId, userId });
  await lockPerson(tx, { venueId, userId });
  // Nothing is given back meanwhile, so that who joins is seen by whoever gives back afterwards.
  await lockWaitlist(tx, wanted.resourceId);
  const slot = await getSlot(tx, venueId, wanted);
  refuseUnlessBookable(slot, now);
  const { resource, time } = slot;
  if (time.startsAt <= now) throw new SlotUnavailableError('The slot has begun.');

  const entries = await listLiveEntries(tx, venueId, userId);
  const known = entries.find(
    ({ resourceId, startsAt }) =>
      resourceId === resource.id && startsAt.getTime() === time.startsAt.getTime(),
  );
  // An offer that is over, which nobody has noted yet, is no place in a line.
  const live = entries.filter((entry) => entryStateAt(entry, now) !== 'EXPIRED');
  if (known && live.includes(known)) return known;
  if (known) await expire(work, known);
  if (live.length >= MAX_WAITING)
    throw new ValidationError(`One can wait for ${MAX_WAITING} slots at a time. Leave one.`);
  const claims = await claimsOf(work, slot);
  if (await canBeHad(work, slot, claims)) throw new ValidationError('The slot can be had. Book it.');
  // Giving it back he would be first in the line for it, and keep everybody out.
  if (resource.capacity === 1 && claims.some((claim) => claim.userId === userId))
    throw new ValidationError('The slot is his who asks. Nobody waits for what he has.');

  const entry: WaitlistEntry = {
    id: newId(),
    venueId,
    resourceId: resource.id,
    userId,
    startsAt: time.startsAt,
    endsAt: time.endsAt,
    state: 'WAITING',
    joinedAt: now,
    offeredAt: null,
    offerExpiresAt: null,
    endedAt: null,
    bookingId: null,
  };
  await insertEntry(tx, entry, actor);
  work.emit({ type: 'booking.waitlist-joined', venueId, ...snapshotOfEntry(entry) });
  return entry;
}

/** Notes that an offer is over, which nobody else has noted yet, and passes it on. */
async function expire(work: Work, entry: WaitlistEntry): Promise<void> {
  await deleteClaimOf(work.tx, { waitlistEntryId: entry.id });
  for (const expired of await expireEntries(work.tx, [entry.id], work.now))
    work.emit({ type: 'booking.offer-expired', venueId: entry.venueId, ...snapshotOfEntry(expired) });
  await offerFreed(work, entry);
}

async function claimsOf({ tx, now }: Work, { resource, time }: PlacedSlot): Promise<readonly Claim[]> {
  const claims = await listClaims(tx, [resource.id], { from: time.startsAt, to: time.endsAt, now });
  return claims.get(resource.id) ?? [];
}

/** Whether anybody could book it now: there is room, and nobody waits for that. */
async function canBeHad(
  { tx, now }: Work,
  { resource, time }: PlacedSlot,
  claims: readonly Claim[],
): Promise<boolean> {
  const awaited = await listAwaited(tx, { resourceId: resource.id, ...time }, now);
  return awaited.length === 0 && slotOf(resource, { ...time, day: '' }, claims).free > 0;
}

/**
 * Takes somebody out of a line; what he is offered goes to the next. Who is in it no more stays as he is.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function leaveWaitlist(
  work: Work,
  { venueId, entryId }: { readonly venueId: string; readonly entryId: string },
): Promise<WaitlistEntry> {
  const entry = await getOwnEntry(work, venueId, entryId);
  const state = entryStateAt(entry, work.now);
  if (state !== 'WAITING' && state !== 'OFFERED') return { ...entry, state };
  return await endEntry(work, entry, 'LEFT');
}

/** Ends an entry that the work has locked, whoever asks for it; what it is offered goes to the next. */
export async function endEntry(
  work: Work,
  entry: WaitlistEntry,
  state: 'LEFT' | 'DECLINED',
): Promise<WaitlistEntry> {
  const ended: WaitlistEntry = { ...entry, state, endedAt: work.now };
  await saveEntry(work.tx, ended);
  const type = state === 'LEFT' ? 'booking.waitlist-left' : 'booking.offer-declined';
  work.emit({ type, venueId: entry.venueId, ...snapshotOfEntry(ended) });
  if (await deleteClaimOf(work.tx, { waitlistEntryId: entry.id })) await offerFreed(work, ended);
  return ended;
}

/**
 * An entry that the actor may change, for nobody else to change meanwhile.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function getOwnEntry(work: Work, venueId: string, entryId: string): Promise<WaitlistEntry> {
  const entry = await lockEntry(work.tx, venueId, entryId);
  if (!entry || !canSeeBooking(work.actor, entry)) throw new NotFoundError('waitlist entry');
  if (!canBookFor(work.actor, entry)) throw new NotOwnerError('answer for others who wait');
  return entry;
}

/**
 * Takes out of their lines those whose slot has begun, and offers what is free and waited for, so many of each at
 * most. Answers of how many.
 */
export async function keepWaitlists(work: Work, { limit }: { readonly limit: number }): Promise<number> {
  const begun = await lockBegunEntries(work.tx, { now: work.now, limit });
  for (const entry of begun) await lapse(work, entry);
  const leftOver = await listLeftOver(work.tx, { now: work.now, limit });
  await offerAllFreed(work, leftOver);
  return Math.max(begun.length, leftOver.length);
}
