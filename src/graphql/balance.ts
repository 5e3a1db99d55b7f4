import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { BalanceCause } from '../wallet/events.ts';
import { canSeeWallets, sightOfWallet } from '../wallet/policy.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { LEDGER_KINDS } from './ledger-type.ts';
import { AFTER } from './machine-event.ts';
import { parseMinInterval } from './min-interval.ts';
import { MoneyType } from './money.ts';
import { seenWallet } from './wallet-type.ts';

type LoggedBalance = LoggedEvent<'wallet.balance-changed'>;
type BalanceFrame = StreamedEvent<'wallet.balance-changed'>;

const BalanceCauseEnum = builder.enumType('BalanceCause', {
  description: 'Why a wallet has another amount than before. Clients must survive values they do not know.',
  values: {
    ...LEDGER_KINDS,
    HOLD_PLACED: { description: 'A hold claims some of it.' },
    HOLD_VOIDED: { description: 'A hold was given up.' },
    HOLD_EXPIRED: { description: 'The time of a hold was over.' },
  } satisfies Record<BalanceCause, { description: string }>,
});

const BalanceChangedType = builder.objectRef<BalanceFrame>('BalanceChanged').implement({
  description: 'What a wallet has after something happened to it.',
  fields: (t) => ({
    cursor: t.field({
      type: 'Cursor',
      description: 'Its place in the log: go on behind it with `after`.',
      resolve: ({ cursor }) => cursor,
    }),
    walletId: t.globalID({
      description: 'Which wallet.',
      resolve: ({ payload }) => ({ type: 'Wallet', id: payload.walletId }),
    }),
    userId: t.globalID({
      description: 'Whose it is.',
      resolve: ({ payload }) => ({ type: 'User', id: payload.userId }),
    }),
    currency: t.field({
      type: 'CurrencyCode',
      description: 'The currency of all its amounts.',
      resolve: ({ payload }) => payload.currency,
    }),
    balance: t.field({
      type: MoneyType,
      description: 'What it has.',
      resolve: ({ payload }) => ({ amountMinor: BigInt(payload.postedMinor), currency: payload.currency }),
    }),
    available: t.field({
      type: MoneyType,
      description: 'What of it no hold claims.',
      resolve: ({ payload }) => ({
        amountMinor: BigInt(payload.postedMinor) - BigInt(payload.heldMinor),
        currency: payload.currency,
      }),
    }),
    version: t.field({
      type: 'BigInt',
      description: '`Wallet.version` then: of two frames the one with the greater version is the newer.',
      resolve: ({ payload }) => BigInt(payload.version),
    }),
    cause: t.field({
      type: BalanceCauseEnum,
      description: 'Why it changed.',
      resolve: ({ payload }) => payload.cause,
    }),
    amount: t.field({
      type: MoneyType,
      description: 'What moved or was claimed, never negative.',
      resolve: ({ payload }) => ({ amountMinor: BigInt(payload.amountMinor), currency: payload.currency }),
    }),
    change: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What `balance` is more by, negative where it is less, and nothing where only a hold changed. Null in frames of the days before this was told.',
      resolve: ({ payload: { changeMinor, currency } }) =>
        changeMinor === undefined ? null : { amountMinor: BigInt(changeMinor), currency },
    }),
    transactionId: t.globalID({
      nullable: true,
      description: 'The transaction that moved it; null when a hold was placed, voided or expired.',
      resolve: ({ payload }) =>
        payload.transactionId === null ? null : { type: 'LedgerTransaction', id: payload.transactionId },
    }),
    holdId: t.globalID({
      nullable: true,
      description:
        'The hold that was placed, voided or captured, or expired: a capture has its `transactionId` too. Null without a hold.',
      resolve: ({ payload }) => (payload.holdId === null ? null : { type: 'WalletHold', id: payload.holdId }),
    }),
    changedAt: t.field({
      type: 'DateTime',
      description: 'When it was written.',
      resolve: ({ at }) => at,
    }),
    skipped: t.exposeInt('skipped', {
      description:
        'Changes of this wallet since its frame before that have none of their own, by `minIntervalMs`; 0 without it.',
    }),
  }),
});

builder.subscriptionField('balance', (t) =>
  t.field({
    type: BalanceChangedType,
    authScopes: { scope: 'WALLETS_READ' },
    description:
      'Each change of a wallet, once and in order, from `after` or from now on. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. With `minIntervalMs` the newest change of each wallet is shown for those before it, to a reader that is too slow as well, and the last is always shown; what the frames of several wallets resume by is the `cursor` of the last. Needs WALLETS_READ (AUTH_004).',
    args: {
      walletId: t.arg.id({
        description:
          'Only this wallet; without it the caller’s own, and for who oversees wallets all of the venue. One he may not see gives API_002.',
      }),
      currency: t.arg({ type: 'CurrencyCode', description: 'Only wallets in this currency.' }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
      minIntervalMs: t.arg.int({
        description:
          'At least so many milliseconds, up to 60000 (API_001), between two frames of one wallet: the newest is shown, `skipped` tells how many were not. 0 without it: every one.',
      }),
    },
    subscribe: async (_root, { walletId, currency, after, minIntervalMs }, context) => {
      const conflation = { minIntervalMs: parseMinInterval(minIntervalMs), subjectOf: walletOf };
      const wallet = walletId == null ? null : await seenWallet(context, decodeIdOf('Wallet', walletId));
      if (walletId != null && wallet === null) throw new NotFoundError('wallet');
      return context.streams.events<'wallet.balance-changed'>({
        types: ['wallet.balance-changed'],
        venueId: venueIdOf(context),
        after,
        ...subjectsOf(context, wallet),
        ...(currency == null ? {} : { matches: ({ payload }) => payload.currency === currency }),
        sightOf: sightOfWallet,
        conflation,
      });
    },
    resolve: (event: BalanceFrame) => event,
  }),
);

const walletOf = ({ payload }: LoggedBalance) => payload.walletId;

/** One wallet, one player's, or all. */
function subjectsOf(context: Context, wallet: Wallet | null) {
  if (wallet) return { subjects: { of: walletOf, among: [wallet.id] }, ownerId: wallet.userId };
  if (canSeeWallets(context.actor, venueIdOf(context))) return {};
  const { userId } = signedInUser(context.actor);
  return {
    subjects: { of: ({ payload }: LoggedBalance) => payload.userId, among: [userId] },
    ownerId: userId,
  };
}
