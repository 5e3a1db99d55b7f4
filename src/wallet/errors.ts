import { DomainError, IdempotencyMismatchError, NotFoundError, ValidationError } from '../lib/errors.ts';
import type { Refused } from './ledger.ts';

interface AvailableMoney {
  readonly availableMinor: bigint;
  readonly currency: string;
}

/** The wallet has less that nothing claims. */
export class InsufficientFundsError extends DomainError {
  readonly code = 'API_020';
  /** What could be spent when it was tried, in minor units. */
  readonly availableMinor: bigint;
  readonly currency: string;
  constructor({ availableMinor, currency }: AvailableMoney, options?: ErrorOptions) {
    super('There is not enough money in the wallet.', options);
    this.availableMinor = availableMinor;
    this.currency = currency;
  }
}

/** The amount is of another currency than the wallet, or the two wallets differ. */
export class CurrencyMismatchError extends DomainError {
  readonly code = 'API_021';
  constructor(options?: ErrorOptions) {
    super('The wallet is of another currency.', options);
  }
}

/** Nothing moves in or out of the wallet. */
export class WalletFrozenError extends DomainError {
  readonly code = 'API_022';
  readonly isClosed: boolean;
  constructor(isClosed: boolean, options?: ErrorOptions) {
    super(isClosed ? 'The wallet is closed.' : 'The wallet is frozen.', options);
    this.isClosed = isClosed;
  }
}

/** Money is on its way between the wallet and a machine; to be closed, it waits for that. Hence API_001. */
export class TransferUnderWayError extends ValidationError {
  constructor(options?: ErrorOptions) {
    super('A transfer between the wallet and a machine is under way.', options);
  }
}

/** How a hold came to its end. */
export type HoldEnd = 'CAPTURED' | 'VOIDED' | 'EXPIRED';

/** The hold claims nothing any more. */
export class HoldEndedError extends DomainError {
  readonly code = 'API_013';
  readonly end: HoldEnd;
  constructor(end: HoldEnd, options?: ErrorOptions) {
    super(`The hold was ${end.toLowerCase()} already.`, options);
    this.end = end;
  }
}

/** A transaction can be reversed once, and a reversal not at all. */
export class NotReversibleError extends DomainError {
  readonly code = 'API_001';
  readonly isReversed: boolean;
  constructor(why: keyof typeof NOT_REVERSIBLE, options?: ErrorOptions) {
    super(NOT_REVERSIBLE[why], options);
    this.isReversed = why === 'REVERSED_ALREADY';
  }
}

const NOT_REVERSIBLE = {
  REVERSED_ALREADY: 'The transaction is reversed already.',
  NOT_REVERSIBLE:
    'A reversal, and money that went to or came from a machine, cannot be reversed. Post an ADJUSTMENT.',
  OF_BOOKING: 'What was paid for a booking is given back by cancelling it.',
} as const;

/** What to answer to a refusal of the ledger. `what` is what was looked for: a wallet, a hold, a transaction. */
export function errorOf({ status, available }: Refused, what: string): DomainError {
  switch (status) {
    case 'NOT_FOUND':
      return new NotFoundError(what);
    case 'CURRENCY_MISMATCH':
      return new CurrencyMismatchError();
    case 'INSUFFICIENT_FUNDS':
      if (!available) throw new Error('the ledger did not say what there is');
      return new InsufficientFundsError(available);
    case 'FROZEN':
    case 'CLOSED':
      return new WalletFrozenError(status === 'CLOSED');
    case 'HOLD_CAPTURED':
    case 'HOLD_VOIDED':
    case 'HOLD_EXPIRED':
      return new HoldEndedError(status.slice('HOLD_'.length) as HoldEnd);
    case 'NOT_REVERSIBLE':
    case 'REVERSED_ALREADY':
      return new NotReversibleError(status);
    case 'IDEMPOTENCY_MISMATCH':
      return new IdempotencyMismatchError();
    case 'SAME_ACCOUNT':
      return new ValidationError('Money cannot be moved from a wallet to itself.', { field: 'toWalletId' });
    case 'HOLD_OF_TRANSFER':
      return new ValidationError('The hold is of a transfer with a machine or of a slot, and ends with it.');
    case 'HOLD_EXCEEDED':
      return new ValidationError('The hold claims less than that.', { field: 'amount' });
    case 'BALANCE_LIMIT':
      return new ValidationError('That is more than an account can count.');
  }
}
