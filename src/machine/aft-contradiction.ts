import { formatDecimal } from '../lib/money.ts';
import type { Work } from '../work.ts';
import { type AftTransfer, movedBy, type Step } from './aft-transfer.ts';
import { markOnce } from './aft-transfer-store.ts';
import { raise } from './service.ts';
import { findMachine } from './store.ts';

/**
 * Puts on record, once, that the machine said what became of a transfer that a person had settled; and once, that it
 * said something else of one that is over than is booked. What is booked stays: which of the two is wrong, a person
 * finds out. What leaves open what moved says neither. True when it is something else. Whoever calls this has the
 * transfer locked.
 */
export async function hearFinished(work: Work, transfer: AftTransfer, step: Step): Promise<boolean> {
  const { id: transferId, venueId, machineId, currency } = transfer;
  const saidMinor = movedBy(step);
  if (saidMinor === null) return false;
  const { now } = work;
  if (transfer.state === 'MANUALLY_RESOLVED') await markOnce(work.tx, transfer, { what: 'heard_at', now });
  const bookedMinor = transfer.movedMinor ?? 0n;
  if (saidMinor === bookedMinor) return false;
  if (!(await markOnce(work.tx, transfer, { what: 'contradicted_at', now }))) return false;
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
