import { PermissionDeniedError } from '../lib/errors.ts';
import type { Read } from '../work.ts';
import { countLedger, findLedgerFaults } from './ledger-check-store.ts';
import { canSeeWallets } from './policy.ts';

/** What can be wrong with the books; constraints keep each of them from happening. */
export type LedgerFaultKind = 'UNBALANCED' | 'BROKEN_CHAIN' | 'WRONG_BALANCE' | 'WRONG_HOLDS' | 'OVERDRAWN';

export interface LedgerFault {
  readonly kind: LedgerFaultKind;
  /** Null for a transaction that does not add up. */
  readonly accountId: string | null;
  readonly transactionId: string | null;
  readonly expectedMinor: bigint;
  readonly foundMinor: bigint;
}

export interface LedgerCheck {
  readonly accounts: number;
  readonly entries: bigint;
  /** The first hundred. */
  readonly faults: readonly LedgerFault[];
  readonly checkedAt: Date;
}

const MAX_FAULTS = 100;

/**
 * Adds up all books of a venue: every transaction, every chain of entries, every balance, every hold. Takes
 * about a second for each million entries.
 *
 * @throws PermissionDeniedError
 */
export async function checkLedger({ db, actor, now }: Read, venueId: string): Promise<LedgerCheck> {
  if (!canSeeWallets(actor, venueId)) throw new PermissionDeniedError('check the books');
  return await db
    .transaction()
    .setIsolationLevel('repeatable read')
    .setAccessMode('read only')
    .execute(async (tx) => ({
      ...(await countLedger(tx, venueId)),
      faults: await findLedgerFaults(tx, venueId, MAX_FAULTS),
      checkedAt: now,
    }));
}
