import type { Author, Work } from '../work.ts';
import type { BalanceCause } from './events.ts';
import { type Applied, isApplied, type LedgerCommand, type Outcome, type WalletSnapshot } from './ledger.ts';
import { callLedger, type ExpiredHold } from './ledger-store.ts';
import { findEntriesOf } from './transaction-store.ts';
import { listWalletsWithExpiredHolds } from './wallet-hold-store.ts';

/**
 * Does what the commands say, in their order, and announces what became of each wallet. A refusal is an
 * outcome; nothing else of the work is undone by it.
 *
 * The locks it takes are held until the work ends: let it be the last thing a work does.
 */
export async function applyToLedger(
  work: Work,
  commands: readonly LedgerCommand[],
): Promise<readonly Outcome[]> {
  const authored = commands.map((command) => ({ ...command, author: command.author ?? authorOf(work) }));
  const { outcomes, expired } = await callLedger(work.tx, { commands: authored }, work.now);
  for (const hold of expired) announceExpiry(work, hold);
  for (const [index, command] of authored.entries()) {
    const outcome = outcomes[index];
    if (!outcome) throw new Error('the ledger left a command without an outcome');
    if (isApplied(outcome) && !outcome.isReplay) await announce(work, command, outcome);
  }
  return outcomes;
}

/** The same for one. */
export async function applyOneToLedger(work: Work, command: LedgerCommand): Promise<Outcome> {
  const [outcome] = await applyToLedger(work, [command]);
  if (!outcome) throw new Error('the ledger left a command without an outcome');
  return outcome;
}

/** Ends holds whose time is over, of so many wallets at most, and announces what is free again. Answers of how many. */
export async function expireHolds(
  work: Work,
  { wallets: limit }: { readonly wallets: number },
): Promise<number> {
  const walletIds = await listWalletsWithExpiredHolds(work.tx, { now: work.now, limit });
  if (walletIds.length === 0) return 0;
  const { expired } = await callLedger(work.tx, { commands: [], alsoWalletIds: walletIds }, work.now);
  for (const hold of expired) announceExpiry(work, hold);
  return walletIds.length;
}

const authorOf = ({ actor, origin }: Work): Author => ({ actor, origin });

async function announce(
  work: Work,
  command: LedgerCommand & { readonly author: Author },
  { id, wallets, amountMinor }: Applied,
): Promise<void> {
  const change = { venueId: command.venueId, amountMinor, ...causeOf(command, id) };
  const moved = await movedBy(work, command, { id, amountMinor });
  for (const wallet of wallets)
    work.emit(balanceChanged(wallet, { ...change, changeMinor: moved(wallet.walletId) }), command.author);
}

/** What each wallet has more or less. Which way a reversal goes is known to what it reverses alone. */
async function movedBy(
  { tx }: Work,
  command: LedgerCommand,
  { id, amountMinor }: Pick<Applied, 'id' | 'amountMinor'>,
): Promise<(walletId: string) => bigint> {
  switch (command.op) {
    case 'HOLD':
    case 'VOID':
      return () => 0n;
    case 'REVERSE': {
      const entries = await findEntriesOf(tx, command.venueId, [id]);
      return (walletId) =>
        entries.find(({ account }) => account.kind === 'WALLET' && account.walletId === walletId)
          ?.amountMinor ?? 0n;
    }
    default: {
      const { to } = command;
      return (walletId) => ('walletId' in to && to.walletId === walletId ? amountMinor : -amountMinor);
    }
  }
}

function announceExpiry(work: Work, { holdId, venueId, amountMinor, wallet }: ExpiredHold): void {
  const cause = 'HOLD_EXPIRED';
  const change = { venueId, cause, transactionId: null, holdId, amountMinor, changeMinor: 0n } as const;
  work.emit(balanceChanged(wallet, change));
}

interface Change {
  readonly venueId: string;
  readonly cause: BalanceCause;
  readonly transactionId: string | null;
  readonly holdId: string | null;
  readonly amountMinor: bigint;
  readonly changeMinor: bigint;
}

function causeOf(command: LedgerCommand, id: string): Pick<Change, 'cause' | 'transactionId' | 'holdId'> {
  switch (command.op) {
    case 'HOLD':
      return { cause: 'HOLD_PLACED', transactionId: null, holdId: id };
    case 'VOID':
      return { cause: 'HOLD_VOIDED', transactionId: null, holdId: command.holdId };
    case 'CAPTURE':
      return { cause: command.kind, transactionId: id, holdId: command.holdId };
    default:
      return { cause: command.kind, transactionId: id, holdId: null };
  }
}

const balanceChanged = (
  { walletId, userId, currency, postedMinor, heldMinor, version }: WalletSnapshot,
  { venueId, cause, transactionId, holdId, amountMinor, changeMinor }: Change,
) =>
  ({
    type: 'wallet.balance-changed',
    venueId,
    walletId,
    userId,
    currency,
    postedMinor: postedMinor.toString(),
    heldMinor: heldMinor.toString(),
    version: version.toString(),
    cause,
    transactionId,
    holdId,
    amountMinor: amountMinor.toString(),
    changeMinor: changeMinor.toString(),
  }) as const;
