import { formatDecimal } from '../lib/money.ts';
import type { Work } from '../work.ts';
import { type AftTransfer, movedBy, type Step } from './aft-transfer.ts';
import { markHeard } from './aft-transfer-store.ts';
import { raise } from './service.ts';
import { findMachine } from './store.ts';

/**
 * Puts on record, once, that the machine said what became of a transfer that a person had settled, and whether that is
 * something else. What is booked stays: which of the two is wrong, a person finds out. True when it is something else.
 * Whoever calls this has the transfer locked.
 */
export async function hearResolved(work: Work, transfer: AftTransfer, step: Step): Promise<boolean> {
  const { id: transferId, venueId, machineId, movedMinor: bookedMinor, currency } = transfer;
  if (step.to === 'PENDING_ON_MACHINE' || !(await markHeard(work.tx, transfer, work.now))) return false;
  const saidMinor = movedBy(step);
  if (saidMinor === null || bookedMinor === null || saidMinor === bookedMinor) return false;
  const machine = await findMachine(work.tx, venueId, machineId);
  if (!machine) return false;
  await raise(work, machine, {
    type: 'TRANSFER_CONTRADICTED',
    data: {
      sasTransactionId: transfer.sasTransactionId,
      direction: transfer.direction,
      said: formatDecimal({ amountMinor: saidMinor, currency }),
      booked: formatDecimal({ amountMinor: bookedMinor, currency }),
      currency,
    },
  });
  work.emit({
    type: 'machine.aft-transfer-contradicted',
    venueId,
    transferId,
    machineId,
    currency,
    saidMinor: saidMinor.toString(),
    bookedMinor: bookedMinor.toString(),
  });
  return true;
}
