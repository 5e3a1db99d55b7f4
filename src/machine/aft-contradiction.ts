import { formatDecimal } from '../lib/money.ts';
import type { Work } from '../work.ts';
import { type AftTransfer, movedBy, type Step } from './aft-transfer.ts';
import { markHeard } from './aft-transfer-store.ts';
import { raise } from './service.ts';
import { findMachine } from './store.ts';

/**
 * Puts on record, once, that the machine said what became of a transfer that is over, where a person had settled it or
 * that is something else. What is booked stays: which of the two is wrong, a person finds out. True when it is something
 * else. Whoever calls this has the transfer locked.
 */
export async function hearFinished(work: Work, transfer: AftTransfer, step: Step): Promise<boolean> {
  const { id: transferId, venueId, machineId, currency } = transfer;
  if (step.to === 'PENDING_ON_MACHINE') return false;
  const bookedMinor = transfer.movedMinor ?? 0n;
  const saidMinor = movedBy(step) ?? bookedMinor;
  if (saidMinor === bookedMinor && transfer.state !== 'MANUALLY_RESOLVED') return false;
  if (!(await markHeard(work.tx, transfer, work.now)) || saidMinor === bookedMinor) return false;
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
