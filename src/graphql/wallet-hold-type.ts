import { NotFoundError } from '../lib/errors.ts';
import type { HoldPurpose } from '../wallet/ledger.ts';
import type { HoldState, WalletHold } from '../wallet/wallet-hold.ts';
import { findHoldsByIds } from '../wallet/wallet-hold-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { MoneyType } from './money.ts';
import { seenWallet, WalletType } from './wallet-type.ts';

export const HoldStateEnum = builder.enumType('HoldState', {
  description: 'What a hold does.',
  values: {
    PLACED: { description: 'It claims its amount.' },
    CAPTURED: { description: 'What it claimed was paid, or a part of it.' },
    VOIDED: { description: 'It was given up.' },
    EXPIRED: { description: 'Its time was over.' },
  } satisfies Record<HoldState, { description: string }>,
});

const HoldPurposeEnum = builder.enumType('HoldPurpose', {
  description: 'Who ends a hold.',
  values: {
    CALLER: { description: 'Whoever placed it, or time.' },
    AFT: { description: 'A transfer to a machine, when it is known what became of that.' },
    BOOKING: { description: 'A slot that is held, when it is booked or let go, or time.' },
  } satisfies Record<HoldPurpose, { description: string }>,
});

/** With its wallet, which says what the currency is. */
export const WalletHoldType = builder.loadableNodeRef<WalletHold, never, string, string>('WalletHold', {
  id: { resolve: ({ id }: WalletHold) => id },
  load: loadHolds,
});

WalletHoldType.implement({
  description: 'A claim on money of a wallet. It ends by being captured, by being voided, or by itself.',
  fields: (t) => ({
    wallet: t.field({
      type: WalletType,
      description: 'Whose money it claims.',
      resolve: ({ walletId }) => walletId,
    }),
    amount: t.field({
      type: MoneyType,
      description: 'What it claims, or claimed.',
      resolve: ({ walletId, amountMinor }, _args, context) => moneyOf(context, walletId, amountMinor),
    }),
    captured: t.field({
      type: MoneyType,
      description: 'What of it was paid.',
      resolve: ({ walletId, capturedMinor }, _args, context) => moneyOf(context, walletId, capturedMinor),
    }),
    state: t.expose('state', { type: HoldStateEnum, description: 'What it does.' }),
    purpose: t.expose('purpose', { type: HoldPurposeEnum, description: 'Who ends it.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, in the words of who placed it.' }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'From then on it claims nothing; null for a transfer to a machine.',
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'When it was placed.' }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was captured or voided, or found expired; null before.',
    }),
  }),
});

async function moneyOf(context: Context, walletId: string, amountMinor: bigint) {
  const { currency } = await WalletType.getDataloader(context).load(walletId);
  return { amountMinor, currency };
}

async function loadHolds(ids: readonly string[], context: Context): Promise<(WalletHold | NotFoundError)[]> {
  const { db, now } = context;
  const found = await findHoldsByIds(db, venueIdOf(context), { ids, now });
  const visible = await Promise.all(
    found.map(async (hold) => ((await seenWallet(context, hold.walletId)) ? hold : null)),
  );
  const byId = new Map(visible.filter((hold) => hold !== null).map((hold) => [hold.id, hold]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('hold'));
}
