import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Wallet } from './wallet.ts';

/** A wallet that was opened, or null: the user has one in this currency. */
export async function insertWallet(
  tx: Transaction<Database>,
  { id, venueId, userId, currency }: Pick<Wallet, 'id' | 'venueId' | 'userId' | 'currency'>,
  now: Date,
): Promise<string | null> {
  const { rows } = await sql<{ opened: string | null }>`
    select open_wallet(${id}, ${venueId}, ${userId}, ${currency}, ${now}) as opened`.execute(tx);
  return rows[0]?.opened ?? null;
}

export async function findWalletsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Wallet[]> {
  if (ids.length === 0) return [];
  return (await walletsAt(db, venueId).where('id', 'in', ids).execute()).map(walletOf);
}

/** What somebody has, by currency. */
export async function findWalletsOf(
  db: Kysely<Database>,
  venueId: string,
  userId: string,
): Promise<readonly Wallet[]> {
  const rows = await walletsAt(db, venueId).where('user_id', '=', userId).orderBy('currency').execute();
  return rows.map(walletOf);
}

/** The wallets of a venue; a hold that has expired claims nothing, whether or not somebody took it off. */
export const walletsAt = (db: Kysely<Database>, venueId: string) =>
  db
    .selectFrom('ledger_account')
    .select(['id', 'venue_id', 'user_id', 'currency', 'status', 'balance', 'version', 'created_at'])
    .select(
      sql<bigint>`held - coalesce((select sum(amount)::bigint from wallet_hold
        where account_id = ledger_account.id and state = 'PLACED' and expires_at <= now()), 0)`.as('held'),
    )
    .where('venue_id', '=', venueId)
    .where('kind', '=', 'WALLET');

export type WalletRow = Awaited<ReturnType<ReturnType<typeof walletsAt>['execute']>>[number];

export function walletOf(row: WalletRow): Wallet {
  if (row.user_id === null) throw new Error(`wallet ${row.id} is nobody’s`);
  return {
    id: row.id,
    venueId: row.venue_id,
    userId: row.user_id,
    currency: row.currency,
    status: row.status,
    postedMinor: row.balance,
    heldMinor: row.held,
    version: row.version,
    openedAt: row.created_at,
  };
}
