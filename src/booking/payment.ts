import { newId } from '../lib/ids.ts';
import { errorOf, InsufficientFundsError } from '../wallet/errors.ts';
import { chargeFees, type Fee, giveBackFee, walletOf } from '../wallet/fee.ts';
import { isApplied, type LedgerCommand } from '../wallet/ledger.ts';
import { applyOneToLedger } from '../wallet/ledger-service.ts';
import { OF_BOOKING } from '../wallet/transaction.ts';
import type { Work } from '../work.ts';

/** What is paid for a booking, by whom. Amounts are minor units of the currency. */
export interface Price {
  readonly venueId: string;
  readonly userId: string;
  readonly bookingId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

/**
 * Takes a price from the person's wallet. The wallet is locked until the work ends: let it be the last thing.
 *
 * @throws InsufficientFundsError, WalletFrozenError
 */
export const charge = (work: Work, price: Price): Promise<void> => chargeAll(work, [price]);

/**
 * The same for several bookings of one person and currency: all are paid, or the work is undone.
 *
 * @throws InsufficientFundsError, WalletFrozenError
 */
export const chargeAll = (work: Work, prices: readonly Price[]): Promise<void> =>
  chargeFees(work, prices.map(feeOf));

/**
 * Gives back of a price, to a frozen wallet too; one that is closed is there again for it, frozen.
 *
 * @throws ValidationError when the wallet is closed because its owner is gone
 */
export const refund = (work: Work, price: Price): Promise<void> => giveBackFee(work, feeOf(price));

/**
 * Sets a price aside as long as a slot is held. Answers of the hold.
 *
 * @throws InsufficientFundsError, WalletFrozenError
 */
export async function setAside(
  work: Work,
  price: Omit<Price, 'bookingId'>,
  lastsMs: number,
): Promise<string> {
  const { venueId, userId, amountMinor, currency } = price;
  const walletId = await walletOf(work, price);
  if (walletId === null) throw new InsufficientFundsError({ availableMinor: 0n, currency });
  const id = newId();
  await apply(work, {
    op: 'HOLD',
    id,
    venueId,
    purpose: 'BOOKING',
    walletId,
    ownerId: userId,
    amountMinor,
    currency,
    expiresInSeconds: lastsMs / 1_000,
    reason: null,
    idempotency: null,
    author: null,
  });
  return id;
}

/** Takes what was set aside. @throws HoldEndedError, WalletFrozenError */
export async function takeSetAside(
  work: Work,
  { venueId, userId, bookingId, currency }: Omit<Price, 'amountMinor'>,
  walletHoldId: string,
): Promise<void> {
  await apply(work, {
    op: 'CAPTURE',
    id: newId(),
    venueId,
    holdId: walletHoldId,
    purpose: 'BOOKING',
    kind: 'FEE',
    to: { house: 'FEES' },
    ownerId: userId,
    amountMinor: null,
    currency,
    forced: false,
    reason: null,
    reference: referenceOf(bookingId),
    idempotency: null,
    author: null,
  });
}

/** Frees what was set aside; what is free already stays so. */
export async function freeSetAside(work: Work, venueId: string, walletHoldId: string): Promise<void> {
  const outcome = await applyOneToLedger(work, {
    op: 'VOID',
    venueId,
    holdId: walletHoldId,
    purpose: 'BOOKING',
    ownerId: null,
    idempotency: null,
    author: null,
  });
  if (!isApplied(outcome) && !outcome.status.startsWith('HOLD_')) throw errorOf(outcome, 'hold');
}

async function apply(work: Work, command: LedgerCommand): Promise<void> {
  const outcome = await applyOneToLedger(work, command);
  if (!isApplied(outcome)) throw errorOf(outcome, 'wallet');
}

const feeOf = ({ bookingId, ...price }: Price): Fee => ({ ...price, reference: referenceOf(bookingId) });

const referenceOf = (bookingId: string) => `${OF_BOOKING}${bookingId}`;
