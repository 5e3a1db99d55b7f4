import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { type Block, deleteBlock, findBlock } from './block-store.ts';
import { getResource } from './booking-service.ts';
import { claimBlock } from './claiming.ts';
import { offerFreed } from './freed-time.ts';
import { canManageBookings } from './policy.ts';

export interface BlockSlots {
  readonly venueId: string;
  readonly resourceId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly reason: string | null;
}

const MAX_BLOCK_MS = 1_096 * 86_400_000;

/**
 * Takes time of a resource out, for whatever reason. What is booked in it has to be cancelled first.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, SlotUnavailableError
 */
export async function blockSlots(work: Work, input: BlockSlots): Promise<Block> {
  const { venueId, resourceId, startsAt, endsAt } = input;
  await getResource(work, input);
  if (!canManageBookings(work.actor, venueId)) throw new NotOwnerError('block slots');
  const lengthMs = endsAt.getTime() - startsAt.getTime();
  if (lengthMs <= 0 || lengthMs > MAX_BLOCK_MS)
    throw new ValidationError('A block ends after it begins, and lasts 1096 days at most.', {
      field: 'endsAt',
    });
  if (endsAt <= work.now) throw new ValidationError('This time is over.', { field: 'endsAt' });
  const reason = input.reason === null ? null : parseReason(input.reason);
  const block: Block = { id: newId(), venueId, resourceId, startsAt, endsAt, reason };
  await claimBlock(work, block);
  work.emit({ type: 'booking.slots-blocked', ...eventOf(block) });
  return block;
}

/** @throws NotFoundError, NotOwnerError */
export async function unblockSlots(
  work: Work,
  { venueId, blockId }: { readonly venueId: string; readonly blockId: string },
): Promise<Block> {
  const block = await findBlock(work.tx, venueId, blockId);
  if (!block) throw new NotFoundError('block');
  if (!canManageBookings(work.actor, venueId)) throw new NotOwnerError('unblock slots');
  if (!(await deleteBlock(work.tx, blockId))) throw new NotFoundError('block');
  work.emit({ type: 'booking.slots-unblocked', ...eventOf(block) });
  await offerFreed(work, block);
  return block;
}

const eventOf = ({ id, venueId, resourceId, startsAt, endsAt }: Block) => ({
  venueId,
  blockId: id,
  resourceId,
  startsAt: startsAt.toISOString(),
  endsAt: endsAt.toISOString(),
});
