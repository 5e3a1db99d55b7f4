import { minorOfCents } from '../lib/money.ts';
import type { AftMachineStatus } from '../sas/host/aft-commands.ts';
import type { ExpectedTransfer, TransferResult } from '../sas/host/aft-result.ts';
import type { Offer } from './aft-cash-out-service.ts';
import type { Recovered } from './aft-question.ts';
import type { AftTransfer, Step } from './aft-transfer.ts';

/** The machine was not reached, and nothing moved. */
export const NOT_REACHED: Step = { to: 'CANCELLED', failure: { code: 'SAS_002', status: null } };

/** The machine was not locked for it in time, and nothing moved. */
export const NOT_LOCKED: Step = { to: 'REJECTED', failure: { code: 'SAS_008', status: null } };

/** What a transfer comes to by what its machine said of it; null where that changes nothing. */
export function stepOf(transfer: AftTransfer, result: TransferResult | Recovered): Step | null {
  switch (result.kind) {
    case 'SETTLED': {
      const movedMinor = minorOfCents(result.moved.cashable, transfer.currency);
      if (movedMinor === null) return { to: 'IN_DOUBT', doubt: 'NOT_IN_CURRENCY' };
      return { to: movedMinor === transfer.amountMinor ? 'SETTLED' : 'PARTIALLY_SETTLED', movedMinor };
    }
    case 'PENDING':
      return transfer.state === 'PENDING_ON_MACHINE' ? null : { to: 'PENDING_ON_MACHINE' };
    case 'REFUSED':
      return { to: 'REJECTED', failure: { code: result.code, status: result.status } };
    case 'CANCELLED':
      return { to: 'CANCELLED', failure: null };
    case 'NEVER_HAPPENED':
      return NOT_REACHED;
    case 'MEMORY_LOST':
      return { to: 'IN_DOUBT', doubt: 'MEMORY_LOST' };
    case 'UNCLEAR':
      return { to: 'IN_DOUBT', doubt: result.why };
    case 'OTHER_MACHINE':
      // Of the one it was sent to nothing is heard.
      return isUnanswered(transfer) ? { to: 'IN_DOUBT', doubt: 'NO_ANSWER' } : null;
    default:
      return null;
  }
}

const isUnanswered = ({ state }: AftTransfer): boolean => state === 'SENT' || state === 'PENDING_ON_MACHINE';

/** What a machine could give to a cash-out by what poll 74 says of it. */
export function offerOf(status: AftMachineStatus): Offer {
  const { assetNumber, cashable, transferLimit, capabilities } = status;
  const cents = cashable ?? 0n;
  const isLimited = transferLimit !== null && transferLimit > 0n && cents > transferLimit;
  return {
    assetNumber,
    cents: isLimited ? transferLimit : cents,
    isPartialAllowed: capabilities.includes('PARTIAL_TO_HOST'),
  };
}

/** A transfer as an answer of its machine is compared with it. Only cashable credits are moved. */
export const expectedOf = ({ sasTransactionId, direction, cause, cents }: AftTransfer) =>
  ({
    transactionId: sasTransactionId,
    type: typeOf(direction, cause),
    cashable: cents,
    restricted: 0n,
    nonrestricted: 0n,
  }) as const satisfies ExpectedTransfer;

function typeOf(direction: AftTransfer['direction'], cause: AftTransfer['cause']) {
  if (direction === 'TO_MACHINE') return 'HOST_TO_MACHINE';
  return cause === 'WIN_CASH_OUT' ? 'WIN_TO_HOST' : 'MACHINE_TO_HOST';
}
