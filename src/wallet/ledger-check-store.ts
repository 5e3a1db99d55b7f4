import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { LedgerFault, LedgerFaultKind } from './ledger-check.ts';

interface FaultRow {
  readonly kind: LedgerFaultKind;
  readonly account_id: string | null;
  readonly transaction_id: string | null;
  readonly expected: bigint;
  readonly found: bigint;
}

/** What is wrong with the books of a venue, in one snapshot of them; at most `limit` faults. */
export async function findLedgerFaults(
  db: Kysely<Database>,
  venueId: string,
  limit: number,
): Promise<readonly LedgerFault[]> {
  const { rows } = await sql<FaultRow>`
    with account as (select * from ledger_account where venue_id = ${venueId}),
    entry as (
      select ledger_entry.*, row_number() over following as place, sum(amount) over following as running
      from ledger_entry where venue_id = ${venueId}
      window following as (partition by account_id order by version)
    )
    select 'UNBALANCED' as kind, null::uuid as account_id, transaction_id, 0::bigint as expected, sum(amount)::bigint as found
    from entry group by transaction_id, currency having sum(amount) <> 0
    union all
    select 'BROKEN_CHAIN', account_id, transaction_id, running::bigint, balance_after
    from entry where balance_after <> running or version <> place
    union all
    select 'WRONG_BALANCE', account.id, null, coalesce(sum(entry.amount), 0)::bigint, balance
    from account left join entry on entry.account_id = account.id
    group by account.id, balance, entry_version
    having balance <> coalesce(sum(entry.amount), 0) or entry_version <> count(entry.amount)
    union all
    select 'WRONG_HOLDS', account.id, null, coalesce(sum(wallet_hold.amount), 0)::bigint, held
    from account left join wallet_hold on wallet_hold.account_id = account.id and state = 'PLACED'
    group by account.id, held having held <> coalesce(sum(wallet_hold.amount), 0)
    union all
    select 'OVERDRAWN', id, null, held, balance from account where balance < held and not overdraft_allowed
    limit ${limit}`.execute(db);
  return rows.map((row) => ({
    kind: row.kind,
    accountId: row.account_id,
    transactionId: row.transaction_id,
    expectedMinor: row.expected,
    foundMinor: row.found,
  }));
}

/** What the books of a venue hold. */
export async function countLedger(
  db: Kysely<Database>,
  venueId: string,
): Promise<{ readonly accounts: number; readonly entries: bigint }> {
  const { rows } = await sql<{ accounts: bigint; entries: bigint | null }>`
    select count(*) as accounts, sum(entry_version)::bigint as entries
    from ledger_account where venue_id = ${venueId}`.execute(db);
  return { accounts: Number(rows[0]?.accounts ?? 0n), entries: rows[0]?.entries ?? 0n };
}
