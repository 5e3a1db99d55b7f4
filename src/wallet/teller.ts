import { ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason } from '../lib/reason.ts';
import type { Author } from '../work.ts';
import { NotReversibleError } from './errors.ts';
import { captureHold, placeHold, voidHold } from './hold-teller.ts';
import type { Applied, Post, Reverse } from './ledger.ts';
import { parseEffectiveAt, partiesOf } from './posting.ts';
import type { StandaloneCommand } from './posting-queue.ts';
import { applied, applyAsOwner, type Posted, posted, type TellerDependencies } from './teller-answer.ts';
import {
  begin,
  type CaptureRequest,
  type HoldRequest,
  ownerFor,
  type PostingRequest,
  parseNarration,
  positive,
  type ReversalRequest,
  refuseUnlessTeller,
  type TransferRequest,
  type VoidRequest,
} from './teller-request.ts';
import { isOfBooking } from './transaction.ts';
import { findTransactionsByIds } from './transaction-store.ts';

/**
 * Does with money what callers ask for, each request once by its key. All of them throw ValidationError,
 * NotFoundError, NotOwnerError, IdempotencyMismatchError, WalletFrozenError and what `errorOf` knows besides;
 * DatabaseUnavailableError and TimeoutError leave open whether it was done: the same key finds out.
 */
export interface Teller {
  post(author: Author, request: PostingRequest): Promise<Posted>;
  transfer(author: Author, request: TransferRequest): Promise<Posted>;
  reverse(author: Author, request: ReversalRequest): Promise<Posted>;
  captureHold(author: Author, request: CaptureRequest): Promise<Posted>;
  placeHold(author: Author, request: HoldRequest): Promise<Applied>;
  voidHold(author: Author, request: VoidRequest): Promise<Applied>;
}

export function createTeller(dependencies: TellerDependencies): Teller {
  return {
    post: (author, request) => post(dependencies, author, request),
    transfer: (author, request) => transfer(dependencies, author, request),
    placeHold: (author, request) => placeHold(dependencies, author, request),
    captureHold: (author, request) => captureHold(dependencies, author, request),
    voidHold: (author, request) => voidHold(dependencies, author, request),
    reverse: (author, request) => reverse(dependencies, author, request),
  };
}

async function post({ queue }: TellerDependencies, author: Author, request: PostingRequest): Promise<Posted> {
  const { venueId, walletId, kind, direction, amountMinor, currency, effectiveAt } = request;
  refuseUnlessTeller(author.actor, venueId);
  if (kind === 'ADJUSTMENT' && request.reason === null)
    throw new ValidationError('An ADJUSTMENT takes a reason.', { field: 'reason' });
  const command: StandaloneCommand & Post = {
    ...begin(author, 'post', request),
    op: 'POST',
    id: newId(),
    kind,
    ...partiesOf(kind, walletId, direction),
    ownerId: null,
    amountMinor: positive(amountMinor),
    currency,
    effectiveAt: parseEffectiveAt(effectiveAt, new Date()),
    // Who may adjust may put right what is frozen.
    forced: kind === 'ADJUSTMENT',
    ...parseNarration(request),
  };
  return posted(command, applied(await queue.apply(command), 'wallet'));
}

async function transfer(
  dependencies: TellerDependencies,
  author: Author,
  request: TransferRequest,
): Promise<Posted> {
  const { venueId, fromWalletId, toWalletId, amountMinor, currency } = request;
  const command: StandaloneCommand & Post = {
    ...begin(author, 'transfer', request),
    op: 'POST',
    id: newId(),
    kind: 'TRANSFER',
    from: { walletId: fromWalletId },
    to: { walletId: toWalletId },
    ownerId: ownerFor(author.actor, venueId),
    amountMinor: positive(amountMinor),
    currency,
    effectiveAt: null,
    forced: false,
    ...parseNarration(request),
  };
  return posted(command, await applyAsOwner(dependencies, command, () => fromWalletId));
}

async function reverse(
  { queue, db }: TellerDependencies,
  author: Author,
  request: ReversalRequest,
): Promise<Posted> {
  refuseUnlessTeller(author.actor, request.venueId);
  const [original] = await findTransactionsByIds(db, request.venueId, [request.transactionId]);
  if (original && isOfBooking(original)) throw new NotReversibleError('OF_BOOKING');
  const command: StandaloneCommand & Reverse = {
    ...begin(author, 'reverse', request),
    op: 'REVERSE',
    id: newId(),
    kind: 'REVERSAL',
    reversesId: request.transactionId,
    effectiveAt: null,
    forced: true,
    reason: parseReason(request.reason),
    reference: null,
  };
  return posted(command, applied(await queue.apply(command), 'transaction'));
}
