import { type Kysely, type Selectable, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { LedgerTransactionTable } from '../db/tables/wallet.ts';
import type { LedgerTransactionKind } from './ledger.ts';
import type { LedgerEntry, LedgerTransaction } from './transaction.ts';

export async function findTransactionsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly LedgerTransaction[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('ledger_transaction')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(transactionOf);
}

/** The reversals of these transactions. */
export async function findReversals(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly LedgerTransaction[]> {
  const rows = await db
    .selectFrom('ledger_transaction')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('reverses_id', 'in', ids)
    .execute();
  return rows.map(transactionOf);
}

/** Which transactions of a venue are meant; null: whatever there is. */
export interface TransactionFilter {
  readonly venueId: string;
  readonly walletId: string | null;
  /** Only what touched a wallet of this user. */
  readonly userId: string | null;
  readonly kinds: readonly LedgerTransactionKind[] | null;
  /** By when it was posted; `to` is no longer in it. */
  readonly from: Date | null;
  readonly to: Date | null;
}

/** The newest first, or in reverse when read backward. */
export async function listTransactions(
  db: Kysely<Database>,
  filter: TransactionFilter,
  range: KeysetRange,
): Promise<readonly LedgerTransaction[]> {
  const order = { time: 'posted_at', newestFirst: true };
  return (await keysetPage(transactionsOf(db, filter), order, range).execute()).map(transactionOf);
}

export async function countTransactions(db: Kysely<Database>, filter: TransactionFilter): Promise<number> {
  const { count } = await db
    .selectFrom(transactionsOf(db, filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function transactionsOf(
  db: Kysely<Database>,
  { venueId, walletId, userId, kinds, from, to }: TransactionFilter,
) {
  let query = db.selectFrom('ledger_transaction').selectAll().where('venue_id', '=', venueId);
  if (walletId !== null)
    query = query.where(
      sql<boolean>`exists (select 1 from ledger_entry where transaction_id = ledger_transaction.id
        and account_id = ${walletId})`,
    );
  if (userId !== null)
    query = query.where(
      sql<boolean>`exists (select 1 from ledger_entry join ledger_account on ledger_account.id = account_id
        where transaction_id = ledger_transaction.id and user_id = ${userId})`,
    );
  if (kinds !== null) query = query.where('kind', 'in', kinds);
  if (from !== null) query = query.where('posted_at', '>=', from);
  if (to !== null) query = query.where('posted_at', '<', to);
  return query;
}

/** The entries of these transactions, where money left first. */
export async function findEntriesOf(
  db: Kysely<Database>,
  venueId: string,
  transactionIds: readonly string[],
): Promise<readonly LedgerEntry[]> {
  const rows = await entriesAt(db, venueId)
    .where('transaction_id', 'in', transactionIds)
    .orderBy('amount')
    .execute();
  return rows.map(entryOf);
}

/** The part of a wallet's entries that a page is cut from, by their versions. */
export interface EntryRange {
  readonly after: bigint | null;
  readonly before: bigint | null;
  readonly limit: number;
  readonly backward: boolean;
}

/** A wallet's entries, the newest first, or in reverse when read backward. */
export async function listEntries(
  db: Kysely<Database>,
  { venueId, walletId }: { readonly venueId: string; readonly walletId: string },
  { after, before, limit, backward }: EntryRange,
): Promise<readonly LedgerEntry[]> {
  let query = entriesAt(db, venueId).where('account_id', '=', walletId).limit(limit);
  if (after !== null) query = query.where('ledger_entry.version', '<', after);
  if (before !== null) query = query.where('ledger_entry.version', '>', before);
  const rows = await query.orderBy('ledger_entry.version', backward ? 'asc' : 'desc').execute();
  return rows.map(entryOf);
}

/** How many entries a wallet has. */
export async function countEntries(
  db: Kysely<Database>,
  { venueId, walletId }: { readonly venueId: string; readonly walletId: string },
): Promise<number> {
  const row = await db
    .selectFrom('ledger_account')
    .select('entry_version')
    .where('venue_id', '=', venueId)
    .where('id', '=', walletId)
    .executeTakeFirst();
  return Number(row?.entry_version ?? 0n);
}

/**
 * What a wallet had at an instant, counting what has effect by then, whenever it was posted. Covered is what it is charged
 * with when that is posted, so with effect from before it may be less than nothing.
 */
export async function findBalanceAt(
  db: Kysely<Database>,
  { venueId, walletId }: { readonly venueId: string; readonly walletId: string },
  at: Date,
): Promise<bigint> {
  // What came later is usually less than what came before.
  const { rows } = await sql<{ balance: bigint }>`
    select balance - coalesce((select sum(amount)::bigint from ledger_entry
      where account_id = ledger_account.id and effective_at > ${at}), 0) as balance
    from ledger_account where venue_id = ${venueId} and id = ${walletId}`.execute(db);
  return rows[0]?.balance ?? 0n;
}

const entriesAt = (db: Kysely<Database>, venueId: string) =>
  db
    .selectFrom('ledger_entry')
    .innerJoin('ledger_account', 'ledger_account.id', 'ledger_entry.account_id')
    .where('ledger_entry.venue_id', '=', venueId)
    .select([
      'transaction_id',
      'account_id',
      'ledger_entry.version as version',
      'ledger_entry.currency as currency',
      'amount',
      'balance_after',
      'effective_at',
      'kind',
      'user_id',
    ]);

type EntryRow = Awaited<ReturnType<ReturnType<typeof entriesAt>['execute']>>[number];

const entryOf = (row: EntryRow): LedgerEntry => ({
  transactionId: row.transaction_id,
  account:
    row.kind === 'WALLET'
      ? { kind: row.kind, walletId: row.account_id, userId: row.user_id ?? '' }
      : { kind: row.kind },
  version: row.version,
  currency: row.currency,
  amountMinor: row.amount,
  balanceAfterMinor: row.balance_after,
  effectiveAt: row.effective_at,
});

const transactionOf = (row: Selectable<LedgerTransactionTable>): LedgerTransaction => ({
  id: row.id,
  venueId: row.venue_id,
  kind: row.kind,
  currency: row.currency,
  amountMinor: row.amount,
  reason: row.reason,
  reference: row.reference,
  holdId: row.hold_id,
  reversesId: row.reverses_id,
  postedAt: row.posted_at,
  effectiveAt: row.effective_at,
  actor: row.actor,
});
