import { type Kysely, type RawBuilder, type Selectable, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { WaitlistEntryTable } from '../db/tables/booking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import type { WaitlistEntry } from './waitlist.ts';

/** What somebody waits for. */
export interface Awaited {
  readonly resourceId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** Who waits for slots of a resource changes by one transaction at a time, until it ends. */
export async function lockWaitlist(tx: Transaction<Database>, resourceId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(1651470199, hashtext(${resourceId}))`.execute(tx);
}

/** Whether somebody waits for any of this time, which lies in columns or values. */
export const isAwaited = (
  time: {
    readonly resourceId: RawBuilder<unknown>;
    readonly startsAt: RawBuilder<unknown>;
    readonly endsAt: RawBuilder<unknown>;
  },
  now: Date,
): RawBuilder<boolean> =>
  sql<boolean>`exists (select from waitlist_entry waiting where waiting.state = 'WAITING'
    and waiting.resource_id = ${time.resourceId} and waiting.starts_at > ${now}
    and waiting.starts_at < ${time.endsAt} and waiting.ends_at > ${time.startsAt})`;

export async function insertEntry(tx: Transaction<Database>, entry: WaitlistEntry, by: Actor): Promise<void> {
  await tx
    .insertInto('waitlist_entry')
    .values({
      id: entry.id,
      venue_id: entry.venueId,
      resource_id: entry.resourceId,
      user_id: entry.userId,
      starts_at: entry.startsAt,
      ends_at: entry.endsAt,
      joined_at: entry.joinedAt,
      joined_by: JSON.stringify(actorReference(by)),
    })
    .execute();
}

/** What changes of an entry. */
export async function saveEntry(tx: Transaction<Database>, entry: WaitlistEntry): Promise<void> {
  await tx
    .updateTable('waitlist_entry')
    .set({
      state: entry.state,
      offered_at: entry.offeredAt,
      offer_expires_at: entry.offerExpiresAt,
      ended_at: entry.endedAt,
      booking_id: entry.bookingId,
    })
    .where('id', '=', entry.id)
    .execute();
}

/** Those of these that were offered something, which is over now. */
export async function expireEntries(
  tx: Transaction<Database>,
  ids: readonly string[],
  now: Date,
): Promise<readonly WaitlistEntry[]> {
  if (ids.length === 0) return [];
  const rows = await tx
    .updateTable('waitlist_entry')
    .set({ state: 'EXPIRED', ended_at: now })
    .where('id', 'in', ids)
    .where('state', '=', 'OFFERED')
    .returningAll()
    .execute();
  return rows.map(entryOf);
}

export async function findEntriesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly WaitlistEntry[]> {
  if (ids.length === 0) return [];
  return (await entriesAt(db, venueId).where('id', 'in', ids).execute()).map(entryOf);
}

/** Where somebody waits or is offered something, by the beginning of the slots. */
export async function listLiveEntries(
  db: Kysely<Database>,
  venueId: string,
  userId: string,
): Promise<readonly WaitlistEntry[]> {
  const rows = await entriesAt(db, venueId)
    .where('user_id', '=', userId)
    .where('state', 'in', ['WAITING', 'OFFERED'])
    .orderBy('starts_at')
    .orderBy('place')
    .execute();
  return rows.map(entryOf);
}

/** An entry that nobody else changes until the transaction ends. */
export async function lockEntry(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<WaitlistEntry | null> {
  const row = await entriesAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? entryOf(row) : null;
}

/** What somebody is offered of such a time; nobody else ends it meanwhile. */
export async function lockOfferOn(
  tx: Transaction<Database>,
  {
    venueId,
    userId,
    resourceId,
    startsAt,
    now,
  }: Pick<WaitlistEntry, 'venueId' | 'userId' | 'resourceId' | 'startsAt'> & { readonly now: Date },
): Promise<WaitlistEntry | null> {
  const row = await entriesAt(tx, venueId)
    .where('user_id', '=', userId)
    .where('resource_id', '=', resourceId)
    .where('starts_at', '=', startsAt)
    .where('state', '=', 'OFFERED')
    .where('offer_expires_at', '>', now)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ? entryOf(row) : null;
}

/** Where somebody waits at whichever venue; nobody else changes that meanwhile. */
export async function lockLiveEntriesOf(
  tx: Transaction<Database>,
  userId: string,
): Promise<readonly WaitlistEntry[]> {
  const rows = await tx
    .selectFrom('waitlist_entry')
    .selectAll()
    .where('user_id', '=', userId)
    .where('state', 'in', ['WAITING', 'OFFERED'])
    .orderBy('place')
    .forNoKeyUpdate()
    .execute();
  return rows.map(entryOf);
}

/** Who waits longest for a slot; nobody else changes that meanwhile. */
export async function lockFirstInLine(
  tx: Transaction<Database>,
  { resourceId, startsAt, endsAt }: Awaited,
): Promise<WaitlistEntry | null> {
  const row = await tx
    .selectFrom('waitlist_entry')
    .selectAll()
    .where('state', '=', 'WAITING')
    .where('resource_id', '=', resourceId)
    .where('starts_at', '=', startsAt)
    .where('ends_at', '=', endsAt)
    .orderBy('place')
    .limit(1)
    .forNoKeyUpdate()
    .executeTakeFirst();
  return row ? entryOf(row) : null;
}

/** Whether there is any line at all. */
export async function isAnybodyWaiting(db: Kysely<Database>): Promise<boolean> {
  const row = await db
    .selectFrom('waitlist_entry')
    .select('id')
    .where('state', '=', 'WAITING')
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** Whose slot has begun before their turn came, so many at most; nobody else changes that meanwhile. */
export async function lockBegunEntries(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly WaitlistEntry[]> {
  const rows = await tx
    .selectFrom('waitlist_entry')
    .selectAll()
    .where('state', '=', 'WAITING')
    .where('starts_at', '<=', now)
    .orderBy('starts_at')
    .limit(limit)
    .forNoKeyUpdate()
    .skipLocked()
    .execute();
  return rows.map(entryOf);
}

/** Which slots that lie in this time, wholly or in part, are waited for and have not begun; by beginning. */
export async function listAwaited(
  tx: Transaction<Database>,
  { resourceId, startsAt, endsAt }: Awaited,
  now: Date,
): Promise<readonly Awaited[]> {
  const rows = await tx
    .selectFrom('waitlist_entry')
    .select(['starts_at', 'ends_at'])
    .distinct()
    .where('state', '=', 'WAITING')
    .where('resource_id', '=', resourceId)
    .where('starts_at', '>', now)
    .where('starts_at', '<', endsAt)
    .where('ends_at', '>', startsAt)
    .orderBy('starts_at')
    .orderBy('ends_at')
    .execute();
  return rows.map((row) => ({ resourceId, startsAt: row.starts_at, endsAt: row.ends_at }));
}

/** Slots that are waited for and that can be had, so many at most; by resource and beginning. */
export async function listLeftOver(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly (Awaited & { readonly venueId: string })[]> {
  const { rows } = await sql<Awaited & { venueId: string }>`
    select distinct w.venue_id as "venueId", w.resource_id as "resourceId", w.starts_at as "startsAt", w.ends_at as "endsAt"
    from waitlist_entry w join resource r on r.id = w.resource_id
    where w.state = 'WAITING' and w.starts_at > ${now} and r.status = 'ACTIVE' and exists (
      select from generate_series(0, r.capacity - 1) seat
      where not exists (select from slot_claim c where c.resource_id = w.resource_id
        and tstzrange(c.starts_at, c.ends_at) && tstzrange(w.starts_at, w.ends_at)
        and seat between c.first_seat and c.last_seat))
      -- Seats that were given when there were more of them count as well.
      and (select count(distinct c.first_seat) from slot_claim c where c.resource_id = w.resource_id
        and tstzrange(c.starts_at, c.ends_at) && tstzrange(w.starts_at, w.ends_at)) < r.capacity
    order by w.resource_id, w.starts_at
    limit ${limit}`.execute(tx);
  return rows;
}

/** How many wait before each of these for the same slot, by their ids. */
export async function countAhead(
  db: Kysely<Database>,
  ids: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await sql<{ id: string; ahead: number }>`
    select own.id, (select count(*) from waitlist_entry other
      where other.state = 'WAITING' and other.resource_id = own.resource_id and other.starts_at = own.starts_at
        and other.place < own.place)::integer as ahead
    from waitlist_entry own where own.id = any(${ids}::uuid[]) and own.state = 'WAITING'`.execute(db);
  return new Map(rows.map(({ id, ahead }) => [id, ahead]));
}

/** Whether the account is in use; until the transaction ends that stays so. */
export async function isActiveOwner(tx: Transaction<Database>, userId: string): Promise<boolean> {
  const row = await tx
    .selectFrom('app_user')
    .select('status')
    .where('id', '=', userId)
    .forShare()
    .executeTakeFirst();
  return row?.status === 'ACTIVE';
}

const entriesAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('waitlist_entry').selectAll().where('venue_id', '=', venueId);

const entryOf = (row: Selectable<WaitlistEntryTable>): WaitlistEntry => ({
  id: row.id,
  venueId: row.venue_id,
  resourceId: row.resource_id,
  userId: row.user_id,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  state: row.state,
  joinedAt: row.joined_at,
  offeredAt: row.offered_at,
  offerExpiresAt: row.offer_expires_at,
  endedAt: row.ended_at,
  bookingId: row.booking_id,
});
