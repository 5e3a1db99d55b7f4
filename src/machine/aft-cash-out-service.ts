import { findVenuesByIds } from '../auth/venue-store.ts';
import { newId } from '../lib/ids.ts';
import { findWalletsByIds } from '../wallet/wallet-store.ts';
import type { Work } from '../work.ts';
import { announce } from './aft-booking.ts';
import { CAUSE_OF_REQUEST, SEND_MS, wholeMinorOfCents } from './aft-cash-out.ts';
import { type CashOutRequest, findBoundWalletId } from './aft-cash-out-store.ts';
import { type AftTransfer, newTransfer } from './aft-transfer.ts';
import { insertTransfer } from './aft-transfer-store.ts';

/** What a machine can give now. */
export interface Offer {
  /** Which machine it is. */
  readonly assetNumber: number;
  /** Its cashable credits, as far as one transfer takes them. */
  readonly cents: bigint;
  /** Whether it gives a part of what it is asked for. */
  readonly isPartialAllowed: boolean;
}

/**
 * Orders the transfer that a machine asked for, into the wallet of whoever brought money to it last; once, however
 * often this is called for one request. Null where there is nobody, or nothing, and where another transfer is under
 * way: the machine is left to pay by itself.
 */
export async function orderCashOut(
  work: Work,
  request: CashOutRequest,
  offer: Offer,
): Promise<AftTransfer | null> {
  const { venueId, machineId, eventId } = request;
  const walletId = await findBoundWalletId(work.tx, request, offer);
  const [wallet] = walletId === null ? [] : await findWalletsByIds(work.tx, venueId, [walletId]);
  const [venue] = await findVenuesByIds(work.tx, [venueId]);
  if (!wallet || wallet.status === 'CLOSED' || wallet.currency !== venue?.currency) return null;
  const { cents, amountMinor } = wholeMinorOfCents(offer.cents, wallet.currency);
  if (amountMinor === 0n) return null;
  const cause = CAUSE_OF_REQUEST[request.type];
  const transfer = newTransfer({
    id: newId(),
    venueId,
    machineId,
    walletId: wallet.id,
    userId: wallet.userId,
    direction: 'FROM_MACHINE',
    amountMinor,
    currency: wallet.currency,
    cents,
    // How much a win is, only the machine knows.
    allowPartial: offer.isPartialAllowed || cause === 'WIN_CASH_OUT',
    cause,
    causeEventId: eventId,
    requestedBy: null,
    requestedAt: work.now,
    expiresAt: new Date(work.now.getTime() + SEND_MS),
  });
  if (!(await insertTransfer(work.tx, transfer))) return null;
  announce(work, transfer);
  return transfer;
}
