import { scopesOf } from '../auth/scopes.ts';
import { findUser } from '../auth/user-store.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { claimSeat } from './claim-store.ts';
import type { Resource } from './resource.ts';
import { findResourcesByIds } from './resource-store.ts';
import { slotTimeAt } from './slot-times.ts';
import { snapshotOfEntry } from './snapshots.ts';
import { offerExpiryOf, type WaitlistEntry } from './waitlist.ts';
import {
  type Awaited,
  isActiveOwner,
  listAwaited,
  lockFirstInLine,
  lockWaitlist,
  saveEntry,
} from './waitlist-store.ts';

/** Time of a resource that is nobody's any more. */
export interface FreedTime extends Awaited {
  readonly venueId: string;
}

/**
 * Offers time that is free to who waits for its slots, the first in line first, and keeps it for him: in the work
 * that freed it, so that it is never anybody else's in between. Nothing happens where nobody waits.
 */
export async function offerFreed(work: Work, { venueId, ...time }: FreedTime): Promise<void> {
  const { tx, now } = work;
  await lockWaitlist(tx, time.resourceId);
  const awaited = await listAwaited(tx, time, now);
  if (awaited.length === 0) return;
  const [resource] = await findResourcesByIds(tx, venueId, [time.resourceId]);
  if (resource?.status !== 'ACTIVE') return;
  for (const slot of awaited) await offerInTurn(work, resource, slot);
}

/** The same of several times, those of one resource together, always in the same order. */
export async function offerAllFreed(work: Work, times: readonly FreedTime[]): Promise<void> {
  const ordered = times.toSorted(
    (a, b) => a.resourceId.localeCompare(b.resourceId, 'en') || a.startsAt.getTime() - b.startsAt.getTime(),
  );
  for (const { venueId, resourceId, startsAt, endsAt } of ordered)
    await offerFreed(work, { venueId, resourceId, startsAt, endsAt });
}

/** To as many as there is room for. */
async function offerInTurn(work: Work, resource: Resource, slot: Awaited): Promise<void> {
  for (;;) {
    const entry = await lockFirstInLine(work.tx, slot);
    if (!entry) return;
    if (!(await canHave(work, resource, entry))) await lapse(work, entry);
    else if (!(await offer(work, resource, entry))) return;
  }
}

/** Whether the slot is still one, and who waits may still book. */
async function canHave({ tx }: Work, resource: Resource, entry: WaitlistEntry): Promise<boolean> {
  const time = slotTimeAt(resource, entry.startsAt, resource.timeZone);
  if (time?.endsAt.getTime() !== entry.endsAt.getTime()) return false;
  const { userId, venueId } = entry;
  if (!(await isActiveOwner(tx, userId))) return false;
  const user = await findUser(tx, { userId, venueId, isGuestToo: false });
  return user !== null && [...scopesOf(user.roles), ...user.grants].includes('BOOKINGS_WRITE');
}

/** False when there is no room. */
async function offer(work: Work, resource: Resource, entry: WaitlistEntry): Promise<boolean> {
  const { tx, now, actor } = work;
  const { venueId, resourceId, userId, startsAt, endsAt } = entry;
  const expiresAt = offerExpiryOf(entry, now);
  const isKept = await claimSeat(
    tx,
    {
      id: newId(),
      venueId,
      resourceId,
      userId,
      startsAt,
      endsAt,
      kind: 'OFFER',
      waitlistEntryId: entry.id,
      bookingId: null,
      holdId: null,
      expiresAt,
      createdAt: now,
      createdBy: actor,
    },
    resource.capacity,
  );
  if (!isKept) return false;
  const offered: WaitlistEntry = { ...entry, state: 'OFFERED', offeredAt: now, offerExpiresAt: expiresAt };
  await saveEntry(tx, offered);
  work.emit({ type: 'booking.slot-offered', venueId, ...snapshotOfEntry(offered) });
  return true;
}

/** Takes somebody out of a line whose turn will not come. */
export async function lapse(work: Work, entry: WaitlistEntry): Promise<void> {
  const lapsed: WaitlistEntry = { ...entry, state: 'LAPSED', endedAt: work.now };
  await saveEntry(work.tx, lapsed);
  work.emit({ type: 'booking.waitlist-lapsed', venueId: entry.venueId, ...snapshotOfEntry(lapsed) });
}
