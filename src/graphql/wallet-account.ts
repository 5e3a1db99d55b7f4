import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { openWallet, setWalletStatus } from '../wallet/wallet-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { callersOwn, MOVES_MONEY, WalletStatusEnum, WalletType } from './wallet-type.ts';

const walletResult = {
  dataField: { name: 'wallet', description: 'The wallet as it is now.' },
} as const;

const OpenWalletInput = builder.inputType('OpenWalletInput', {
  description: 'Whose wallet, in which currency.',
  fields: (t) => ({
    userId: t.id({
      description: 'Whose; the caller’s own without it, and for an API key none (ValidationError).',
    }),
    currency: t.field({
      type: 'CurrencyCode',
      required: true,
      description:
        'What it counts in; metals, units of account and codes for tests are no money (ValidationError).',
    }),
  }),
});

builder.mutationField('openWallet', (t) =>
  t.field({
    type: WalletType,
    nullable: true,
    authScopes: MOVES_MONEY,
    description:
      'Opens a wallet, or gives the one that is there: a user has one in each currency. Another’s with WALLETS_POST only (NotOwnerError; NotFoundError where the caller may not see whose). Needs WALLETS_USE or WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: OpenWalletInput, required: true, description: 'Which wallet.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError],
      ...walletResult,
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({ description: messageDescription, resolve: () => 'The wallet is open.' }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const { actor, runWork } = context;
      const wallet = {
        venueId: venueIdOf(context),
        userId: input.userId == null ? callersOwn(actor, 'userId') : decodeIdOf('User', input.userId),
        currency: input.currency,
      };
      return await runWork(actor, (work) => openWallet(work, wallet));
    },
  }),
);

const SetWalletStatusInput = builder.inputType('SetWalletStatusInput', {
  description: 'What can be done with a wallet from now on.',
  fields: (t) => ({
    walletId: t.id({ required: true, description: 'The wallet.' }),
    status: t.field({
      type: WalletStatusEnum,
      required: true,
      description:
        'Only an empty wallet without a transfer under way can be CLOSED (ValidationError); that of a deleted account stays so.',
    }),
    reason: t.string({ required: true, description: 'Why, in 1 to 200 characters (ValidationError).' }),
    expectedVersion: t.field({
      type: 'BigInt',
      description: '`Wallet.version` as the caller read it (VersionConflictError); whatever it is without.',
    }),
  }),
});

builder.mutationField('setWalletStatus', (t) =>
  t.field({
    type: WalletType,
    nullable: true,
    authScopes: { scope: 'WALLETS_POST' },
    description:
      'Freezes a wallet, closes an empty one, or lets it be used again. Needs WALLETS_POST (AUTH_004).',
    args: { input: t.arg({ type: SetWalletStatusInput, required: true, description: 'Which, and how.' }) },
    errors: {
      types: [NotFoundError, NotOwnerError, ValidationError, VersionConflictError],
      ...walletResult,
      result: {
        fields: (result) => ({
          success: result.boolean({ description: successDescription, resolve: () => true }),
          message: result.string({
            description: messageDescription,
            resolve: () => 'The status of the wallet was set.',
          }),
        }),
      },
    },
    resolve: async (_root, { input }, context) => {
      const change = {
        venueId: venueIdOf(context),
        walletId: decodeIdOf('Wallet', input.walletId),
        status: input.status,
        reason: input.reason,
        expectedVersion: input.expectedVersion ?? null,
      };
      return await context.runWork(context.actor, (work) => setWalletStatus(work, change));
    },
  }),
);
