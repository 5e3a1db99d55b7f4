import { type Kysely, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { AftTransfer, AftTransferState } from './aft-transfer.ts';
import { transferOf, transfersAt } from './aft-transfer-row.ts';

/** Which transfers of a venue are meant; null: whatever there is. */
export interface TransferFilter {
  readonly machineId: string | null;
  readonly walletId: string | null;
  /** Whose wallets. */
  readonly userId: string | null;
  readonly states: readonly AftTransferState[] | null;
  /** When they were asked for. */
  readonly from: Date | null;
  readonly to: Date | null;
}

/** The newest first, or in reverse when read backward. */
export async function listTransfers(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: TransferFilter; readonly range: KeysetRange },
): Promise<readonly AftTransfer[]> {
  const order = { time: 'requested_at', newestFirst: true };
  const rows = await keysetPage(filtered(transfersAt(db, venueId), filter), order, range).execute();
  return rows.map(transferOf);
}

export async function countTransfers(
  db: Kysely<Database>,
  venueId: string,
  filter: TransferFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(transfersAt(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** How many of a venue nobody knows the end of. */
export async function countTransfersInDoubt(db: Kysely<Database>, venueId: string): Promise<number> {
  const { count } = await db
    .selectFrom('aft_transfer')
    .select(sql<number>`count(*)::int`.as('count'))
    .where('venue_id', '=', venueId)
    // As it stands in the index of these alone.
    .where('state', '=', sql.lit('IN_DOUBT'))
    .executeTakeFirstOrThrow();
  return count;
}

function filtered(
  query: ReturnType<typeof transfersAt>,
  { machineId, walletId, userId, states, from, to }: TransferFilter,
): ReturnType<typeof transfersAt> {
  let found = query;
  if (machineId !== null) found = found.where('machine_id', '=', machineId);
  if (walletId !== null) found = found.where('wallet_id', '=', walletId);
  if (userId !== null) found = found.where('user_id', '=', userId);
  if (states !== null) found = found.where('state', 'in', states);
  if (from !== null) found = found.where('requested_at', '>=', from);
  if (to !== null) found = found.where('requested_at', '<', to);
  return found;
}
