import type { actorReference } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { grouped } from '../lib/grouped.ts';
import type { HouseAccount, LedgerTransactionKind } from '../wallet/ledger.ts';
import { canSeeWallet, canSeeWallets } from '../wallet/policy.ts';
import type { LedgerEntry, LedgerTransaction } from '../wallet/transaction.ts';
import { findEntriesOf, findReversals, findTransactionsByIds } from '../wallet/transaction-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { EventActorType } from './log-event.ts';
import { MoneyType } from './money.ts';
import { perContext } from './per-context.ts';
import { WalletType } from './wallet-type.ts';

/** What each kind means, for whatever names them. */
export const LEDGER_KINDS = {
  DEPOSIT: { description: 'Cash was paid in.' },
  WITHDRAWAL: { description: 'Cash was paid out.' },
  BET: { description: 'A stake.' },
  WIN: { description: 'A prize.' },
  BONUS: { description: 'A gift of the venue.' },
  FEE: { description: 'The price of something, a booking or a place to park.' },
  ADJUSTMENT: { description: 'Something was put right, for a reason.' },
  TRANSFER: { description: 'From one wallet to another.' },
  REVERSAL: { description: 'The opposite of another transaction.' },
  REFUND: { description: 'What is given back of a price.' },
  AFT_TO_MACHINE: { description: 'Onto a machine’s credits.' },
  AFT_FROM_MACHINE: { description: 'Off a machine’s credits.' },
} satisfies Record<LedgerTransactionKind, { description: string }>;

export const LedgerKindEnum = builder.enumType('LedgerKind', {
  description: 'What a transaction was for. Clients must survive values they do not know.',
  values: LEDGER_KINDS,
});

const HouseAccountEnum = builder.enumType('HouseAccount', {
  description: 'What the venue’s own money is counted by, in each currency.',
  values: {
    CASH: { description: 'Cash paid in and out.' },
    BETS: { description: 'Stakes.' },
    WINS: { description: 'Prizes.' },
    BONUSES: { description: 'Gifts.' },
    FEES: { description: 'Prices of what the venue sells.' },
    MACHINES: { description: 'Money on the credits of machines.' },
    SUSPENSE: { description: 'What was put right by hand.' },
  } satisfies Record<HouseAccount, { description: string }>,
});

export const LedgerTransactionType = builder.loadableNodeRef<LedgerTransaction, never, string, string>(
  'LedgerTransaction',
  { id: { resolve: ({ id }: LedgerTransaction) => id }, load: loadTransactions },
);

/** An entry beside who looks at it: an entry of another’s wallet shows no more than that it is there. */
export const LedgerEntryType = builder.objectRef<LedgerEntry>('LedgerEntry').implement({
  description: 'One leg of a transaction. The entries of a transaction add up to zero.',
  fields: (t) => ({
    transaction: t.field({
      type: LedgerTransactionType,
      description: 'What it belongs to.',
      resolve: ({ transactionId }) => transactionId,
    }),
    wallet: t.field({
      type: WalletType,
      nullable: true,
      description: 'Whose money it is; null for the venue’s own, and for a wallet the caller may not see.',
      resolve: ({ account }, _args, context) =>
        account.kind === 'WALLET' && mayRead(context, account) ? account.walletId : null,
    }),
    houseAccount: t.field({
      type: HouseAccountEnum,
      nullable: true,
      description: 'Which account of the venue; null for a wallet.',
      resolve: ({ account }) => (account.kind === 'WALLET' ? null : account.kind),
    }),
    amount: t.field({
      type: MoneyType,
      description: 'What came; negative where money left.',
      resolve: ({ amountMinor, currency }) => ({ amountMinor, currency }),
    }),
    balanceAfter: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What the account had then; null where the caller may not see that.',
      resolve: ({ account, balanceAfterMinor, currency }, _args, context) =>
        mayRead(context, account) ? { amountMinor: balanceAfterMinor, currency } : null,
    }),
    version: t.field({
      type: 'BigInt',
      nullable: true,
      description: '1, 2, 3 … of its account, without a hole; null where the caller may not see that.',
      resolve: ({ account, version }, _args, context) => (mayRead(context, account) ? version : null),
    }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when it counts.' }),
  }),
});

LedgerTransactionType.implement({
  description: 'One balanced posting. It never changes and never goes; a mistake is reversed by another one.',
  fields: (t) => ({
    kind: t.expose('kind', { type: LedgerKindEnum, description: 'What it was for.' }),
    amount: t.field({
      type: MoneyType,
      description: 'What moved.',
      resolve: ({ amountMinor, currency }) => ({ amountMinor, currency }),
    }),
    entries: t.field({
      type: [LedgerEntryType],
      description: 'Its legs, two of them, where the money left first.',
      complexity: { field: 2, multiplier: 2 },
      resolve: async ({ id }, _args, context) => [...((await entriesOf(context).load(id)) ?? [])],
    }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, in the words of who posted it.' }),
    reference: t.exposeString('reference', {
      nullable: true,
      description: 'What the caller calls it in his own books.',
    }),
    reverses: t.field({
      type: LedgerTransactionType,
      nullable: true,
      description: 'What it is the opposite of; null for what is no REVERSAL.',
      resolve: ({ reversesId }) => reversesId,
    }),
    reversedBy: t.field({
      type: LedgerTransactionType,
      nullable: true,
      description: 'What reversed it; null while nothing has.',
      resolve: ({ id }, _args, context) => reversalOf(context).load(id),
    }),
    postedAt: t.expose('postedAt', { type: 'DateTime', description: 'When it was posted.' }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when it counts.' }),
    actor: t.field({
      type: EventActorType,
      description: 'Who posted it.',
      resolve: ({ actor }) => actor as ReturnType<typeof actorReference>,
    }),
  }),
});

/** Whether the caller may see what this account has. */
function mayRead(context: Context, account: LedgerEntry['account']): boolean {
  const venueId = venueIdOf(context);
  if (account.kind !== 'WALLET') return canSeeWallets(context.viewer, venueId);
  return canSeeWallet(context.viewer, { venueId, userId: account.userId });
}

async function loadTransactions(
  ids: readonly string[],
  context: Context,
): Promise<(LedgerTransaction | NotFoundError)[]> {
  const venueId = venueIdOf(context);
  const found = await findTransactionsByIds(context.db, venueId, ids);
  const visible = await Promise.all(
    found.map(async (each) => ((await isVisible(context, each)) ? each : null)),
  );
  const byId = new Map(visible.filter((each) => each !== null).map((each) => [each.id, each]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('transaction'));
}

/** Whoever oversees wallets sees all; a player what touched one of his. */
async function isVisible(context: Context, { id, venueId }: LedgerTransaction): Promise<boolean> {
  if (canSeeWallets(context.rights, venueId)) return true;
  const entries = (await entriesOf(context).load(id)) ?? [];
  return entries.some(({ account }) => account.kind === 'WALLET' && mayRead(context, account));
}

const entriesOf = perContext(async (context, ids) => {
  const entries = await findEntriesOf(context.db, venueIdOf(context), ids);
  return grouped(entries, ({ transactionId }) => transactionId);
});

const reversalOf = perContext(async (context, ids) => {
  const reversals = await findReversals(context.db, venueIdOf(context), ids);
  return new Map(
    reversals.flatMap((reversal) => (reversal.reversesId ? [[reversal.reversesId, reversal]] : [])),
  );
});
