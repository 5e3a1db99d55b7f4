import { originOf } from '../auth/session.ts';
import { parseMinor } from '../lib/money.ts';
import { NotReversibleError } from '../wallet/errors.ts';
import type { PostingDirection, PostingKind } from '../wallet/posting.ts';
import type { Teller } from '../wallet/teller.ts';
import type { Posted } from '../wallet/teller-answer.ts';
import type { Author } from '../work.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { LedgerTransactionType } from './ledger-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';
import { MOVES_MONEY } from './wallet-type.ts';

declare module './context.ts' {
  interface Services {
    readonly teller: Teller;
  }
}

/** The answer of what posts a transaction. */
export const postedType = (name: string, message: string) =>
  builder.objectRef<Posted>(name).implement({
    description: message,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      transaction: t.field({
        type: LedgerTransactionType,
        description: 'What was posted.',
        resolve: ({ transaction }) => transaction,
      }),
      replayed: t.exposeBoolean('isReplay', {
        description: 'Whether it was posted when the key was first used, and nothing was posted now.',
      }),
    }),
  });

export const keyDescription =
  'The caller’s own name for this request, 1 to 200 printable ASCII characters: sent again with the same input it gives the first answer, a refusal too, and is done once. Kept for `IDEMPOTENCY_RETENTION`, 30 days by default and never less than 7.';
export const amountDescription =
  'More than 0, with at most as many decimals as the currency has (ValidationError).';
export const currencyDescription =
  'The currency of the amount, which must be the wallet’s (CurrencyMismatchError).';
const reasonDescription = 'Why, in 1 to 200 characters.';
export const referenceDescription = 'What the caller calls it in his own books, 1 to 200 characters.';

const PostingKindEnum = builder.enumType('PostingKind', {
  description: 'What is posted to a wallet.',
  values: {
    DEPOSIT: { description: 'Cash paid in.' },
    WITHDRAWAL: { description: 'Cash paid out.' },
    BET: { description: 'A stake.' },
    WIN: { description: 'A prize.' },
    BONUS: { description: 'A gift.' },
    FEE: { description: 'A price.' },
    ADJUSTMENT: { description: 'Something put right: takes a direction and a reason.' },
  } satisfies Record<PostingKind, { description: string }>,
});

const PostingDirectionEnum = builder.enumType('PostingDirection', {
  description: 'What a posting does to a wallet.',
  values: {
    CREDIT: { description: 'It has more.' },
    DEBIT: { description: 'It has less.' },
  } satisfies Record<PostingDirection, { description: string }>,
});

const PostWalletTransactionInput = builder.inputType('PostWalletTransactionInput', {
  description: 'What is posted to a wallet.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    walletId: t.id({ required: true, description: 'The wallet.' }),
    kind: t.field({ type: PostingKindEnum, required: true, description: 'What for.' }),
    direction: t.field({
      type: PostingDirectionEnum,
      description: 'For an ADJUSTMENT; every other kind has its own (ValidationError).',
    }),
    amount: t.field({ type: 'Decimal', required: true, description: amountDescription }),
    currency: t.field({ type: 'CurrencyCode', required: true, description: currencyDescription }),
    reason: t.string({ description: `${reasonDescription} Needed by an ADJUSTMENT (ValidationError).` }),
    reference: t.string({ description: referenceDescription }),
    effectiveAt: t.field({
      type: 'DateTime',
      description: 'From when it counts; from now on without it. At most 366 days ago (ValidationError).',
    }),
  }),
});

builder.mutationField('postWalletTransaction', (t) =>
  t.field({
    type: postedType('PostWalletTransactionSuccess', 'It is posted.'),
    nullable: true,
    authScopes: { scope: 'WALLETS_POST' },
    description:
      'Posts to a wallet what happened to its money. A frozen one takes an ADJUSTMENT only. Needs WALLETS_POST (AUTH_004).',
    args: {
      input: t.arg({ type: PostWalletTransactionInput, required: true, description: 'What is posted.' }),
    },
    errors: { types: MONEY_ERRORS, directResult: true },
    resolve: (_root, { input }, context) =>
      context.teller.post(authorOf(context), {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        walletId: decodeIdOf('Wallet', input.walletId),
        kind: input.kind,
        direction: input.direction ?? null,
        amountMinor: parseMinor(input.amount, input.currency),
        currency: input.currency,
        reason: input.reason ?? null,
        reference: input.reference ?? null,
        effectiveAt: input.effectiveAt ?? null,
      }),
  }),
);

const TransferBetweenWalletsInput = builder.inputType('TransferBetweenWalletsInput', {
  description: 'What moves, from where to where.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    fromWalletId: t.id({
      required: true,
      description: 'Whose money goes; with WALLETS_POST any wallet, otherwise one of his own.',
    }),
    toWalletId: t.id({ required: true, description: 'Who gets it: any wallet of the venue.' }),
    amount: t.field({ type: 'Decimal', required: true, description: amountDescription }),
    currency: t.field({ type: 'CurrencyCode', required: true, description: currencyDescription }),
    reason: t.string({ description: reasonDescription }),
    reference: t.string({ description: referenceDescription }),
  }),
});

builder.mutationField('transferBetweenWallets', (t) =>
  t.field({
    type: postedType('TransferBetweenWalletsSuccess', 'The money is in the other wallet.'),
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Moves money from one wallet to another of the same currency. One that is not his gives NotOwnerError, or NotFoundError where he may not see it. Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: {
      input: t.arg({ type: TransferBetweenWalletsInput, required: true, description: 'What moves.' }),
    },
    errors: { types: MONEY_ERRORS, directResult: true },
    resolve: (_root, { input }, context) =>
      context.teller.transfer(authorOf(context), {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        fromWalletId: decodeIdOf('Wallet', input.fromWalletId),
        toWalletId: decodeIdOf('Wallet', input.toWalletId),
        amountMinor: parseMinor(input.amount, input.currency),
        currency: input.currency,
        reason: input.reason ?? null,
        reference: input.reference ?? null,
      }),
  }),
);

const ReverseLedgerTransactionInput = builder.inputType('ReverseLedgerTransactionInput', {
  description: 'What is to be undone, and why.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    transactionId: t.id({ required: true, description: 'The transaction.' }),
    reason: t.string({ required: true, description: reasonDescription }),
  }),
});

builder.mutationField('reverseLedgerTransaction', (t) =>
  t.field({
    type: postedType('ReverseLedgerTransactionSuccess', 'The opposite is posted.'),
    nullable: true,
    authScopes: { scope: 'WALLETS_POST' },
    description:
      'Posts the opposite of a transaction, once; the wallet that got the money must still have it (InsufficientFundsError). What was paid for a booking is given back by `cancelBooking` alone (NotReversibleError). Frozen wallets take part. Needs WALLETS_POST (AUTH_004).',
    args: {
      input: t.arg({ type: ReverseLedgerTransactionInput, required: true, description: 'Which.' }),
    },
    errors: { types: [...MONEY_ERRORS, NotReversibleError], directResult: true },
    resolve: (_root, { input }, context) =>
      context.teller.reverse(authorOf(context), {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        transactionId: decodeIdOf('LedgerTransaction', input.transactionId),
        reason: input.reason,
      }),
  }),
);

/** On whose behalf the ledger is told. */
export const authorOf = ({ actor, client, requestId }: Context): Author => ({
  actor,
  origin: originOf({ ...client, requestId }),
});
