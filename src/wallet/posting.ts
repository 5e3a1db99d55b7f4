import { ValidationError } from '../lib/errors.ts';
import type { HouseAccount, Party, Post } from './ledger.ts';

/** What is posted to one wallet at a time, and by hand. */
export type PostingKind = 'DEPOSIT' | 'WITHDRAWAL' | 'BET' | 'WIN' | 'BONUS' | 'FEE' | 'ADJUSTMENT';

/** Whether a wallet has more or less afterwards. */
export type PostingDirection = 'CREDIT' | 'DEBIT';

/** Where the other half of each kind is counted, and what it does to the wallet; null: it has to be said. */
const BOOKED: Readonly<Record<PostingKind, { house: HouseAccount; direction: PostingDirection | null }>> = {
  DEPOSIT: { house: 'CASH', direction: 'CREDIT' },
  WITHDRAWAL: { house: 'CASH', direction: 'DEBIT' },
  BET: { house: 'BETS', direction: 'DEBIT' },
  WIN: { house: 'WINS', direction: 'CREDIT' },
  BONUS: { house: 'BONUSES', direction: 'CREDIT' },
  FEE: { house: 'FEES', direction: 'DEBIT' },
  ADJUSTMENT: { house: 'SUSPENSE', direction: null },
};

/** The account where what a captured hold pays for is counted. */
export const houseOf = (kind: PostingKind): HouseAccount => BOOKED[kind].house;

/**
 * Between which accounts a posting of this kind moves money.
 *
 * @throws ValidationError for an adjustment without a direction, and for another direction than the kind has
 */
export function partiesOf(
  kind: PostingKind,
  walletId: string,
  said: PostingDirection | null,
): Pick<Post, 'from' | 'to'> {
  const { house, direction: own } = BOOKED[kind];
  if (own && said && said !== own)
    throw new ValidationError(`A ${kind} is always a ${own}.`, { field: 'direction' });
  const direction = own ?? said;
  if (!direction) throw new ValidationError('An ADJUSTMENT takes a direction.', { field: 'direction' });
  const [wallet, other]: [Party, Party] = [{ walletId }, { house }];
  return direction === 'CREDIT' ? { from: other, to: wallet } : { from: wallet, to: other };
}

const MAX_BACKDATING_MS = 366 * 86_400_000;
/** Clocks of callers are not ours. */
const CLOCK_TOLERANCE_MS = 5_000;

/**
 * From when something counts: at most a year ago, and not from later than now on.
 *
 * @throws ValidationError
 */
export function parseEffectiveAt(at: Date | null, now: Date): Date | null {
  if (at === null) return null;
  const ageMs = now.getTime() - at.getTime();
  if (ageMs < -CLOCK_TOLERANCE_MS || ageMs > MAX_BACKDATING_MS)
    throw new ValidationError('effectiveAt lies in the past, at most 366 days ago.', {
      field: 'effectiveAt',
    });
  return at;
}
