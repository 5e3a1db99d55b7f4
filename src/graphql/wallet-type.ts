import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { findBalanceAt } from '../wallet/transaction-store.ts';
import { availableOf, type Wallet, type WalletStatus } from '../wallet/wallet.ts';
import { findVisibleWallets } from '../wallet/wallet-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { foundOrNull } from './found.ts';
import { MoneyType } from './money.ts';
import { seenUser, UserType } from './user.ts';

/** Of whatever opens wallets or moves money: of his own with the one, of all of the venue with the other. */
export const MOVES_MONEY = { anyScope: ['WALLETS_USE', 'WALLETS_POST'] } as const;

/** A wallet, with the place in the log behind which changes of it follow, where a query read that. */
export type ShownWallet = Wallet & { readonly cursor?: string };

export const WalletStatusEnum = builder.enumType('WalletStatus', {
  description: 'What can be done with a wallet.',
  values: {
    ACTIVE: { description: 'Money moves.' },
    FROZEN: {
      description: 'Nothing moves but an ADJUSTMENT, a reversal, a refund, and what a machine gives back.',
    },
    CLOSED: {
      description:
        'It is empty and stays so, until it is ACTIVE again. A refund of what its owner has paid makes it FROZEN.',
    },
  } satisfies Record<WalletStatus, { description: string }>,
});

export const WalletType = builder.loadableNodeRef<ShownWallet, never, string, string>('Wallet', {
  id: { resolve: ({ id }: ShownWallet) => id },
  load: loadWallets,
});

WalletType.implement({
  description:
    'A player’s money in one currency at one venue. Seen by the player, by ADMIN, OPERATOR and AUDITOR of the venue, and by API keys with WALLETS_READ.',
  fields: (t) => ({
    ownerId: t.globalID({
      description: 'Whose it is.',
      resolve: ({ userId }) => ({ type: 'User', id: userId }),
    }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'The same; null for who may not see him, and when he is nobody at the venue any more.',
      resolve: ({ userId }, _args, context) => seenUser(context, userId),
    }),
    currency: t.expose('currency', { type: 'CurrencyCode', description: 'The currency of all its amounts.' }),
    status: t.expose('status', { type: WalletStatusEnum, description: 'What can be done with it.' }),
    version: t.expose('version', {
      type: 'BigInt',
      description:
        'Grows with whatever changes: of two frames or answers the one with the greater version is the newer.',
    }),
    posted: t.field({
      type: MoneyType,
      description: 'What it has.',
      resolve: ({ postedMinor, currency }) => ({ amountMinor: postedMinor, currency }),
    }),
    held: t.field({
      type: MoneyType,
      description: 'What of it holds claim.',
      resolve: ({ heldMinor, currency }) => ({ amountMinor: heldMinor, currency }),
    }),
    available: t.field({
      type: MoneyType,
      description: 'What can be spent: `posted` without `held`.',
      resolve: (wallet) => ({ amountMinor: availableOf(wallet), currency: wallet.currency }),
    }),
    balanceAt: t.field({
      type: MoneyType,
      description:
        'What it had at an instant, counting what has effect by then (`effectiveAt`), whenever it was posted: less than 0 where it was charged with effect from before it had the money, which it had by the time of the posting.',
      args: { at: t.arg({ type: 'DateTime', required: true, description: 'The instant.' }) },
      complexity: 10,
      resolve: async ({ id, venueId, currency }, { at }, { db }) => ({
        amountMinor: await findBalanceAt(db, { venueId, walletId: id }, at),
        currency,
      }),
    }),
    openedAt: t.expose('openedAt', { type: 'DateTime', description: 'Since when it exists.' }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description:
        'Follow `balance` behind it: nothing this answer shows comes again, and nothing is missed. Null where it was not asked for by `wallet`.',
      resolve: ({ cursor }) => cursor ?? null,
    }),
  }),
});

async function loadWallets(ids: readonly string[], context: Context): Promise<(Wallet | NotFoundError)[]> {
  const found = await findVisibleWallets(context, venueIdOf(context), ids);
  const byId = new Map(found.map((wallet) => [wallet.id, wallet]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('wallet'));
}

/** Whose wallet is meant where nobody’s is named by a field. @throws ValidationError for an API key, which has none */
export function callersOwn(actor: Context['actor'], field: string): string {
  if (actor.kind !== 'user') throw new ValidationError('Say whose: the caller has no wallet.', { field });
  return actor.userId;
}

/** The wallet, or null when the caller may not see it. */
export const seenWallet = (context: Context, id: string): Promise<Wallet | null> =>
  foundOrNull(WalletType.getDataloader(context), id);
