import { minorOfCents } from '../lib/money.ts';
import type { Recovery } from '../sas/host/aft-history.ts';
import type { ExpectedTransfer, TransferResult } from '../sas/host/aft-result.ts';
import type { AftTransfer, Step } from './aft-transfer.ts';

/** The machine was not reached, and nothing moved. */
export const NOT_REACHED: Step = { to: 'CANCELLED', failure: { code: 'SAS_002', status: null } };

/** The machine was not locked for it in time, and nothing moved. */
export const NOT_LOCKED: Step = { to: 'REJECTED', failure: { code: 'SAS_008', status: null } };

/** What a transfer comes to by what its machine said of it; null where that changes nothing. */
export function stepOf(transfer: AftTransfer, result: TransferResult | Recovery): Step | null {
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
    case 'UNCLEAR':
      return { to: 'IN_DOUBT', doubt: result.why };
    default:
      return null;
  }
}

/** A transfer as an answer of its machine is compared with it. Only cashable credits are moved. */
export const expectedOf = ({ sasTransactionId, direction, cents }: AftTransfer) =>
  ({
    transactionId: sasTransactionId,
    type: direction === 'TO_MACHINE' ? 'HOST_TO_MACHINE' : 'MACHINE_TO_HOST',
    cashable: cents,
    restricted: 0n,
    nonrestricted: 0n,
  }) as const satisfies ExpectedTransfer;
