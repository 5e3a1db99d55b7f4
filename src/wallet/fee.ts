import type { DomainError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { CurrencyMismatchError, errorOf, InsufficientFundsError } from './errors.ts';
import { isApplied, type LedgerCommand, type Outcome } from './ledger.ts';
import { applyOneToLedger, applyToLedger } from './ledger-service.ts';
import { reopenFrozen } from './wallet-service.ts';
import { findWalletsOf } from './wallet-store.ts';

/** What a person pays for something of the venue. The amount is minor units of the currency. */
export interface Fee {
  readonly venueId: string;
  readonly userId: string;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** What it is paid for, as the ledger keeps it: `booking:…`. */
  readonly reference: string;
}

type Posting = Extract<LedgerCommand, { op: 'POST' }>;

/**
 * Takes fees of one person and currency from his wallet: all are paid, or the work is to be undone. The wallet is
 * locked until the work ends: let it be the last thing.
 *
 * @throws InsufficientFundsError, WalletFrozenError
 */
export async function chargeFees(work: Work, fees: readonly Fee[]): Promise<void> {
  const [fee, ...others] = fees.filter(({ amountMinor }) => amountMinor > 0n);
  if (!fee) return;
  const walletId = await walletOf(work, fee);
  if (walletId === null) throw new InsufficientFundsError({ availableMinor: 0n, currency: fee.currency });
  const commands = [fee, ...others].map((each) => chargeOf(each, walletId));
  let paidMinor = 0n;
  for (const [at, outcome] of (await applyToLedger(work, commands)).entries()) {
    if (!isApplied(outcome)) throw withWhatWasThere(errorOf(outcome, 'wallet'), paidMinor);
    paidMinor += commands[at]?.amountMinor ?? 0n;
  }
}

/**
 * Takes of a fee what is there, nothing from a wallet that is frozen, closed or missing. Answers of what was paid.
 * The wallet is locked until the work ends: let it be the last thing.
 */
export async function chargeWhatIsThere(work: Work, fee: Fee): Promise<bigint> {
  if (fee.amountMinor <= 0n) return 0n;
  const walletId = await walletOf(work, fee);
  if (walletId === null) return 0n;
  const outcome = await applyOneToLedger(work, chargeOf(fee, walletId));
  if (isApplied(outcome)) return fee.amountMinor;
  const amountMinor = availableOf(outcome);
  if (amountMinor <= 0n) return 0n;
  // Nobody has taken of it since: the wallet is locked.
  const rest = await applyOneToLedger(work, chargeOf({ ...fee, amountMinor }, walletId));
  if (!isApplied(rest)) throw errorOf(rest, 'wallet');
  return amountMinor;
}

/**
 * Gives back of a fee, to a frozen wallet too. One that is closed is there again for it, but frozen: the money is its
 * owner's, and whoever closed it says how he gets it.
 *
 * @throws ValidationError when the wallet is closed because its owner is gone
 */
export async function giveBackFee(work: Work, fee: Fee): Promise<void> {
  if (fee.amountMinor <= 0n) return;
  const walletId = await walletOf(work, fee);
  if (walletId === null) throw new CurrencyMismatchError();
  const way = { kind: 'REFUND', from: { house: 'FEES' }, to: { walletId }, forced: true } as const;
  const giveBack = () => applyOneToLedger(work, postingOf(fee, way));
  let outcome = await giveBack();
  if (outcome.status === 'CLOSED') {
    await reopenFrozen(work, { venueId: fee.venueId, walletId });
    outcome = await giveBack();
  }
  if (!isApplied(outcome)) throw errorOf(outcome, 'wallet');
}

/** The person's wallet of this currency; null when he has none. */
export async function walletOf(
  { tx }: Work,
  { venueId, userId, currency }: Pick<Fee, 'venueId' | 'userId' | 'currency'>,
): Promise<string | null> {
  const wallets = await findWalletsOf(tx, venueId, userId);
  return wallets.find((wallet) => wallet.currency === currency)?.id ?? null;
}

/** What a refused charge can have. @throws what is no matter of the wallet's standing */
function availableOf(refused: Exclude<Outcome, { status: 'APPLIED' }>): bigint {
  if (refused.status === 'FROZEN' || refused.status === 'CLOSED') return 0n;
  if (refused.status === 'INSUFFICIENT_FUNDS') return refused.available?.availableMinor ?? 0n;
  throw errorOf(refused, 'wallet');
}

/** What is paid already of what is undone is there to be spent. */
const withWhatWasThere = (error: DomainError, paidMinor: bigint): DomainError =>
  error instanceof InsufficientFundsError
    ? new InsufficientFundsError({
        availableMinor: error.availableMinor + paidMinor,
        currency: error.currency,
      })
    : error;

const chargeOf = (fee: Fee, walletId: string): Posting =>
  postingOf(fee, { kind: 'FEE', from: { walletId }, to: { house: 'FEES' }, forced: false });

const postingOf = (
  { venueId, userId, amountMinor, currency, reference }: Fee,
  way: Pick<Posting, 'kind' | 'from' | 'to' | 'forced'>,
): Posting => ({
  op: 'POST',
  id: newId(),
  venueId,
  ...way,
  ownerId: way.kind === 'FEE' ? userId : null,
  amountMinor,
  currency,
  effectiveAt: null,
  reason: null,
  reference,
  idempotency: null,
  author: null,
});
