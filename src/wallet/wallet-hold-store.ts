import { type Kysely, type Selectable, sql } from 'kysely';
import type { Instant } from '../db/instant.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { WalletHoldTable } from '../db/tables/wallet.ts';
import { type HoldState, stateAt, type WalletHold } from './wallet-hold.ts';

export async function findHoldsByIds(
  db: Kysely<Database>,
  venueId: string,
  { ids, now }: { readonly ids: readonly string[]; readonly now: Date },
): Promise<readonly WalletHold[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('wallet_hold')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map((row) => holdOf(row, now));
}

/** Which holds of a wallet are meant; null: in whatever state. */
export interface HoldFilter {
  readonly walletId: string;
  readonly states: readonly HoldState[] | null;
  readonly now: Date;
}

/** The newest first, or in reverse when read backward. */
export async function listHolds(
  db: Kysely<Database>,
  filter: HoldFilter,
  range: KeysetRange,
): Promise<readonly WalletHold[]> {
  const order = { time: 'placed_at', newestFirst: true };
  const rows = await keysetPage(holdsOf(db, filter), order, range).execute();
  return rows.map((row) => holdOf(row, filter.now));
}

export async function countHolds(db: Kysely<Database>, filter: HoldFilter): Promise<number> {
  const { count } = await db
    .selectFrom(holdsOf(db, filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Wallets that have holds whose time is over, the longest ago first. */
export async function listWalletsWithExpiredHolds(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly string[]> {
  const rows = await expiredHolds(db, { now })
    .select('account_id')
    .groupBy('account_id')
    .orderBy(({ fn }) => fn.min('expires_at'))
    .limit(limit)
    .execute();
  return rows.map(({ account_id }) => account_id);
}

/** Those whose time is over, and which are not ended. */
export const expiredHolds = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('wallet_hold').where('state', '=', 'PLACED').where('expires_at', '<=', now);

function holdsOf(db: Kysely<Database>, { walletId, states, now }: HoldFilter) {
  const all = db.selectFrom('wallet_hold').selectAll().where('account_id', '=', walletId);
  if (states === null) return all;
  return all.where(
    sql<boolean>`case when state = 'PLACED' and expires_at <= ${now} then 'EXPIRED' else state end = any(${states})`,
  );
}

const holdOf = (row: Selectable<WalletHoldTable>, now: Date): WalletHold => ({
  id: row.id,
  venueId: row.venue_id,
  walletId: row.account_id,
  purpose: row.purpose,
  amountMinor: row.amount,
  reason: row.reason,
  state: stateAt({ state: row.state, expiresAt: row.expires_at }, now),
  expiresAt: row.expires_at,
  capturedMinor: row.captured,
  placedAt: row.placed_at,
  placedBy: row.placed_by,
  endedAt: row.ended_at,
});
