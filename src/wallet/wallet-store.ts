import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { TransferUnderWayError } from './errors.ts';
import type { Wallet, WalletStatus } from './wallet.ts';

/** A wallet that was opened, or null: the user has one in this currency. @throws NotFoundError when he is gone */
export async function insertWallet(
  tx: Transaction<Database>,
  { id, venueId, userId, currency }: Pick<Wallet, 'id' | 'venueId' | 'userId' | 'currency'>,
  now: Date,
): Promise<string | null> {
  const open = sql<{ opened: string | null }>`
    select open_wallet(${id}, ${venueId}, ${userId}, ${currency}, ${now}) as opened`;
  const { rows } = await open.execute(tx).catch((error: unknown) => {
    throw isViolationOf(error, 'ledger_account_owner_lives')
      ? new NotFoundError('user', { cause: error })
      : error;
  });
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

/** A wallet that nobody else changes until the transaction ends. */
export async function lockWallet(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Wallet | null> {
  const row = await walletsAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? walletOf(row) : null;
}

/** What somebody has, at every venue; nobody else changes it until the transaction ends. */
export async function lockWalletsOf(tx: Transaction<Database>, userId: string): Promise<readonly Wallet[]> {
  const rows = await wallets(tx).where('user_id', '=', userId).orderBy('id').forNoKeyUpdate().execute();
  return rows.map(walletOf);
}

/** Its status and version, as they are now. @throws TransferUnderWayError, ValidationError when its owner is gone */
export async function saveStatus(
  tx: Transaction<Database>,
  { id, status, version }: Wallet,
  now: Date,
): Promise<void> {
  await tx
    .updateTable('ledger_account')
    // What is posted from now on is not posted before what was: both may have begun in another order.
    .set({ status, version, changed_at: sql<Date>`greatest(changed_at, ${now})` })
    .where('id', '=', id)
    .execute()
    .catch((error: unknown) => {
      if (isViolationOf(error, 'ledger_account_closed_settled'))
        throw new TransferUnderWayError({ cause: error });
      if (isViolationOf(error, 'ledger_account_owner_lives'))
        throw new ValidationError('The account of its owner was deleted.', { cause: error });
      throw error;
    });
}

/** Which wallets of a venue are meant; null: whatever there is. */
export interface WalletFilter {
  readonly userId: string | null;
  readonly currency: string | null;
  readonly status: WalletStatus | null;
}

/** The newest first, or in reverse when read backward. */
export async function listWallets(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: WalletFilter; readonly range: KeysetRange },
): Promise<readonly Wallet[]> {
  const query = filtered(walletsAt(db, venueId), filter);
  return (await keysetPage(query, { time: 'created_at', newestFirst: true }, range).execute()).map(walletOf);
}

export async function countWallets(
  db: Kysely<Database>,
  venueId: string,
  filter: WalletFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(walletsAt(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(
  query: ReturnType<typeof walletsAt>,
  { userId, currency, status }: WalletFilter,
): ReturnType<typeof walletsAt> {
  let found = query;
  if (userId !== null) found = found.where('user_id', '=', userId);
  if (currency !== null) found = found.where('currency', '=', currency);
  if (status !== null) found = found.where('status', '=', status);
  return found;
}

const walletsAt = (db: Kysely<Database>, venueId: string) => wallets(db).where('venue_id', '=', venueId);

/** A hold that has expired claims nothing, whether or not somebody took it off. */
const wallets = (db: Kysely<Database>) =>
  db
    .selectFrom('ledger_account')
    .select(['id', 'venue_id', 'user_id', 'currency', 'status', 'balance', 'version', 'created_at'])
    .select(
      sql<bigint>`held - coalesce((select sum(amount)::bigint from wallet_hold
        where account_id = ledger_account.id and state = 'PLACED' and expires_at <= now()), 0)`.as('held'),
    )
    .where('kind', '=', 'WALLET');

type WalletRow = Awaited<ReturnType<ReturnType<typeof walletsAt>['execute']>>[number];

function walletOf(row: WalletRow): Wallet {
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
