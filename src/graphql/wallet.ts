import { readWithCursor } from '../events/cursor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { canSeeWallet, canSeeWallets } from '../wallet/policy.ts';
import type { LedgerEntry, LedgerTransaction } from '../wallet/transaction.ts';
import {
  countEntries,
  countTransactions,
  listEntries,
  listTransactions,
  type TransactionFilter,
} from '../wallet/transaction-store.ts';
import type { WalletHold } from '../wallet/wallet-hold.ts';
import { countHolds, listHolds } from '../wallet/wallet-hold-store.ts';
import {
  countWallets,
  findWalletsByIds,
  findWalletsOf,
  listWallets,
  type WalletFilter,
} from '../wallet/wallet-store.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { LedgerEntryType, LedgerKindEnum, LedgerTransactionType } from './ledger-type.ts';
import { NUMBER_KEYS, resolvePage, resolvePageBy } from './page.ts';
import { ownVenue } from './venue.ts';
import { HoldStateEnum, WalletHoldType } from './wallet-hold-type.ts';
import { callersOwn, type ShownWallet, WalletStatusEnum, WalletType } from './wallet-type.ts';

const WalletConnection = builder.connectionObject(
  { type: WalletType, name: 'WalletConnection', description: 'One page of wallets, the newest first.' },
  { name: 'WalletEdge' },
);
const WalletHoldConnection = builder.connectionObject(
  { type: WalletHoldType, name: 'WalletHoldConnection', description: 'One page of holds, the newest first.' },
  { name: 'WalletHoldEdge' },
);
const LedgerEntryConnection = builder.connectionObject(
  {
    type: LedgerEntryType,
    name: 'LedgerEntryConnection',
    description: 'One page of entries, the newest first.',
  },
  { name: 'LedgerEntryEdge' },
);
const LedgerTransactionConnection = builder.connectionObject(
  {
    type: LedgerTransactionType,
    name: 'LedgerTransactionConnection',
    description: 'One page of transactions, the newest first.',
  },
  { name: 'LedgerTransactionEdge' },
);

builder.queryField('wallet', (t) =>
  t.field({
    type: WalletType,
    nullable: true,
    authScopes: { scope: 'WALLETS_READ' },
    description:
      'One wallet: the one with this id, or the caller’s own in a currency. Null when he has none. Needs WALLETS_READ (AUTH_004).',
    args: {
      id: t.arg.id({
        description:
          'Which; the caller’s own without it, and for an API key none (API_001). One he may not see gives API_002.',
      }),
      currency: t.arg({
        type: 'CurrencyCode',
        description: 'Of his own, the one in this currency; the venue’s without it.',
      }),
    },
    resolve: async (_root, { id, currency }, context) => {
      const { db, actor } = context;
      const venueId = venueIdOf(context);
      const counted = id == null ? (currency ?? (await ownVenue(context)).currency) : null;
      const find = async (from: Context['db']) => {
        if (id != null) return (await findWalletsByIds(from, venueId, [decodeIdOf('Wallet', id)]))[0] ?? null;
        const own = await findWalletsOf(from, venueId, callersOwn(actor, 'id'));
        return own.find((each) => each.currency === counted) ?? null;
      };
      const { state: wallet, cursor } = await readWithCursor(db, find);
      if (id != null && (!wallet || !canSeeWallet(actor, wallet))) throw new NotFoundError('wallet');
      return wallet && ({ ...wallet, cursor } satisfies ShownWallet);
    },
  }),
);

builder.queryField('wallets', (t) =>
  t.connection(
    {
      type: WalletType,
      nullable: true,
      authScopes: { scope: 'WALLETS_READ' },
      description:
        'The wallets the caller may see, the newest first: a PLAYER’s own, and for anybody else all of the venue. Needs WALLETS_READ (AUTH_004).',
      args: {
        userId: t.arg.id({
          description: 'Only those of this user. Another’s, asked by a PLAYER, is an empty list.',
        }),
        currency: t.arg({ type: 'CurrencyCode', description: 'Only those in this currency.' }),
        status: t.arg({ type: WalletStatusEnum, description: 'Only those that stand like this.' }),
      },
      resolve: async (_root, { userId, currency, status, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const wanted = userId == null ? null : decodeIdOf('User', userId);
        const own = ownOnly(context);
        const filter: WalletFilter = {
          userId: own ?? wanted,
          currency: currency ?? null,
          status: status ?? null,
        };
        const isEmpty = own !== null && wanted !== null && wanted !== own;
        return await resolvePage(args, {
          keyOf: ({ openedAt, id }: ShownWallet) => ({ at: openedAt, id }),
          load: (range) => (isEmpty ? Promise.resolve([]) : listWallets(db, venueId, { filter, range })),
          count: () => (isEmpty ? Promise.resolve(0) : countWallets(db, venueId, filter)),
        });
      },
    },
    WalletConnection,
  ),
);

builder.queryField('ledgerTransactions', (t) =>
  t.connection(
    {
      type: LedgerTransactionType,
      nullable: true,
      authScopes: { scope: 'WALLETS_READ' },
      description:
        'What was posted, the newest first: for a PLAYER what touched a wallet of his own, for anybody else all of the venue. Needs WALLETS_READ (AUTH_004).',
      args: {
        walletId: t.arg.id({
          description: 'Only what touched this wallet. One the caller may not see gives API_002.',
        }),
        kinds: t.arg({ type: [LedgerKindEnum], description: 'Only these kinds, at least one (API_001).' }),
        from: t.arg({ type: 'DateTime', description: 'Only what was posted then or later.' }),
        to: t.arg({ type: 'DateTime', description: 'Only what was posted before then.' }),
      },
      resolve: async (_root, { walletId, kinds, from, to, ...args }, context) => {
        const { db } = context;
        const filter: TransactionFilter = {
          venueId: venueIdOf(context),
          walletId: walletId == null ? null : (await seen(context, decodeIdOf('Wallet', walletId))).id,
          userId: ownOnly(context),
          kinds: kinds ?? null,
          from: from ?? null,
          to: to ?? null,
        };
        return await resolvePage(args, {
          keyOf: ({ postedAt, id }: LedgerTransaction) => ({ at: postedAt, id }),
          load: (range) => listTransactions(db, filter, range),
          count: () => countTransactions(db, filter),
        });
      },
    },
    LedgerTransactionConnection,
  ),
);

builder.objectField(WalletType, 'entries', (t) =>
  t.connection(
    {
      type: LedgerEntryType,
      description: 'What came and went, the newest first.',
      resolve: ({ id: walletId, venueId }, args, { db }) =>
        resolvePageBy(NUMBER_KEYS, args, {
          keyOf: ({ version }: LedgerEntry) => version,
          load: (range) => listEntries(db, { venueId, walletId }, range),
          count: () => countEntries(db, { venueId, walletId }),
        }),
    },
    LedgerEntryConnection,
  ),
);

builder.objectField(WalletType, 'holds', (t) =>
  t.connection(
    {
      type: WalletHoldType,
      description: 'Claims on its money, the newest first.',
      args: {
        states: t.arg({
          type: [HoldStateEnum],
          description: 'Only those that do one of these, at least one (API_001); all without it.',
        }),
      },
      resolve: ({ id: walletId }, { states, ...args }, { db, now }) => {
        const filter = { walletId, states: states ?? null, now };
        return resolvePage(args, {
          keyOf: ({ placedAt, id }: WalletHold) => ({ at: placedAt, id }),
          load: (range) => listHolds(db, filter, range),
          count: () => countHolds(db, filter),
        });
      },
    },
    WalletHoldConnection,
  ),
);

/** Whose wallets alone the caller sees; null when he sees all of the venue. */
const ownOnly = (context: Context): string | null =>
  canSeeWallets(context.actor, venueIdOf(context)) ? null : signedInUser(context.actor).userId;

/** @throws NotFoundError */
const seen = (context: Context, id: string) => WalletType.getDataloader(context).load(id);
