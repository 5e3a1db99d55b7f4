import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import type { Wallet } from './wallet.ts';
import { findWalletsOf, insertWallet } from './wallet-store.ts';

/** Opens a wallet, or gives the one that is there: a user has one in each currency. */
export async function openWallet(
  work: Work,
  { venueId, userId, currency }: Pick<Wallet, 'venueId' | 'userId' | 'currency'>,
): Promise<Wallet> {
  const opened = await insertWallet(work.tx, { id: newId(), venueId, userId, currency }, work.now);
  if (opened !== null) work.emit({ type: 'wallet.opened', venueId, walletId: opened, userId, currency });
  const wallets = await findWalletsOf(work.tx, venueId, userId);
  const wallet = wallets.find((each) => each.currency === currency);
  if (!wallet) throw new Error(`the wallet of user ${userId} in ${currency} is gone`);
  return wallet;
}
