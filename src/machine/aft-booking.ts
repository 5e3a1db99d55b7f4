import { newId } from '../lib/ids.ts';
import { isApplied, type LedgerCommand, type Refused } from '../wallet/ledger.ts';
import { applyOneToLedger } from '../wallet/ledger-service.ts';
import type { Work } from '../work.ts';
import { snapshotOf } from './aft-snapshot.ts';
import { type AftTransfer, movedBy, type Step, stepped } from './aft-transfer.ts';
import { saveTransfer } from './aft-transfer-store.ts';

/**
 * Takes a transfer to its next state and books what moved, or frees what was held: all in one. Where the ledger cannot
 * take it, the transfer is in doubt instead. Whoever calls this has the transfer locked.
 */
export async function takeStep(work: Work, transfer: AftTransfer, step: Step): Promise<AftTransfer> {
  const { refused, taken } = await tryStep(work, transfer, step);
  if (!refused) return taken;
  return await record(work, stepped(transfer, { to: 'IN_DOUBT', doubt: 'LEDGER' }, work.now));
}

/** The same, but what the ledger refuses leaves the transfer as it is. */
export async function tryStep(work: Work, transfer: AftTransfer, step: Step): Promise<Taken> {
  const changed = stepped(transfer, step, work.now);
  const moved = movedBy(step);
  const command = moved === null ? null : bookingOf(transfer, moved);
  const outcome = command && (await applyOneToLedger(work, command));
  if (outcome && !isApplied(outcome)) return { refused: outcome, taken: null };
  const ledgerTransactionId = outcome && moved ? outcome.id : null;
  return { refused: null, taken: await record(work, { ...changed, ledgerTransactionId }) };
}

type Taken =
  | { readonly refused: null; readonly taken: AftTransfer }
  | { readonly refused: Refused; readonly taken: null };

/** Puts a transfer on record as it is now, and announces it. */
export async function record(work: Work, transfer: AftTransfer): Promise<AftTransfer> {
  await saveTransfer(work.tx, transfer);
  announce(work, transfer);
  return transfer;
}

export function announce(work: Work, transfer: AftTransfer): void {
  const { venueId } = transfer;
  work.emit({ type: 'machine.aft-transfer-changed', venueId, transfer: snapshotOf(transfer) });
}

/** What of a transfer the ledger has to do when so much moved; null for nothing. */
function bookingOf(transfer: AftTransfer, movedMinor: bigint): LedgerCommand | null {
  const { venueId, walletId, holdId, currency, direction } = transfer;
  const common = { venueId, idempotency: null, author: null, ownerId: null } as const;
  const narration = { reason: null, reference: transfer.sasTransactionId } as const;
  if (holdId !== null)
    return movedMinor === 0n
      ? { ...common, op: 'VOID', holdId, purpose: 'AFT' }
      : {
          ...common,
          ...narration,
          op: 'CAPTURE',
          id: newId(),
          holdId,
          purpose: 'AFT',
          kind: `AFT_${direction}`,
          to: { house: 'MACHINES' },
          amountMinor: movedMinor,
          currency,
          forced: true,
        };
  if (movedMinor === 0n) return null;
  return {
    ...common,
    ...narration,
    op: 'POST',
    id: newId(),
    kind: `AFT_${direction}`,
    from: { house: 'MACHINES' },
    to: { walletId },
    amountMinor: movedMinor,
    currency,
    effectiveAt: null,
    forced: true,
  };
}
