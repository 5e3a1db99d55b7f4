import type { DomainError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { CurrencyMismatchError, errorOf, InsufficientFundsError } from '../wallet/errors.ts';
import { isApplied, type LedgerCommand } from '../wallet/ledger.ts';
import { applyOneToLedger, applyToLedger } from '../wallet/ledger-service.ts';
import { findWalletsOf } from '../wallet/wallet-store.ts';
import type { Work } from '../work.ts';

/** What is paid for a booking, by whom. Amounts are minor units of the currency. */
export interface Price {
  readonly venueId: string;
  readonly userId: string;
  readonly bookingId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
}

type Posting = Extract<LedgerCommand, { op: 'POST' }>;

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
export async function chargeAll(work: Work, prices: readonly Price[]): Promise<void> {
  const [price, ...others] = prices.filter(({ amountMinor }) => amountMinor > 0n);
  if (!price) return;
  const walletId = await walletOf(work, price);
  if (walletId === null) throw new InsufficientFundsError({ availableMinor: 0n, currency: price.currency });
  const way = { kind: 'FEE', from: { walletId }, to: { house: 'FEES' }, forced: false } as const;
  const commands = [price, ...others].map((each) => postingOf(each, way));
  let paidMinor = 0n;
  for (const [at, outcome] of (await applyToLedger(work, commands)).entries()) {
    if (!isApplied(outcome)) throw withWhatWasThere(errorOf(outcome, 'wallet'), paidMinor);
    paidMinor += commands[at]?.amountMinor ?? 0n;
  }
}

/** What is paid already of what is undone is there to be spent. */
const withWhatWasThere = (error: DomainError, paidMinor: bigint): DomainError =>
  error instanceof InsufficientFundsError
    ? new InsufficientFundsError({
        availableMinor: error.availableMinor + paidMinor,
        currency: error.currency,
      })
    : error;

/**
 * Gives back of a price, to a frozen wallet too.
 *
 * @throws WalletFrozenError when the wallet is closed
 */
export async function refund(work: Work, price: Price): Promise<void> {
  if (price.amountMinor <= 0n) return;
  const walletId = await walletOf(work, price);
  if (walletId === null) throw new CurrencyMismatchError();
  const way = { kind: 'REFUND', from: { house: 'FEES' }, to: { walletId }, forced: true } as const;
  await apply(work, postingOf(price, way));
}

/**
 * Sets a price aside as long as a slot is held. Answers of the hold.
 *
 * @throws InsufficientFundsError, WalletFrozenError
 */
export async function setAside(
  work: Work,
  price: Omit<Price, 'bookingId'>,
  expiresInSeconds: number,
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
    expiresInSeconds,
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

function postingOf(
  { venueId, userId, bookingId, amountMinor, currency }: Price,
  way: Pick<Posting, 'kind' | 'from' | 'to' | 'forced'>,
): Posting {
  return {
    op: 'POST',
    id: newId(),
    venueId,
    ...way,
    ownerId: way.kind === 'FEE' ? userId : null,
    amountMinor,
    currency,
    effectiveAt: null,
    reason: null,
    reference: referenceOf(bookingId),
    idempotency: null,
    author: null,
  };
}

async function apply(work: Work, command: LedgerCommand): Promise<void> {
  const outcome = await applyOneToLedger(work, command);
  if (!isApplied(outcome)) throw errorOf(outcome, 'wallet');
}

async function walletOf(
  { tx }: Work,
  { venueId, userId, currency }: Pick<Price, 'venueId' | 'userId' | 'currency'>,
): Promise<string | null> {
  const wallets = await findWalletsOf(tx, venueId, userId);
  return wallets.find((wallet) => wallet.currency === currency)?.id ?? null;
}

const referenceOf = (bookingId: string) => `booking:${bookingId}`;
