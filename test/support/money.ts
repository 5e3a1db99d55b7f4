import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { LedgerCommand, Outcome, PlaceHold, Post } from '../../src/wallet/ledger.ts';
import { applyToLedger } from '../../src/wallet/ledger-service.ts';
import type { Wallet } from '../../src/wallet/wallet.ts';
import { openWallet } from '../../src/wallet/wallet-service.ts';
import type { RunWork } from '../../src/work.ts';
import { aUser } from './builders.ts';

export const TELLER = system('teller');

/** A wallet of a PLAYER of the venue, of a new one unless a user is given. */
export async function aWallet(
  runWork: RunWork,
  {
    venueId,
    userId,
    currency = 'USD',
    balanceMinor = 0n,
  }: {
    readonly venueId: string;
    readonly userId?: string;
    readonly currency?: string;
    readonly balanceMinor?: bigint;
  },
): Promise<Wallet> {
  const owner = userId ?? (await aUser(runWork, { venueId })).id;
  const wallet = await runWork(TELLER, (work) => openWallet(work, { venueId, userId: owner, currency }));
  if (balanceMinor > 0n)
    await apply(runWork, [aDeposit({ venueId, walletId: wallet.id, amountMinor: balanceMinor, currency })]);
  return wallet;
}

/** Does what the commands say, as floorwire itself. */
export const apply = (runWork: RunWork, commands: readonly LedgerCommand[]): Promise<readonly Outcome[]> =>
  runWork(TELLER, (work) => applyToLedger(work, commands));

/** A posting of USD that happens whenever it is applied. */
export const aPosting = (
  fields: Pick<Post, 'venueId' | 'from' | 'to' | 'amountMinor'> & Partial<Post>,
): Post => ({
  op: 'POST',
  id: newId(),
  idempotency: null,
  author: null,
  kind: 'TRANSFER',
  ownerId: null,
  currency: 'USD',
  effectiveAt: null,
  forced: false,
  reason: null,
  reference: null,
  ...fields,
});

export const aDeposit = ({
  walletId,
  ...fields
}: Pick<Post, 'venueId' | 'amountMinor'> & Partial<Post> & { readonly walletId: string }): Post =>
  aPosting({ from: { house: 'CASH' }, to: { walletId }, kind: 'DEPOSIT', ...fields });

/** A hold of USD for a minute. */
export const aHold = (
  fields: Pick<PlaceHold, 'venueId' | 'walletId' | 'amountMinor'> & Partial<PlaceHold>,
): PlaceHold => ({
  op: 'HOLD',
  id: newId(),
  idempotency: null,
  author: null,
  purpose: 'CALLER',
  ownerId: null,
  currency: 'USD',
  expiresInSeconds: 60,
  reason: null,
  ...fields,
});

/** The global ids of a wallet with USD 1,000.00, of what put the last five dollars there, and of a hold of one dollar. */
export async function someMoney(runWork: RunWork, venueId: string): Promise<Record<string, string>> {
  const { id: walletId } = await aWallet(runWork, { venueId });
  const deposit = aDeposit({ venueId, walletId, amountMinor: 500n });
  const hold = aHold({ venueId, walletId, amountMinor: 100n, expiresInSeconds: 3_600 });
  await apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 99_500n }), deposit, hold]);
  return {
    Wallet: encodeGlobalId('Wallet', walletId),
    LedgerTransaction: encodeGlobalId('LedgerTransaction', deposit.id),
    WalletHold: encodeGlobalId('WalletHold', hold.id),
  };
}
