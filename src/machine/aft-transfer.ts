import type { AftTransferState } from '../db/tables/aft.ts';
import { ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { centsOf } from '../lib/money.ts';
import type { AftCause } from './aft-cash-out.ts';
import type { Requester } from './command.ts';

export type { AftTransferState } from '../db/tables/aft.ts';

export type AftDirection = 'TO_MACHINE' | 'FROM_MACHINE';

/** Money on its way between a wallet and a machine, or that was. Amounts are minor units of `currency`. */
export interface AftTransfer {
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  readonly walletId: string;
  /** Whose wallet it is. */
  readonly userId: string;
  readonly direction: AftDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
  /** The same amount, as machines count. */
  readonly cents: bigint;
  readonly allowPartial: boolean;
  readonly cause: AftCause;
  /** The event by which the machine asked for it; null for what was ordered. */
  readonly causeEventId: string | null;
  readonly state: AftTransferState;
  /** By which the machine knows it: 20 printable characters. */
  readonly sasTransactionId: string;
  /** What of the wallet is on its way; null for what comes from a machine. */
  readonly holdId: string | null;
  /** Null until it is known. */
  readonly movedMinor: bigint | null;
  readonly ledgerTransactionId: string | null;
  readonly failure: AftFailure | null;
  readonly doubt: AftDoubt | null;
  readonly resolution: { readonly by: Requester | null; readonly reason: string } | null;
  readonly requestedBy: Requester | null;
  readonly requestedAt: Date;
  /** Not sent by then, it never will be. */
  readonly expiresAt: Date;
  readonly cancelRequestedAt: Date | null;
  readonly sentAt: Date | null;
  readonly changedAt: Date;
  readonly finishedAt: Date | null;
  /** Grows with every change. */
  readonly version: number;
}

/** What is said of a transfer when it is ordered. */
export type NewTransfer = Pick<
  AftTransfer,
  | 'id'
  | 'venueId'
  | 'machineId'
  | 'walletId'
  | 'userId'
  | 'direction'
  | 'amountMinor'
  | 'currency'
  | 'cents'
  | 'allowPartial'
  | 'cause'
  | 'causeEventId'
  | 'requestedBy'
  | 'requestedAt'
  | 'expiresAt'
>;

export const newTransfer = (order: NewTransfer): AftTransfer => ({
  ...order,
  state: order.direction === 'TO_MACHINE' ? 'FUNDS_HELD' : 'CREATED',
  sasTransactionId: sasTransactionIdOf(order.id),
  holdId: order.direction === 'TO_MACHINE' ? newId() : null,
  movedMinor: null,
  ledgerTransactionId: null,
  failure: null,
  doubt: null,
  resolution: null,
  cancelRequestedAt: null,
  sentAt: null,
  changedAt: order.requestedAt,
  finishedAt: null,
  version: 1,
});

/** Why nothing moved. */
export interface AftFailure {
  readonly code: AftFailureCode;
  /** What the machine called it, where it said so. */
  readonly status: string | null;
}

/** Not reached; refused for now; not supported; rejected; not locked; over its limit. */
export type AftFailureCode = 'SAS_002' | 'SAS_004' | 'SAS_005' | 'SAS_006' | 'SAS_008' | 'SAS_009';

/**
 * NO_ANSWER: it was sent, and the machine was not heard of since, or another one is in its place; it is still asked.
 * MEMORY_LOST: the machine has no record of it, and may have had one. LEDGER: the wallet could not take what moved. The
 * others: what the machine says of it makes no sense.
 */
export type AftDoubt =
  | 'NO_ANSWER'
  | 'OTHER_TYPE'
  | 'UNREADABLE'
  | 'MORE_THAN_ASKED'
  | 'NOT_IN_HISTORY'
  | 'MEMORY_LOST'
  | 'NOT_IN_CURRENCY'
  | 'LEDGER';

/** A word of its machine that names it still counts. */
export const canStillBeTold = (transfer: Pick<AftTransfer, 'state' | 'doubt'>): boolean =>
  isOnTheWay(transfer) || (transfer.state === 'IN_DOUBT' && transfer.doubt === 'MEMORY_LOST');

/** Not a byte of it was sent. */
export const isUnsent = ({ state }: Pick<AftTransfer, 'state'>): boolean =>
  UNSENT_STATES.some((each) => each === state);

export const UNSENT_STATES = ['CREATED', 'FUNDS_HELD', 'LOCK_PENDING'] as const;

/** It was or may have been sent, and the machine can say what became of it. */
export const isOnTheWay = ({ state, doubt }: Pick<AftTransfer, 'state' | 'doubt'>): boolean =>
  state === 'SENT' || state === 'PENDING_ON_MACHINE' || (state === 'IN_DOUBT' && doubt === 'NO_ANSWER');

export const isFinished = ({ finishedAt }: Pick<AftTransfer, 'finishedAt'>): boolean => finishedAt !== null;

/** In which another one of the machine would be refused. */
export const LIVE_STATES = [...UNSENT_STATES, 'SENT', 'PENDING_ON_MACHINE', 'IN_DOUBT'] as const;

/** The next state of a transfer. */
export type Step =
  | { readonly to: 'LOCK_PENDING' | 'SENT' | 'PENDING_ON_MACHINE' }
  | { readonly to: 'SETTLED' | 'PARTIALLY_SETTLED'; readonly movedMinor: bigint }
  | { readonly to: 'REJECTED'; readonly failure: AftFailure }
  | { readonly to: 'CANCELLED'; readonly failure: AftFailure | null }
  | { readonly to: 'IN_DOUBT'; readonly doubt: AftDoubt }
  | {
      readonly to: 'MANUALLY_RESOLVED';
      readonly movedMinor: bigint;
      readonly by: Requester | null;
      readonly reason: string;
    };

/** What of the money has to be booked by a step: null while that is open. */
export const movedBy = (step: Step): bigint | null => {
  if ('movedMinor' in step) return step.movedMinor;
  return step.to === 'REJECTED' || step.to === 'CANCELLED' ? 0n : null;
};

/** The transfer after a step, apart from what is booked. */
export function stepped(transfer: AftTransfer, step: Step, now: Date): AftTransfer {
  const movedMinor = 'movedMinor' in step ? step.movedMinor : null;
  return {
    ...transfer,
    state: step.to,
    movedMinor,
    failure: 'failure' in step ? step.failure : null,
    doubt: 'doubt' in step ? step.doubt : step.to === 'MANUALLY_RESOLVED' ? transfer.doubt : null,
    resolution: step.to === 'MANUALLY_RESOLVED' ? { by: step.by, reason: step.reason } : null,
    sentAt: step.to === 'SENT' ? now : transfer.sentAt,
    changedAt: now,
    finishedAt: movedBy(step) === null ? null : now,
    version: transfer.version + 1,
  };
}

/** What a field of five BCD bytes holds. */
const MOST_CENTS = 9_999_999_999n;

/** @throws ValidationError for an amount that machines cannot count exactly */
export function parseCents(amountMinor: bigint, currency: string): bigint {
  const cents = centsOf({ amountMinor, currency });
  if (cents === null)
    throw new ValidationError('Machines count hundredths: the amount has more decimals.', {
      field: 'amount',
    });
  if (cents < 1n || cents > MOST_CENTS)
    throw new ValidationError('A transfer moves more than 0, and at most 99999999.99.', { field: 'amount' });
  return cents;
}

/**
 * The name of a transfer on its machine: 100 bits of its id as 20 digits and capital letters. They begin with the time,
 * and end with chance: a database that was put back to an older state does not name two alike.
 */
export const sasTransactionIdOf = (id: string): string =>
  BigInt(`0x${id.replaceAll('-', '').slice(0, 25)}`)
    .toString(36)
    .toUpperCase()
    .padStart(20, '0');
