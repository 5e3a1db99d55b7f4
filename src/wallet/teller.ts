import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import { NotOwnerError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason, parseReference } from '../lib/reason.ts';
import type { Author } from '../work.ts';
import { errorOf } from './errors.ts';
import { parseKey } from './idempotency.ts';
import {
  type Applied,
  type CaptureHold,
  isApplied,
  type Outcome,
  type PlaceHold,
  type Post,
  type Reverse,
  type VoidHold,
} from './ledger.ts';
import { canPostToWallets, canSeeWallets } from './policy.ts';
import { houseOf, type PostingDirection, type PostingKind, parseEffectiveAt, partiesOf } from './posting.ts';
import type { PostingQueue, StandaloneCommand } from './posting-queue.ts';
import type { LedgerTransaction } from './transaction.ts';
import { findHoldsByIds } from './wallet-hold-store.ts';
import { findWalletsByIds } from './wallet-store.ts';

/** What every request names: at which venue, and by which key it happens once. */
interface Request {
  readonly venueId: string;
  readonly idempotencyKey: string;
}

/** An amount in minor units, more than 0. */
interface Amount {
  readonly amountMinor: bigint;
  readonly currency: string;
}

interface Narration {
  readonly reason: string | null;
  readonly reference: string | null;
}

export interface PostingRequest extends Request, Amount, Narration {
  readonly walletId: string;
  readonly kind: PostingKind;
  /** Needed by an ADJUSTMENT; every other kind has its own. */
  readonly direction: PostingDirection | null;
  readonly effectiveAt: Date | null;
}

export interface TransferRequest extends Request, Amount, Narration {
  readonly fromWalletId: string;
  readonly toWalletId: string;
}

export interface HoldRequest extends Request, Amount {
  readonly walletId: string;
  readonly expiresInSeconds: number;
  readonly reason: string | null;
}

export interface CaptureRequest extends Request, Narration {
  readonly holdId: string;
  /** What it pays for. */
  readonly kind: 'WITHDRAWAL' | 'BET' | 'FEE';
  /** Null for all of it. */
  readonly amountMinor: bigint | null;
  readonly currency: string;
}

export interface VoidRequest extends Request {
  readonly holdId: string;
}

export interface ReversalRequest extends Request {
  readonly transactionId: string;
  readonly reason: string;
}

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

/** What was posted, now or when the key was first used. */
export interface Posted {
  readonly transaction: LedgerTransaction;
  readonly isReplay: boolean;
}

export interface TellerDependencies {
  readonly queue: PostingQueue;
  readonly db: Kysely<Database>;
}

export const MAX_HOLD_SECONDS = 7 * 86_400;

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
    throw new ValidationError('An ADJUSTMENT takes a reason.');
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

async function placeHold(
  dependencies: TellerDependencies,
  author: Author,
  request: HoldRequest,
): Promise<Applied> {
  const { venueId, walletId, amountMinor, currency, expiresInSeconds, reason } = request;
  if (expiresInSeconds < 1 || expiresInSeconds > MAX_HOLD_SECONDS)
    throw new ValidationError(`A hold lasts 1 to ${MAX_HOLD_SECONDS} seconds.`);
  const command: StandaloneCommand & PlaceHold = {
    ...begin(author, 'hold', request),
    op: 'HOLD',
    id: newId(),
    purpose: 'CALLER',
    walletId,
    ownerId: ownerFor(author.actor, venueId),
    amountMinor: positive(amountMinor),
    currency,
    expiresInSeconds,
    reason: reason === null ? null : parseReason(reason),
  };
  return await applyAsOwner(dependencies, command, () => walletId);
}

async function captureHold(
  dependencies: TellerDependencies,
  author: Author,
  request: CaptureRequest,
): Promise<Posted> {
  const { venueId, holdId, kind, amountMinor, currency } = request;
  const command: StandaloneCommand & CaptureHold = {
    ...begin(author, 'capture', request),
    op: 'CAPTURE',
    id: newId(),
    holdId,
    purpose: 'CALLER',
    kind,
    to: { house: houseOf(kind) },
    ownerId: ownerFor(author.actor, venueId),
    amountMinor: amountMinor === null ? null : positive(amountMinor),
    currency,
    forced: false,
    ...parseNarration(request),
  };
  const walletId = () => walletOfHold(dependencies, venueId, holdId);
  return posted(command, await applyAsOwner(dependencies, command, walletId, 'hold'));
}

async function voidHold(
  dependencies: TellerDependencies,
  author: Author,
  request: VoidRequest,
): Promise<Applied> {
  const { venueId, holdId } = request;
  const command: StandaloneCommand & VoidHold = {
    ...begin(author, 'void', request),
    op: 'VOID',
    holdId,
    purpose: 'CALLER',
    ownerId: ownerFor(author.actor, venueId),
  };
  return await applyAsOwner(dependencies, command, () => walletOfHold(dependencies, venueId, holdId), 'hold');
}

async function reverse(
  { queue }: TellerDependencies,
  author: Author,
  request: ReversalRequest,
): Promise<Posted> {
  refuseUnlessTeller(author.actor, request.venueId);
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

/** What all commands have: whose, where, and by which key. The key is of the request as it was made. */
function begin(author: Author, what: string, request: Request) {
  const { venueId, idempotencyKey, ...parameters } = request;
  const idempotency = parseKey(author.actor, idempotencyKey, { ...parameters, venueId, what });
  return { author, venueId, idempotency };
}

function refuseUnlessTeller(actor: Actor, venueId: string): void {
  if (!canPostToWallets(actor, venueId)) throw new PermissionDeniedError('post to wallets');
}

/** Whose wallet it has to be: his own, unless he may post to every wallet. */
function ownerFor(actor: Actor, venueId: string): string | null {
  if (canPostToWallets(actor, venueId)) return null;
  if (actor.kind !== 'user') throw new PermissionDeniedError('use wallets');
  return actor.userId;
}

/** Does it; who oversees wallets hears that one is not his, and nobody else that there is one. */
async function applyAsOwner(
  { queue, db }: TellerDependencies,
  command: StandaloneCommand & (Post | PlaceHold | CaptureHold | VoidHold),
  walletIdOf: () => string | null | Promise<string | null>,
  what = 'wallet',
): Promise<Applied> {
  const outcome = await queue.apply(command);
  const { venueId, ownerId, author } = command;
  if (outcome.status === 'NOT_FOUND' && ownerId !== null && canSeeWallets(author.actor, venueId)) {
    const walletId = await walletIdOf();
    const [wallet] = walletId === null ? [] : await findWalletsByIds(db, venueId, [walletId]);
    if (wallet && wallet.userId !== ownerId) throw new NotOwnerError('move money of this wallet');
  }
  return applied(outcome, what);
}

async function walletOfHold(
  { db }: TellerDependencies,
  venueId: string,
  holdId: string,
): Promise<string | null> {
  const [hold] = await findHoldsByIds(db, venueId, { ids: [holdId], now: new Date() });
  return hold?.walletId ?? null;
}

function applied(outcome: Outcome, what: string): Applied {
  if (isApplied(outcome)) return outcome;
  throw errorOf(outcome, what);
}

/** What a command posted, without reading it again: what its key was first used for is the same. */
function posted(
  command: StandaloneCommand & (Post | CaptureHold | Reverse),
  { id, amountMinor, currency, at, isReplay }: Applied,
): Posted {
  const { venueId, kind, reason, reference, author } = command;
  const transaction: LedgerTransaction = {
    id,
    venueId,
    kind,
    currency,
    amountMinor,
    reason,
    reference,
    holdId: 'holdId' in command ? command.holdId : null,
    reversesId: 'reversesId' in command ? command.reversesId : null,
    postedAt: at,
    effectiveAt: ('effectiveAt' in command && command.effectiveAt) || at,
    actor: actorReference(author.actor),
  };
  return { transaction, isReplay };
}

function positive(amountMinor: bigint): bigint {
  if (amountMinor <= 0n) throw new ValidationError('An amount is more than 0.');
  return amountMinor;
}

const parseNarration = ({ reason, reference }: Narration): Narration => ({
  reason: reason === null ? null : parseReason(reason),
  reference: reference === null ? null : parseReference(reference),
});
