import { builder } from './builder.ts';
import './domain-errors.ts';
import { IdempotencyMismatchError, NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import {
  CurrencyMismatchError,
  type HoldEnd,
  HoldEndedError,
  InsufficientFundsError,
  NotReversibleError,
  WalletFrozenError,
} from '../wallet/errors.ts';
import { errorType } from './error-type.ts';
import { MoneyType } from './money.ts';

/** What moving money may answer with; importing this file puts it into the schema. */

errorType(InsufficientFundsError, {
  name: 'InsufficientFundsError',
  description:
    'The wallet has less that no hold claims. The key has this outcome for ever: take a new one to try again. Code API_020.',
  fields: (t) => ({
    available: t.field({
      type: MoneyType,
      description: 'What could be spent when it was tried.',
      resolve: ({ availableMinor, currency }) => ({ amountMinor: availableMinor, currency }),
    }),
  }),
});

errorType(CurrencyMismatchError, {
  name: 'CurrencyMismatchError',
  description:
    'The amount, the other wallet or the machine is of another currency than the wallet. Code API_021.',
});

errorType(WalletFrozenError, {
  name: 'WalletFrozenError',
  description: 'The wallet is frozen or closed, and nothing moves. Code API_022.',
  fields: (t) => ({
    closed: t.exposeBoolean('isClosed', { description: 'Whether it is closed, not just frozen.' }),
  }),
});

const HoldEndEnum = builder.enumType('HoldEnd', {
  description: 'How a hold ended.',
  values: {
    CAPTURED: { description: 'What it claimed was paid, or a part of it.' },
    VOIDED: { description: 'It was given up.' },
    EXPIRED: { description: 'Its time was over.' },
  } satisfies Record<HoldEnd, { description: string }>,
});

errorType(HoldEndedError, {
  name: 'HoldEndedError',
  description: 'The hold claims nothing any more. Code API_013.',
  fields: (t) => ({ end: t.expose('end', { type: HoldEndEnum, description: 'How it ended.' }) }),
});

errorType(NotReversibleError, {
  name: 'NotReversibleError',
  description:
    'The transaction is reversed already, is a reversal itself, moved money to or from a machine, or is the FEE or REFUND of a booking, which is given back by `cancelBooking`. Code API_001.',
  fields: (t) => ({
    reversed: t.exposeBoolean('isReversed', { description: 'Whether it is reversed already.' }),
  }),
});

/** Of whatever moves or claims money. */
export const MONEY_ERRORS = [
  ValidationError,
  NotFoundError,
  NotOwnerError,
  InsufficientFundsError,
  CurrencyMismatchError,
  WalletFrozenError,
  IdempotencyMismatchError,
];
