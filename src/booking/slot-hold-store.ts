import type { Kysely, Selectable, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { SlotHoldTable } from '../db/tables/booking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { SlotHold } from './slot-hold.ts';

export async function insertSlotHold(tx: Transaction<Database>, hold: SlotHold, by: Actor): Promise<void> {
  await tx
    .insertInto('slot_hold')
    .values({
      id: hold.id,
      venue_id: hold.venueId,
      resource_id: hold.resourceId,
      user_id: hold.userId,
      starts_at: hold.startsAt,
      ends_at: hold.endsAt,
      placed_at: hold.placedAt,
      placed_by: JSON.stringify(actorReference(by)),
      expires_at: hold.expiresAt,
      price: hold.priceMinor,
      currency: hold.currency,
    })
    .execute();
}

/** Notes what money is set aside for it. */
export async function saveWalletHold(
  tx: Transaction<Database>,
  { id, walletHoldId }: Pick<SlotHold, 'id' | 'walletHoldId'>,
): Promise<void> {
  await tx.updateTable('slot_hold').set({ wallet_hold_id: walletHoldId }).where('id', '=', id).execute();
}

export async function endSlotHold(
  tx: Transaction<Database>,
  { id, state, endedAt, bookingId }: Pick<SlotHold, 'id' | 'state' | 'endedAt' | 'bookingId'>,
): Promise<void> {
  await tx
    .updateTable('slot_hold')
    .set({ state, ended_at: endedAt, booking_id: bookingId })
    .where('id', '=', id)
    .execute();
}

/** Those of these that had not ended, ended now. */
export async function expireSlotHolds(
  tx: Transaction<Database>,
  ids: readonly string[],
  now: Date,
): Promise<readonly SlotHold[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .updateTable('slot_hold')
    .set({ state: 'EXPIRED', ended_at: now })
    .where('id', 'in', ids)
    .where('state', '=', 'PLACED')
    .returningAll()
    .execute();
  return rows.map(holdOf);
}

export async function findSlotHoldsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly SlotHold[]> {
  if (ids.length === 0) return [];
  return (await holdsAt(db, venueId).where('id', 'in', ids).execute()).map(holdOf);
}

/** A hold that nobody else ends until the transaction ends. */
export async function lockSlotHold(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<SlotHold | null> {
  const row = await holdsAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? holdOf(row) : null;
}

/** What is held for somebody at whichever venue; nobody else ends it meanwhile. */
export async function lockHoldsOf(
  tx: Transaction<Database>,
  { userId, now }: { readonly userId: string; readonly now: Date },
): Promise<readonly SlotHold[]> {
  const rows = await tx
    .selectFrom('slot_hold')
    .selectAll()
    .where('user_id', '=', userId)
    .where('state', '=', 'PLACED')
    .where('expires_at', '>', now)
    .orderBy('placed_at')
    .forNoKeyUpdate()
    .execute();
  return rows.map(holdOf);
}

/** What is held for somebody of such a time, the oldest; nobody else ends it meanwhile. */
export async function lockHoldOn(
  tx: Transaction<Database>,
  {
    venueId,
    userId,
    resourceId,
    startsAt,
    now,
  }: Pick<SlotHold, 'venueId' | 'userId' | 'resourceId' | 'startsAt'> & { readonly now: Date },
): Promise<SlotHold | null> {
  const row = await holdsAt(tx, venueId)
    .where('user_id', '=', userId)
    .where('resource_id', '=', resourceId)
    .where('starts_at', '=', startsAt)
    .where('state', '=', 'PLACED')
    .where('expires_at', '>', now)
    .orderBy('placed_at')
    .limit(1)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ? holdOf(row) : null;
}

/** How many somebody has at this time. */
export async function countLiveHolds(
  tx: Transaction<Database>,
  { venueId, userId, now }: { readonly venueId: string; readonly userId: string; readonly now: Date },
): Promise<number> {
  const { count } = await tx
    .selectFrom('slot_claim')
    .select((claims) => claims.fn.countAll<string>().as('count'))
    .where('venue_id', '=', venueId)
    .where('user_id', '=', userId)
    .where('kind', '=', 'HOLD')
    .where('expires_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(count);
}

const holdsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('slot_hold').selectAll().where('venue_id', '=', venueId);

const holdOf = (row: Selectable<SlotHoldTable>): SlotHold => ({
  id: row.id,
  venueId: row.venue_id,
  resourceId: row.resource_id,
  userId: row.user_id,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  state: row.state,
  placedAt: row.placed_at,
  expiresAt: row.expires_at,
  endedAt: row.ended_at,
  bookingId: row.booking_id,
  priceMinor: row.price,
  currency: row.currency,
  walletHoldId: row.wallet_hold_id,
});
