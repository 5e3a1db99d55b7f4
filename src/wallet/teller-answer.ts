import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { actorReference } from '../lib/actor.ts';
import { NotOwnerError } from '../lib/errors.ts';
import { errorOf } from './errors.ts';
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
import { canSeeWallets } from './policy.ts';
import type { PostingQueue, StandaloneCommand } from './posting-queue.ts';
import type { LedgerTransaction } from './transaction.ts';
import { findWalletsByIds } from './wallet-store.ts';

export interface TellerDependencies {
  readonly queue: PostingQueue;
  readonly db: Kysely<Database>;
}

/** What was posted, now or when the key was first used. */
export interface Posted {
  readonly transaction: LedgerTransaction;
  readonly isReplay: boolean;
}

/** Does it; who oversees wallets hears that one is not his, and nobody else that there is one. */
export async function applyAsOwner(
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

export function applied(outcome: Outcome, what: string): Applied {
  if (isApplied(outcome)) return outcome;
  throw errorOf(outcome, what);
}

/** What a command posted, without reading it again: what its key was first used for is the same. */
export function posted(
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
