import { system } from '../lib/actor.ts';
import type { RunWork, Work } from '../work.ts';
import { takeStep } from './aft-booking.ts';
import { hearFinished } from './aft-contradiction.ts';
import { NOT_LOCKED, NOT_REACHED } from './aft-step.ts';
import { type AftTransfer, canStillBeTold, isFinished, isUnsent, type Step } from './aft-transfer.ts';
import { listOverdueTransfers, lockTransfer, saveAssetNumber } from './aft-transfer-store.ts';

type Place = Pick<AftTransfer, 'id' | 'venueId'>;

/**
 * Puts on record that the machine is about to be asked for a lock; again, nothing happens. False when the transfer was
 * sent or cancelled, or its time is over: then it must not be asked.
 */
export async function markLocking(work: Work, { id, venueId }: Place): Promise<boolean> {
  const transfer = await lockTransfer(work.tx, venueId, id);
  if (!transfer || !isUnsent(transfer) || transfer.expiresAt <= work.now) return false;
  if (transfer.state !== 'LOCK_PENDING') await takeStep(work, transfer, { to: 'LOCK_PENDING' });
  return true;
}

/**
 * Puts on record that a transfer is about to be sent, and to which machine, the first time only. False when that was so
 * before, it was cancelled, or its time is over: then it must not be sent.
 */
export async function markSent(
  work: Work,
  { id, venueId }: Place,
  { assetNumber }: { readonly assetNumber: number },
): Promise<boolean> {
  const transfer = await lockTransfer(work.tx, venueId, id);
  if (!transfer || !isUnsent(transfer) || transfer.expiresAt <= work.now) return false;
  await takeStep(work, transfer, { to: 'SENT' });
  await saveAssetNumber(work.tx, transfer, assetNumber);
  return true;
}

/** Ends a transfer that was not sent. */
export async function giveUp(work: Work, { id, venueId }: Place, step: Step): Promise<void> {
  const transfer = await lockTransfer(work.tx, venueId, id);
  if (transfer && isUnsent(transfer)) await takeStep(work, transfer, step);
}

/**
 * Books what the machine said of a transfer, once: told again, nothing happens. What `stepOf` makes of it is asked with
 * the transfer as it is now. Of one that is over nothing is booked again; what the machine says otherwise is put on
 * record. Null where nothing came of it.
 */
export async function progress(
  work: Work,
  { id, venueId }: Place,
  stepOf: (transfer: AftTransfer) => Step | null,
): Promise<'WENT_ON' | 'CONTRADICTED' | null> {
  const transfer = await lockTransfer(work.tx, venueId, id);
  const step = transfer && stepOf(transfer);
  if (!step) return null;
  if (isFinished(transfer)) return (await hearFinished(work, transfer, step)) ? 'CONTRADICTED' : null;
  if (!canStillBeTold(transfer)) return null;
  await takeStep(work, transfer, step);
  return 'WENT_ON';
}

const AFT_JOBS = system('machine-jobs');

/** Ends what was not sent in time, and shows what nothing was heard of; whatever the machine says later still counts. */
export async function sweepTransfers(runWork: RunWork): Promise<void> {
  const found = await runWork(AFT_JOBS, ({ tx, now }) => listOverdueTransfers(tx, { now }));
  for (const seen of found)
    await runWork(AFT_JOBS, async (work) => {
      const transfer = await lockTransfer(work.tx, seen.venueId, seen.id);
      // It went on meanwhile.
      if (transfer?.version !== seen.version) return;
      await takeStep(work, transfer, overdue(transfer));
    });
}

function overdue(transfer: AftTransfer): Step {
  if (transfer.state === 'LOCK_PENDING') return NOT_LOCKED;
  return isUnsent(transfer) ? NOT_REACHED : { to: 'IN_DOUBT', doubt: 'NO_ANSWER' };
}
