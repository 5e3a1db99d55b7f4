import { findVenuesByIds } from '../auth/venue-store.ts';
import { once, parseKey } from '../idempotency.ts';
import { type Actor, isOwn } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { parseMinor } from '../lib/money.ts';
import { parseReason } from '../lib/reason.ts';
import { CurrencyMismatchError } from '../wallet/errors.ts';
import { isApplied, type Refused } from '../wallet/ledger.ts';
import { applyOneToLedger } from '../wallet/ledger-service.ts';
import { canPostToWallets, canSeeWallet } from '../wallet/policy.ts';
import type { Wallet } from '../wallet/wallet.ts';
import { findWalletsByIds } from '../wallet/wallet-store.ts';
import type { Work } from '../work.ts';
import { announce, record, takeStep, tryStep } from './aft-booking.ts';
import {
  type AftDirection,
  type AftTransfer,
  isFinished,
  isUnsent,
  newTransfer,
  parseCents,
} from './aft-transfer.ts';
import { findLiveTransfer, insertTransfer, lockTransfer } from './aft-transfer-store.ts';
import { requesterOf } from './command.ts';
import { MachineRefusedError, MachineUnreachableError } from './errors.ts';
import { demandLine } from './line-service.ts';
import type { Machine } from './machine.ts';
import { findMachine } from './store.ts';

export interface TransferRequest {
  readonly venueId: string;
  readonly idempotencyKey: string;
  readonly walletId: string;
  readonly machineId: string;
  readonly direction: AftDirection;
  readonly amountMinor: bigint;
  readonly currency: string;
  readonly allowPartial: boolean;
}

/** What is kept of a refusal by the ledger. */
interface ToldRefusal {
  readonly is: 'REFUSED';
  readonly status: Refused['status'];
  readonly availableMinor: string | null;
  readonly currency: string | null;
}

/** What came of asking for a transfer: the same for ever by one key. */
export type Ordered =
  | { readonly is: 'ORDERED'; readonly transferId: string }
  /** It is not known what became of the machine's last transfer. */
  | { readonly is: 'IN_DOUBT'; readonly transferId: string }
  | ToldRefusal;

/** Whether somebody has the machine for himself at this moment. Whoever lets machines to people says so. */
export type HasMachine = (
  work: Work,
  of: { readonly venueId: string; readonly machineId: string; readonly userId: string },
) => Promise<boolean>;

/** What ordering takes besides what is asked for. */
interface Terms {
  readonly id: string;
  readonly timeoutMs: number;
  readonly hasMachine: HasMachine;
}

/**
 * Orders a transfer between a wallet and a machine, and holds what is to go to the machine. The driver of the machine's
 * line does the rest, unless nobody does within `timeoutMs`. Who may post to wallets orders any; a person between his
 * own wallet and a machine that is his at this moment.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, CurrencyMismatchError, IdempotencyMismatchError
 * @throws MachineUnreachableError, LineUnavailableError, MachineRefusedError while it has another under way: the key
 * stays unused
 */
export async function orderTransfer(
  work: Work,
  { timeoutMs, id, hasMachine, ...request }: TransferRequest & Terms,
): Promise<{ readonly outcome: Ordered; readonly isReplay: boolean }> {
  const { actor, tx } = work;
  const { venueId, walletId, machineId, idempotencyKey, ...particulars } = request;
  const [wallet] = await findWalletsByIds(tx, venueId, [walletId]);
  if (!wallet || !canSeeWallet(actor, wallet)) throw new NotFoundError('wallet');
  const isTeller = canPostToWallets(actor, venueId);
  if (!isTeller && !isOwn(actor, wallet)) throw notHis();
  const machine = await findMachine(tx, venueId, machineId);
  if (!machine) throw new NotFoundError('machine');
  const cents = parseCents(request.amountMinor, request.currency);
  if (request.currency !== wallet.currency) throw new CurrencyMismatchError();

  const parameters = { ...particulars, venueId, walletId, machineId, what: 'startAftTransfer' };
  const idempotency = parseKey(actor, idempotencyKey, parameters);
  const { direction, amountMinor, currency, allowPartial } = request;
  const transfer = newTransfer({
    id,
    venueId,
    machineId,
    walletId,
    userId: wallet.userId,
    direction,
    amountMinor,
    currency,
    cents,
    allowPartial,
    cause: 'ORDER',
    causeEventId: null,
    requestedBy: requesterOf(actor),
    requestedAt: work.now,
    expiresAt: new Date(work.now.getTime() + timeoutMs),
  });
  return await once(work, { venueId, idempotency }, async () => {
    // Who asks again for what was done is told of it, whatever he may do by now.
    if (!isTeller && !(await hasMachine(work, transfer))) throw notHis();
    const [venue] = await findVenuesByIds(tx, [venueId]);
    // A cent is a cent to a machine, of whatever the wallet is.
    if (currency !== venue?.currency) throw new CurrencyMismatchError();
    return await order(work, transfer, { wallet, machine });
  });
}

const notHis = () => new NotOwnerError('move money between this wallet and this machine');

async function order(
  work: Work,
  transfer: AftTransfer,
  { wallet, machine }: { readonly wallet: Wallet; readonly machine: Machine },
): Promise<Ordered> {
  const { venueId, machineId } = transfer;
  const live = await findLiveTransfer(work.tx, venueId, machineId);
  if (live?.state === 'IN_DOUBT') return { is: 'IN_DOUBT', transferId: live.id };
  // It may do it the next time that it is asked: nothing is kept of this one, so the same key may ask again.
  if (live) throw new MachineRefusedError({ machineId, reason: 'BUSY' });
  if (machine.removedAt || machine.connection !== 'ONLINE') {
    if (!machine.removedAt) await demandLine(work.tx, machine);
    throw new MachineUnreachableError({ machineId, attempts: 0 });
  }
  if (transfer.holdId === null && wallet.status === 'CLOSED')
    return told({ status: 'CLOSED', available: null });
  if (transfer.holdId !== null) {
    const { walletId, amountMinor, currency } = transfer;
    const held = await applyOneToLedger(work, {
      op: 'HOLD',
      id: transfer.holdId,
      venueId,
      idempotency: null,
      author: null,
      purpose: 'AFT',
      walletId,
      ownerId: null,
      amountMinor,
      currency,
      expiresInSeconds: null,
      reason: null,
    });
    if (!isApplied(held)) return told(held);
  }
  // Another was ordered in this very moment.
  if (!(await insertTransfer(work.tx, transfer)))
    throw new MachineRefusedError({ machineId, reason: 'BUSY' });
  announce(work, transfer);
  return { is: 'ORDERED', transferId: transfer.id };
}

const told = ({ status, available }: Refused): ToldRefusal => ({
  is: 'REFUSED',
  status,
  availableMinor: available?.availableMinor.toString() ?? null,
  currency: available?.currency ?? null,
});

/** The refusal that was told. */
export const refusalOf = ({ status, availableMinor, currency }: ToldRefusal): Refused => ({
  status,
  available:
    availableMinor === null || currency === null
      ? null
      : { availableMinor: BigInt(availableMinor), currency },
});

/**
 * Ends a transfer that was not sent; has the machine asked to end one that it has not done. Whether it did is told by
 * the transfer. One that is over, or in doubt, stays as it is. Whoever may post to wallets does that, and who ordered it.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function cancelTransfer(
  work: Work,
  place: { readonly venueId: string; readonly transferId: string },
): Promise<AftTransfer> {
  const transfer = await lockVisible(work, place);
  if (!canPostToWallets(work.actor, place.venueId) && !isOrderedBy(work.actor, transfer))
    throw new NotOwnerError('cancel this transfer');
  if (isUnsent(transfer)) return await takeStep(work, transfer, { to: 'CANCELLED', failure: null });
  if (isFinished(transfer) || transfer.state === 'IN_DOUBT' || transfer.cancelRequestedAt) return transfer;
  const { now } = work;
  const { version } = transfer;
  return await record(work, { ...transfer, cancelRequestedAt: now, changedAt: now, version: version + 1 });
}

export interface Resolution {
  readonly venueId: string;
  readonly idempotencyKey: string;
  readonly transferId: string;
  readonly outcome: 'SETTLED' | 'NOT_HAPPENED';
  /** What moved, as a plain decimal text, with its currency; null for all of it, and where nothing did. */
  readonly amount: string | null;
  readonly currency: string | null;
  readonly reason: string;
}

export type Resolved = { readonly is: 'RESOLVED'; readonly transferId: string } | ToldRefusal;

/**
 * Says what became of a transfer that is in doubt, and books it so.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError for one that is not in doubt and for more than was ordered,
 * CurrencyMismatchError, IdempotencyMismatchError
 */
export async function resolveTransfer(
  work: Work,
  { venueId, idempotencyKey, transferId, ...resolution }: Resolution,
): Promise<{ readonly outcome: Resolved; readonly isReplay: boolean }> {
  const transfer = await lockVisible(work, { venueId, transferId });
  if (!canPostToWallets(work.actor, venueId)) throw new NotOwnerError('resolve this transfer');
  const reason = parseReason(resolution.reason);
  const movedMinor = parseMoved(transfer, resolution);
  const parameters = { venueId, transferId, movedMinor, reason, what: 'resolveAftTransfer' };
  const idempotency = parseKey(work.actor, idempotencyKey, parameters);
  return await once(work, { venueId, idempotency }, async (): Promise<Resolved> => {
    if (transfer.state !== 'IN_DOUBT') throw new ValidationError('The transfer is not in doubt.');
    const by = requesterOf(work.actor);
    const step = { to: 'MANUALLY_RESOLVED', movedMinor, by, reason } as const;
    const { refused } = await tryStep(work, transfer, step);
    return refused ? told(refused) : { is: 'RESOLVED', transferId };
  });
}

/** In minor units. @throws ValidationError, CurrencyMismatchError */
function parseMoved(
  { amountMinor, currency }: AftTransfer,
  said: Pick<Resolution, 'outcome' | 'amount' | 'currency'>,
): bigint {
  const isAmountSaid = said.amount !== null || said.currency !== null;
  if (said.outcome === 'NOT_HAPPENED') {
    if (isAmountSaid) throw new ValidationError('Nothing moved: there is no amount.', { field: 'amount' });
    return 0n;
  }
  if (!isAmountSaid) return amountMinor;
  if (said.amount === null || said.currency === null)
    throw new ValidationError('An amount takes a currency, and a currency an amount.', {
      field: said.amount === null ? 'amount' : 'currency',
    });
  if (said.currency !== currency) throw new CurrencyMismatchError();
  const movedMinor = parseMinor(said.amount, currency);
  if (movedMinor === 0n)
    throw new ValidationError('An amount is more than 0; say NOT_HAPPENED instead.', { field: 'amount' });
  if (movedMinor > amountMinor)
    throw new ValidationError('No more moved than was ordered.', { field: 'amount' });
  parseCents(movedMinor, currency);
  return movedMinor;
}

async function lockVisible(
  work: Work,
  { venueId, transferId }: { readonly venueId: string; readonly transferId: string },
): Promise<AftTransfer> {
  const transfer = await lockTransfer(work.tx, venueId, transferId);
  if (!transfer || !canSeeWallet(work.actor, transfer)) throw new NotFoundError('transfer');
  return transfer;
}

const isOrderedBy = (actor: Actor, { venueId, requestedBy }: AftTransfer): boolean =>
  requestedBy?.kind === 'user' && isOwn(actor, { venueId, userId: requestedBy.id });
