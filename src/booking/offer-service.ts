import { ValidationError } from '../lib/errors.ts';
import { HoldEndedError } from '../wallet/errors.ts';
import type { Work } from '../work.ts';
import type { Booking } from './booking.ts';
import { refuseOverLimit } from './booking-limit-service.ts';
import { getResource, newBooking, priceOf } from './booking-service.ts';
import { insertBooking } from './booking-store.ts';
import { takeKeptSlot } from './kept-slot.ts';
import { charge } from './payment.ts';
import { refuseClosed } from './slot-service.ts';
import { snapshotOfBooking } from './snapshots.ts';
import { entryStateAt, type WaitlistEntry, type WaitlistState } from './waitlist.ts';
import { endEntry, getOwnEntry } from './waitlist-service.ts';

export interface AnswerOffer {
  readonly venueId: string;
  readonly entryId: string;
}

/**
 * Books what is offered, at what it costs now, without its being free in between. Refused for want of money, or over a
 * limit, it stays offered.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError when nothing is offered yet, HoldEndedError,
 * SlotUnavailableError where the resource is closed by now, BookingLimitError, InsufficientFundsError, WalletFrozenError
 */
export async function acceptOffer(work: Work, { venueId, entryId }: AnswerOffer): Promise<Booking> {
  const { tx, now, actor } = work;
  const entry = await getOfferedEntry(work, { venueId, entryId });
  const { userId, startsAt } = entry;
  const resource = await getResource(work, entry);
  refuseClosed(resource);
  await refuseOverLimit(work, { venueId, userId, startsAt: [startsAt], timeZone: resource.timeZone });
  const booking = newBooking({ resource, time: entry }, userId, now);
  await insertBooking(tx, booking, actor);
  if (!(await takeKeptSlot(work, { keptBy: 'OFFER', ...entry }, booking.id)))
    throw new HoldEndedError('EXPIRED');
  work.emit({ type: 'booking.placed', venueId, ...snapshotOfBooking(booking) });
  await charge(work, priceOf(booking));
  return booking;
}

/**
 * Passes on what is offered, to the next in line.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError when nothing is offered yet, HoldEndedError
 */
export async function declineOffer(work: Work, answer: AnswerOffer): Promise<WaitlistEntry> {
  return await endEntry(work, await getOfferedEntry(work, answer), 'DECLINED');
}

async function getOfferedEntry(work: Work, { venueId, entryId }: AnswerOffer): Promise<WaitlistEntry> {
  const entry = await getOwnEntry(work, venueId, entryId);
  const state = entryStateAt(entry, work.now);
  if (state !== 'OFFERED') throw offeredNoMore(state);
  return entry;
}

function offeredNoMore(state: WaitlistState): HoldEndedError | ValidationError {
  if (state === 'WAITING') return new ValidationError('Nothing is offered yet.');
  if (state === 'ACCEPTED') return new HoldEndedError('CAPTURED');
  return new HoldEndedError(state === 'DECLINED' || state === 'LEFT' ? 'VOIDED' : 'EXPIRED');
}
