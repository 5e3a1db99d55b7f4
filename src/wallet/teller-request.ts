import { parseKey } from '../idempotency.ts';
import type { Actor } from '../lib/actor.ts';
import { PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { parseReason, parseReference } from '../lib/reason.ts';
import type { Author } from '../work.ts';
import { MOST_MINOR } from './ledger.ts';
import { canPostToWallets } from './policy.ts';
import type { PostingDirection, PostingKind } from './posting.ts';

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

/** What all commands have: whose, where, and by which key. The key is of the request as it was made. */
export function begin(author: Author, what: string, request: Request) {
  const { venueId, idempotencyKey, ...parameters } = request;
  const idempotency = parseKey(author.actor, idempotencyKey, { ...parameters, venueId, what });
  return { author, venueId, idempotency };
}

export function refuseUnlessTeller(actor: Actor, venueId: string): void {
  if (!canPostToWallets(actor, venueId)) throw new PermissionDeniedError('post to wallets');
}

/** Whose wallet it has to be: his own, unless he may post to every wallet. */
export function ownerFor(actor: Actor, venueId: string): string | null {
  if (canPostToWallets(actor, venueId)) return null;
  if (actor.kind !== 'user') throw new PermissionDeniedError('use wallets');
  return actor.userId;
}

export function positive(amountMinor: bigint): bigint {
  if (amountMinor <= 0n) throw new ValidationError('An amount is more than 0.', { field: 'amount' });
  if (amountMinor > MOST_MINOR)
    throw new ValidationError('That is more than an account can count.', { field: 'amount' });
  return amountMinor;
}

export const parseNarration = ({ reason, reference }: Narration): Narration => ({
  reason: reason === null ? null : parseReason(reason),
  reference: reference === null ? null : parseReference(reference),
});
