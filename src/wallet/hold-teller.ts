import { type Actor, actorReference, isOwn } from '../lib/actor.ts';
import { NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason } from '../lib/reason.ts';
import type { Author } from '../work.ts';
import type { Applied, CaptureHold, PlaceHold, VoidHold } from './ledger.ts';
import { canPostToWallets } from './policy.ts';
import { houseOf } from './posting.ts';
import type { StandaloneCommand } from './posting-queue.ts';
import { applyAsOwner, type Posted, posted, type TellerDependencies } from './teller-answer.ts';
import {
  begin,
  type CaptureRequest,
  type HoldRequest,
  ownerFor,
  parseNarration,
  positive,
  type VoidRequest,
} from './teller-request.ts';
import { findHoldsByIds } from './wallet-hold-store.ts';
import { findWalletsByIds } from './wallet-store.ts';

/** In seconds. */
export const MAX_HOLD_SECONDS = 7 * 86_400;

export async function placeHold(
  dependencies: TellerDependencies,
  author: Author,
  request: HoldRequest,
): Promise<Applied> {
  const { venueId, walletId, amountMinor, currency, expiresInSeconds, reason } = request;
  if (expiresInSeconds < 1 || expiresInSeconds > MAX_HOLD_SECONDS)
    throw new ValidationError(`A hold lasts 1 to ${MAX_HOLD_SECONDS} seconds.`, {
      field: 'expiresInSeconds',
    });
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

export async function captureHold(
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
  await refuseUnlessPlacedBy(dependencies, author.actor, { venueId, holdId });
  const walletId = () => walletOfHold(dependencies, venueId, holdId);
  return posted(command, await applyAsOwner(dependencies, command, walletId, 'hold'));
}

export async function voidHold(
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
  await refuseUnlessPlacedBy(dependencies, author.actor, { venueId, holdId });
  return await applyAsOwner(dependencies, command, () => walletOfHold(dependencies, venueId, holdId), 'hold');
}

/**
 * Whose the money is does not free himself of a claim that somebody else has on it.
 *
 * @throws NotOwnerError
 */
async function refuseUnlessPlacedBy(
  { db }: TellerDependencies,
  actor: Actor,
  { venueId, holdId }: { readonly venueId: string; readonly holdId: string },
): Promise<void> {
  if (canPostToWallets(actor, venueId)) return;
  const hold = await findHold(db, venueId, holdId);
  // Of another's wallet more is not told here: the ledger says who may do what there.
  if (hold?.purpose !== 'CALLER') return;
  const [wallet] = await findWalletsByIds(db, venueId, [hold.walletId]);
  const { kind, id } = actorReference(actor);
  if (wallet && isOwn(actor, wallet) && (hold.placedBy.kind !== kind || hold.placedBy.id !== id))
    throw new NotOwnerError('end a hold that somebody else placed');
}

const walletOfHold = async ({ db }: TellerDependencies, venueId: string, holdId: string) =>
  (await findHold(db, venueId, holdId))?.walletId ?? null;

async function findHold(db: TellerDependencies['db'], venueId: string, holdId: string) {
  const [hold] = await findHoldsByIds(db, venueId, { ids: [holdId], now: new Date() });
  return hold ?? null;
}
