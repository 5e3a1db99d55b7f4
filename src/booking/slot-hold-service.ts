import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { refuseOverLimit } from './booking-limit-service.ts';
import { refuseUnlessBooker } from './booking-service.ts';
import { deleteClaimOf } from './claim-store.ts';
import { announceExpired, claimSlot } from './claiming.ts';
import { deleteSomeExpiredClaims, readNextExpiryMs } from './expired-claim-store.ts';
import { offerAllFreed, offerFreed } from './freed-time.ts';
import { freeSetAside, setAside } from './payment.ts';
import { lockPerson } from './person-lock.ts';
import { canBookFor, canSeeBooking } from './policy.ts';
import { HOLD_SECONDS, MAX_HOLDS, type SlotHold, stateAt } from './slot-hold.ts';
import {
  countLiveHolds,
  endSlotHold,
  insertSlotHold,
  lockSlotHold,
  saveWalletHold,
} from './slot-hold-store.ts';
import { getSlot, refuseUnlessBookable, type WantedSlot } from './slot-service.ts';
import { snapshotOfHold } from './snapshots.ts';

export interface HoldSlot {
  readonly venueId: string;
  readonly userId: string;
  readonly slot: WantedSlot;
  readonly expiresInSeconds: number;
  /** Whether the price is set aside too. */
  readonly holdsPrice: boolean;
}

/**
 * Keeps a slot for somebody for a while, and its price where he says so.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, SlotUnavailableError, BookingLimitError, InsufficientFundsError,
 * WalletFrozenError
 */
export async function holdSlot(work: Work, input: HoldSlot): Promise<SlotHold> {
  const { tx, now, actor } = work;
  const { venueId, userId, expiresInSeconds } = input;
  if (expiresInSeconds < HOLD_SECONDS.min || expiresInSeconds > HOLD_SECONDS.max)
    throw new ValidationError(`A slot is held ${HOLD_SECONDS.min} to ${HOLD_SECONDS.max} seconds.`, {
      field: 'expiresInSeconds',
    });
  await refuseUnlessBooker(work, { venueId, userId });
  const slot = await getSlot(tx, venueId, input.slot);
  refuseUnlessBookable(slot, now);
  await lockPerson(tx, { venueId, userId });
  if ((await countLiveHolds(tx, { venueId, userId, now })) >= MAX_HOLDS)
    throw new ValidationError(`One can hold ${MAX_HOLDS} slots at a time. Book or release one.`);

  const { resource, time } = slot;
  await refuseOverLimit(work, {
    venueId,
    userId,
    startsAt: [time.startsAt],
    timeZone: resource.timeZone,
  });
  const { priceMinor, currency } = resource;
  const hold: SlotHold = {
    id: newId(),
    venueId,
    resourceId: resource.id,
    userId,
    startsAt: time.startsAt,
    endsAt: time.endsAt,
    state: 'PLACED',
    placedAt: now,
    // Not beyond its slot, which nobody can book when it is over.
    expiresAt: new Date(Math.min(now.getTime() + expiresInSeconds * 1_000, time.endsAt.getTime())),
    endedAt: null,
    bookingId: null,
    priceMinor,
    currency,
    walletHoldId: null,
  };
  await insertSlotHold(tx, hold, actor);
  await claimSlot(work, slot, {
    id: newId(),
    kind: 'HOLD',
    userId,
    bookingId: null,
    holdId: hold.id,
    expiresAt: hold.expiresAt,
  });
  work.emit({ type: 'booking.slot-held', venueId, ...snapshotOfHold(hold) });
  if (!input.holdsPrice || priceMinor === 0n) return hold;
  const price = { venueId, userId, amountMinor: priceMinor, currency };
  const lastsMs = hold.expiresAt.getTime() - now.getTime();
  const backed: SlotHold = { ...hold, walletHoldId: await setAside(work, price, lastsMs) };
  await saveWalletHold(tx, backed);
  return backed;
}

/**
 * Lets go what is held. One that has ended already stays as it is.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function releaseSlotHold(
  work: Work,
  { venueId, holdId }: { readonly venueId: string; readonly holdId: string },
): Promise<SlotHold> {
  const { tx, now, actor } = work;
  const hold = await lockSlotHold(tx, venueId, holdId);
  if (!hold || !canSeeBooking(actor, hold)) throw new NotFoundError('slot hold');
  if (!canBookFor(actor, hold)) throw new NotOwnerError('release what others hold');
  if (stateAt(hold, now) !== 'PLACED') return { ...hold, state: stateAt(hold, now) };
  return await endHold(work, hold);
}

/** Lets go what is held and the work has locked, whoever asks for it. */
export async function endHold(work: Work, hold: SlotHold): Promise<SlotHold> {
  const { tx, now } = work;
  const { id: holdId, venueId } = hold;
  const released: SlotHold = { ...hold, state: 'RELEASED', endedAt: now };
  await deleteClaimOf(tx, { holdId });
  await endSlotHold(tx, released);
  work.emit({ type: 'booking.slot-hold-released', venueId, ...snapshotOfHold(released) });
  await offerFreed(work, hold);
  if (hold.walletHoldId !== null) await freeSetAside(work, venueId, hold.walletHoldId);
  return released;
}

/**
 * Takes off claims whose time is over, so many at most, tells so, and offers it to who waits. Answers in how many
 * milliseconds there may be more of them; null: not yet known.
 */
export async function expireClaims(
  work: Work,
  { limit }: { readonly limit: number },
): Promise<number | null> {
  const expired = await deleteSomeExpiredClaims(work.tx, { now: work.now, limit });
  await announceExpired(work, expired);
  await offerAllFreed(work, expired);
  return expired.length === limit ? 0 : await readNextExpiryMs(work.tx, work);
}
