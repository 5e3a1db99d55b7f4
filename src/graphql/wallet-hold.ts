import { parseMinor } from '../lib/money.ts';
import { HoldEndedError } from '../wallet/errors.ts';
import { MAX_HOLD_SECONDS } from '../wallet/hold-teller.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';
import { WalletHoldType } from './wallet-hold-type.ts';
import {
  amountDescription,
  authorOf,
  currencyDescription,
  keyDescription,
  postedType,
  referenceDescription,
} from './wallet-posting.ts';
import { MOVES_MONEY } from './wallet-type.ts';

/** The answer of what does something to a hold. */
const heldType = (name: string, message: string) =>
  builder.objectRef<{ readonly holdId: string; readonly isReplay: boolean }>(name).implement({
    description: message,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      hold: t.field({
        type: WalletHoldType,
        description: 'The hold as it is now.',
        resolve: ({ holdId }) => holdId,
      }),
      replayed: t.exposeBoolean('isReplay', {
        description: 'Whether it was done when the key was first used, and nothing was done now.',
      }),
    }),
  });

const PlaceWalletHoldInput = builder.inputType('PlaceWalletHoldInput', {
  description: 'What is claimed, and for how long.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    walletId: t.id({ required: true, description: 'Whose money.' }),
    amount: t.field({ type: 'Decimal', required: true, description: amountDescription }),
    currency: t.field({ type: 'CurrencyCode', required: true, description: currencyDescription }),
    expiresInSeconds: t.int({
      required: true,
      defaultValue: 600,
      description: `How long it claims that at most, 1 to ${MAX_HOLD_SECONDS} seconds (ValidationError).`,
    }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
  }),
});

builder.mutationField('placeWalletHold', (t) =>
  t.field({
    type: heldType('PlaceWalletHoldSuccess', 'The amount is claimed.'),
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Claims money of a wallet until it is captured, voided, or its time is over. With WALLETS_POST of any wallet, otherwise of one of his own. Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: PlaceWalletHoldInput, required: true, description: 'What is claimed.' }) },
    errors: { types: MONEY_ERRORS, directResult: true },
    resolve: async (_root, { input }, context) => {
      const { id, isReplay } = await context.teller.placeHold(authorOf(context), {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        walletId: decodeIdOf('Wallet', input.walletId),
        amountMinor: parseMinor(input.amount, input.currency),
        currency: input.currency,
        expiresInSeconds: input.expiresInSeconds,
        reason: input.reason ?? null,
      });
      return { holdId: id, isReplay };
    },
  }),
);

const CaptureKindEnum = builder.enumType('CaptureKind', {
  description: 'What a captured hold pays for.',
  values: {
    WITHDRAWAL: { description: 'Cash paid out.' },
    BET: { description: 'A stake.' },
    FEE: { description: 'A price.' },
  },
});

const CaptureWalletHoldInput = builder.inputType('CaptureWalletHoldInput', {
  description: 'What of a hold is paid, and what for.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    holdId: t.id({ required: true, description: 'The hold.' }),
    kind: t.field({ type: CaptureKindEnum, required: true, description: 'What it pays for.' }),
    amount: t.field({
      type: 'Decimal',
      description: `All of it without this. ${amountDescription} What is left is free again.`,
    }),
    currency: t.field({ type: 'CurrencyCode', required: true, description: currencyDescription }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
    reference: t.string({ description: referenceDescription }),
  }),
});

builder.mutationField('captureWalletHold', (t) =>
  t.field({
    type: postedType('CaptureWalletHoldSuccess', 'It is paid, and the hold has ended.'),
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Pays what a hold claims, or a part of it, and ends the hold. With WALLETS_POST any, otherwise one that he placed on a wallet of his own (NotOwnerError). Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: CaptureWalletHoldInput, required: true, description: 'What is paid.' }) },
    errors: { types: [...MONEY_ERRORS, HoldEndedError], directResult: true },
    resolve: (_root, { input }, context) =>
      context.teller.captureHold(authorOf(context), {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        holdId: decodeIdOf('WalletHold', input.holdId),
        kind: input.kind,
        amountMinor: input.amount == null ? null : parseMinor(input.amount, input.currency),
        currency: input.currency,
        reason: input.reason ?? null,
        reference: input.reference ?? null,
      }),
  }),
);

const VoidWalletHoldInput = builder.inputType('VoidWalletHoldInput', {
  description: 'Which hold is given up.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    holdId: t.id({ required: true, description: 'The hold.' }),
  }),
});

builder.mutationField('voidWalletHold', (t) =>
  t.field({
    type: heldType('VoidWalletHoldSuccess', 'What it claimed is free again.'),
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Frees what a hold claims. With WALLETS_POST any, otherwise one that he placed on a wallet of his own (NotOwnerError). Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: VoidWalletHoldInput, required: true, description: 'Which.' }) },
    errors: { types: [...MONEY_ERRORS, HoldEndedError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const { id, isReplay } = await context.teller.voidHold(authorOf(context), {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        holdId: decodeIdOf('WalletHold', input.holdId),
      });
      return { holdId: id, isReplay };
    },
  }),
);
