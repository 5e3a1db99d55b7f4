import { AccountHasMoneyError } from '../auth/errors.ts';
import { findUser } from '../auth/user-store.ts';
import { isOwn, type Rights } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isMoney } from '../lib/money.ts';
import { parseReason } from '../lib/reason.ts';
import type { Read, Work } from '../work.ts';
import { TransferUnderWayError } from './errors.ts';
import { canPostToWallets, canSeeWallet, canSeeWallets } from './policy.ts';
import type { Wallet, WalletStatus } from './wallet.ts';
import {
  findWalletsByIds,
  findWalletsOf,
  insertWallet,
  lockWallet,
  lockWalletsOf,
  saveStatus,
} from './wallet-store.ts';

/** Those of these wallets that somebody may see. */
export async function findVisibleWallets(
  { db, viewer }: Pick<Read, 'db'> & { readonly viewer: Rights },
  venueId: string,
  ids: readonly string[],
): Promise<readonly Wallet[]> {
  const wallets = await findWalletsByIds(db, venueId, ids);
  return wallets.filter((wallet) => canSeeWallet(viewer, wallet));
}

/**
 * Opens a wallet, or gives the one that is there: a user has one in each currency. His own anybody opens;
 * another's, whoever may post to it.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError
 */
export async function openWallet(
  work: Work,
  { venueId, userId, currency }: Pick<Wallet, 'venueId' | 'userId' | 'currency'>,
): Promise<Wallet> {
  const { actor, tx } = work;
  if (!isOwn(actor, { venueId, userId }) && !canPostToWallets(actor, venueId)) {
    if (canSeeWallets(actor, venueId)) throw new NotOwnerError('open wallets for others');
    throw new NotFoundError('user');
  }
  if (!(await findUser(tx, { userId, venueId, isGuestToo: false }))) throw new NotFoundError('user');
  if (!isMoney(currency)) throw new ValidationError(`${currency} is no money.`, { field: 'currency' });
  const opened = await insertWallet(tx, { id: newId(), venueId, userId, currency }, work.now);
  if (opened !== null) work.emit({ type: 'wallet.opened', venueId, walletId: opened, userId, currency });
  const wallet = (await findWalletsOf(tx, venueId, userId)).find((each) => each.currency === currency);
  if (!wallet) throw new Error(`the wallet of user ${userId} in ${currency} is gone`);
  return wallet;
}

export interface StatusChange {
  readonly venueId: string;
  readonly walletId: string;
  readonly status: WalletStatus;
  readonly reason: string;
  readonly expectedVersion: bigint | null;
}

/**
 * Freezes a wallet, closes one that is empty, or lets it be used again.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, VersionConflictError
 */
export async function setWalletStatus(
  work: Work,
  { venueId, walletId, status, reason, expectedVersion }: StatusChange,
): Promise<Wallet> {
  const wallet = await lockWallet(work.tx, venueId, walletId);
  if (!wallet || !canSeeWallet(work.actor, wallet)) throw new NotFoundError('wallet');
  if (!canPostToWallets(work.actor, venueId)) throw new NotOwnerError('freeze wallets');
  if (expectedVersion !== null && expectedVersion !== wallet.version)
    throw new VersionConflictError(Number(wallet.version));
  const why = parseReason(reason);
  if (wallet.status === status) return wallet;
  if (status === 'CLOSED' && (wallet.postedMinor !== 0n || wallet.heldMinor !== 0n))
    throw new ValidationError('Only an empty wallet can be closed.');

  return await changeStatus(work, wallet, { status, reason: why });
}

/**
 * Closes what somebody has, at every venue, because his account goes.
 *
 * @throws AccountHasMoneyError where one of his wallets has money, or money is on its way to or from it
 */
export async function closeWalletsOf(work: Work, userId: string): Promise<void> {
  const change = { status: 'CLOSED', reason: 'The account was deleted.' } as const;
  for (const wallet of await lockWalletsOf(work.tx, userId)) {
    if (wallet.postedMinor !== 0n) throw new AccountHasMoneyError();
    if (wallet.status !== 'CLOSED')
      await changeStatus(work, wallet, change).catch((error: unknown) => {
        throw error instanceof TransferUnderWayError ? new AccountHasMoneyError({ cause: error }) : error;
      });
  }
}

/**
 * Has a closed wallet take money that is its owner's, and give none away. The ledger has found it closed in this work.
 *
 * @throws ValidationError when its owner is gone
 */
export async function reopenFrozen(
  work: Work,
  { venueId, walletId }: Pick<StatusChange, 'venueId' | 'walletId'>,
): Promise<void> {
  const wallet = await lockWallet(work.tx, venueId, walletId);
  if (wallet?.status === 'CLOSED')
    await changeStatus(work, wallet, { status: 'FROZEN', reason: 'A refund was owed to its owner.' });
}

async function changeStatus(
  work: Work,
  wallet: Wallet,
  { status, reason }: Pick<StatusChange, 'status' | 'reason'>,
): Promise<Wallet> {
  const changed: Wallet = { ...wallet, status, version: wallet.version + 1n };
  await saveStatus(work.tx, changed, work.now);
  const { id: walletId, venueId, userId } = changed;
  const version = changed.version.toString();
  work.emit({ type: 'wallet.status-changed', venueId, walletId, userId, status, reason, version });
  return changed;
}
