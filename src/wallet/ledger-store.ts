import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { actorReference } from '../lib/actor.ts';
import type { Author } from '../work.ts';
import type { LedgerCommand, Outcome, Party, Refusal, WalletSnapshot } from './ledger.ts';

/** A hold that was found to have ended while its wallet was locked. */
export interface ExpiredHold {
  readonly holdId: string;
  readonly venueId: string;
  readonly amountMinor: bigint;
  readonly wallet: WalletSnapshot;
}

export interface Applications {
  /** One for each command, in their order. */
  readonly outcomes: readonly Outcome[];
  /** In the order they were ended, before any command. */
  readonly expired: readonly ExpiredHold[];
}

export interface LedgerCall {
  readonly commands: readonly (LedgerCommand & { readonly author: Author })[];
  /** Wallets besides theirs whose holds are ended that have expired. */
  readonly alsoWalletIds?: readonly string[];
}

/** Does what the commands say, in their order, in one round trip; all that differs is told by the outcomes. */
export async function callLedger(
  tx: Transaction<Database>,
  { commands, alsoWalletIds = [] }: LedgerCall,
  now: Date,
): Promise<Applications> {
  const told = JSON.stringify(commands.map((command, index) => toldCommand(command, index + 1, now)));
  const { rows } = await sql<{ place: number | null; outcome: ToldOutcome }>`
    select place, outcome from ledger_apply(${told}::jsonb, ${now}, ${alsoWalletIds}::uuid[])`.execute(tx);
  return {
    outcomes: rows.filter(({ place }) => place !== null).map(({ outcome }) => outcomeOf(outcome)),
    expired: rows.filter(({ place }) => place === null).map(({ outcome }) => expiredHoldOf(outcome)),
  };
}

/** A command as `ledger_command` has it; what it lacks is null there. */
function toldCommand(command: LedgerCommand & { readonly author: Author }, ord: number, now: Date) {
  const { op, venueId, idempotency, author } = command;
  return {
    ord,
    op,
    venue_id: venueId,
    principal: idempotency?.principal,
    key: idempotency?.key,
    hash: idempotency?.hash.toString('hex'),
    actor: actorReference(author.actor),
    request_id: author.origin?.requestId,
    ...toldParticulars(command, now),
  };
}

function toldParticulars(command: LedgerCommand, now: Date) {
  switch (command.op) {
    case 'POST':
      return {
        ...toldFrom(command.from),
        ...toldTo(command.to),
        id: command.id,
        kind: command.kind,
        owner: command.ownerId,
        amount: command.amountMinor.toString(),
        currency: command.currency,
        forced: command.forced,
        effective_at: command.effectiveAt,
        ...toldNarration(command),
      };
    case 'HOLD':
      return {
        id: command.id,
        purpose: command.purpose,
        from_id: command.walletId,
        owner: command.ownerId,
        amount: command.amountMinor.toString(),
        currency: command.currency,
        expires_at:
          command.expiresInSeconds && new Date(now.getTime() + Math.round(command.expiresInSeconds * 1_000)),
        reason: command.reason,
      };
    case 'CAPTURE':
      return {
        ...toldTo(command.to),
        id: command.id,
        hold_id: command.holdId,
        purpose: command.purpose,
        kind: command.kind,
        owner: command.ownerId,
        amount: command.amountMinor?.toString(),
        currency: command.currency,
        forced: command.forced,
        ...toldNarration(command),
      };
    case 'VOID':
      return { hold_id: command.holdId, purpose: command.purpose, owner: command.ownerId };
    case 'REVERSE':
      return {
        id: command.id,
        kind: command.kind,
        reverses_id: command.reversesId,
        forced: command.forced,
        effective_at: command.effectiveAt,
        ...toldNarration(command),
      };
  }
}

const toldFrom = (party: Party) =>
  'walletId' in party ? { from_id: party.walletId } : { from_house: party.house };

const toldTo = (party: Party) =>
  'walletId' in party ? { to_id: party.walletId } : { to_house: party.house };

const toldNarration = ({ reason, reference }: { reason: string | null; reference: string | null }) => ({
  reason,
  reference,
});

interface ToldWallet {
  readonly walletId: string;
  readonly userId: string;
  readonly currency: string;
  readonly status: WalletSnapshot['status'];
  readonly posted: string;
  readonly held: string;
  readonly version: string;
}

type ToldOutcome =
  | {
      readonly status: 'APPLIED';
      readonly id: string;
      readonly amount: string;
      readonly currency: string;
      readonly at: string;
      readonly accounts: readonly ToldWallet[];
      readonly replayed?: true;
    }
  | { readonly status: Refusal; readonly available?: string; readonly currency?: string }
  | ToldExpiry;

interface ToldExpiry {
  readonly status: 'HOLD_EXPIRED';
  readonly holdId: string;
  readonly venueId: string;
  readonly amount: string;
  readonly accounts: readonly [ToldWallet];
}

function outcomeOf(told: ToldOutcome): Outcome {
  if (told.status !== 'APPLIED') return { status: told.status, available: availableOf(told) };
  return {
    status: 'APPLIED',
    id: told.id,
    amountMinor: BigInt(told.amount),
    currency: told.currency,
    at: new Date(told.at),
    isReplay: told.replayed ?? false,
    wallets: told.accounts.map(snapshotOf),
  };
}

function availableOf(told: { readonly available?: string; readonly currency?: string } | ToldExpiry) {
  if (!('available' in told) || told.available === undefined || told.currency === undefined) return null;
  return { availableMinor: BigInt(told.available), currency: told.currency };
}

function expiredHoldOf(told: ToldOutcome): ExpiredHold {
  const { holdId, venueId, amount, accounts } = told as ToldExpiry;
  return { holdId, venueId, amountMinor: BigInt(amount), wallet: snapshotOf(accounts[0]) };
}

const snapshotOf = ({ posted, held, version, ...wallet }: ToldWallet): WalletSnapshot => ({
  ...wallet,
  postedMinor: BigInt(posted),
  heldMinor: BigInt(held),
  version: BigInt(version),
});
