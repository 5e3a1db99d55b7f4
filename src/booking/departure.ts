import type { Work } from '../work.ts';
import { endBooking } from './booking-service.ts';
import { forgetReasonsOf, lockUpcomingOf } from './booking-store.ts';
import { deleteFeedsOf } from './calendar-feed-store.ts';
import { endHold } from './slot-hold-service.ts';
import { lockHoldsOf } from './slot-hold-store.ts';
import { endEntry } from './waitlist-service.ts';
import { lockLiveEntriesOf } from './waitlist-store.ts';

/**
 * Gives back what somebody has booked who deletes his account, and what is held for or offered to him; what has begun
 * stays, without what he wrote about it. He waits for nothing any more, and his calendars read no more. What
 * is refunded keeps the account, as any other money does.
 */
export async function giveBackSlots(work: Work, userId: string): Promise<void> {
  for (const entry of await lockLiveEntriesOf(work.tx, userId)) await endEntry(work, entry, 'LEFT');
  const of = { userId, now: work.now };
  await forgetReasonsOf(work.tx, userId);
  await deleteFeedsOf(work.tx, userId);
  for (const hold of await lockHoldsOf(work.tx, of)) await endHold(work, hold);
  for (const booking of await lockUpcomingOf(work.tx, of))
    await endBooking(work, booking, { reason: 'account deleted', refund: 'RULE' });
}
