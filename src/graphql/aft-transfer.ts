import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { parseMinor } from '../lib/money.ts';
import type { Told } from '../machine/aft-desk.ts';
import type { AftTransfer } from '../machine/aft-transfer.ts';
import { TRANSFER_ERRORS } from './aft-transfer-errors.ts';
import { AftDirectionEnum, AftTransferType } from './aft-transfer-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { MOVES_MONEY } from './wallet-type.ts';
import './machine-services.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';
import { amountDescription, keyDescription } from './wallet-posting.ts';

const toldType = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Told>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      transfer: t.field({
        type: AftTransferType,
        description: 'The transfer as it is now.',
        resolve: ({ transfer }) => transfer,
      }),
      replayed: t.exposeBoolean('isReplay', {
        description: 'Whether it was done when the key was first used, and nothing was done now.',
      }),
    }),
  });

const StartAftTransferInput = builder.inputType('StartAftTransferInput', {
  description: 'What moves, between which wallet and which machine.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    walletId: t.id({ required: true, description: 'Whose money.' }),
    machineId: t.id({ required: true, description: 'The machine.' }),
    direction: t.field({ type: AftDirectionEnum, required: true, description: 'Which way.' }),
    amount: t.field({
      type: 'Decimal',
      required: true,
      description: `${amountDescription} Machines count hundredths, at most 99999999.99 (ValidationError).`,
    }),
    currency: t.field({
      type: 'CurrencyCode',
      required: true,
      description:
        'The currency of the amount, which must be the wallet’s and the one in which the venue’s machines count (CurrencyMismatchError).',
    }),
    allowPartial: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether less may move, when that is all that goes.',
    }),
  }),
});

builder.mutationField('startAftTransfer', (t) =>
  t.field({
    type: toldType('StartAftTransferSuccess', {
      description:
        'The transfer is on its way, or over: `transfer.state` says so, and `aftTransfers` follows it.',
      message: 'The transfer was ordered.',
    }),
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Moves money between a wallet and the cashable credits of a machine, exactly once. It answers as soon as the transfer is over, or after some seconds while it goes on. What goes to the machine is held meanwhile. A machine does one at a time (MachineRefusedError). Whoever may post to wallets starts one for any wallet of the venue; a person for his own wallet and a machine that he has booked for this moment, otherwise it is a NotOwnerError, and of another’s wallet a NotFoundError. Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: {
      input: t.arg({ type: StartAftTransferInput, required: true, description: 'What moves.' }),
    },
    errors: { types: TRANSFER_ERRORS, directResult: true },
    resolve: (_root, { input }, context) =>
      context.transfers.start(context, {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        walletId: decodeIdOf('Wallet', input.walletId),
        machineId: decodeIdOf('Machine', input.machineId),
        direction: input.direction,
        amountMinor: parseMinor(input.amount, input.currency),
        currency: input.currency,
        allowPartial: input.allowPartial,
      }),
  }),
);

const CancelAftTransferInput = builder.inputType('CancelAftTransferInput', {
  description: 'Which transfer is to end.',
  fields: (t) => ({ transferId: t.id({ required: true, description: 'The transfer.' }) }),
});

const CancelAftTransferSuccess = builder
  .objectRef<{ readonly transfer: AftTransfer }>('CancelAftTransferSuccess')
  .implement({
    description: 'It was ended, or the machine was asked to: `transfer.state` says what came of it.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'The transfer was asked to end.',
      }),
      transfer: t.field({
        type: AftTransferType,
        description: 'The transfer as it is now: it may have moved its money all the same.',
        resolve: ({ transfer }) => transfer,
      }),
    }),
  });

builder.mutationField('cancelAftTransfer', (t) =>
  t.field({
    type: CancelAftTransferSuccess,
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Ends a transfer that was not sent, and asks the machine to end one that it has not done. One that is over, or in doubt, stays as it is. It answers as soon as that is known, or after some seconds. One that he ordered himself, and with WALLETS_POST any (NotOwnerError, or NotFoundError where he may not see it). Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: CancelAftTransferInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => ({
      transfer: await context.transfers.cancel(context, {
        venueId: venueIdOf(context),
        transferId: decodeIdOf('AftTransfer', input.transferId),
      }),
    }),
  }),
);

const AftResolutionEnum = builder.enumType('AftResolution', {
  description: 'What became of a transfer that was in doubt.',
  values: {
    SETTLED: { description: 'Money moved: all of it, or `amount`.' },
    NOT_HAPPENED: { description: 'Nothing moved.' },
  },
});

const ResolveAftTransferInput = builder.inputType('ResolveAftTransferInput', {
  description: 'What became of a transfer, and how one knows.',
  fields: (t) => ({
    idempotencyKey: t.string({ required: true, description: keyDescription }),
    transferId: t.id({ required: true, description: 'The transfer.' }),
    outcome: t.field({ type: AftResolutionEnum, required: true, description: 'What became of it.' }),
    amount: t.field({
      type: 'Decimal',
      description: `With SETTLED: what moved, at most what was ordered; all of it without this. ${amountDescription}`,
    }),
    currency: t.field({
      type: 'CurrencyCode',
      description: 'With an amount: its currency (ValidationError).',
    }),
    reason: t.string({ required: true, description: 'How one knows, in 1 to 200 characters.' }),
  }),
});

builder.mutationField('resolveAftTransfer', (t) =>
  t.field({
    type: toldType('ResolveAftTransferSuccess', {
      description: 'It is booked so.',
      message: 'What became of the transfer is booked.',
    }),
    nullable: true,
    authScopes: { scope: 'WALLETS_POST' },
    description:
      'Says what became of a transfer that is IN_DOUBT (any other gives ValidationError), and books it: as the display or the history of the machine shows it. Needs WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: ResolveAftTransferInput, required: true, description: 'What is known.' }) },
    errors: { types: MONEY_ERRORS, directResult: true },
    resolve: (_root, { input }, context) =>
      context.transfers.resolve(context, {
        venueId: venueIdOf(context),
        idempotencyKey: input.idempotencyKey,
        transferId: decodeIdOf('AftTransfer', input.transferId),
        outcome: input.outcome,
        amount: input.amount ?? null,
        currency: input.currency ?? null,
        reason: input.reason,
      }),
  }),
);
