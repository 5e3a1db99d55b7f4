import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Instant } from '../db/instant.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { ParkingReservationTable } from '../db/tables/parking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { KeptReservation, ReservationStatus } from './reservation.ts';

/** @throws NotFoundError when the account was deleted meanwhile */
export async function insertReservation(
  tx: Transaction<Database>,
  reservation: KeptReservation,
  by: Actor,
): Promise<void> {
  try {
    await tx
      .insertInto('parking_reservation')
      .values({
        id: reservation.id,
        venue_id: reservation.venueId,
        lot_id: reservation.lotId,
        space_id: reservation.spaceId,
        user_id: reservation.userId,
        plate: reservation.plate,
        starts_at: reservation.startsAt,
        ends_at: reservation.endsAt,
        no_show_at: reservation.noShowAt,
        reserved_at: reservation.reservedAt,
        reserved_by: JSON.stringify(actorReference(by)),
        changed_at: reservation.changedAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'parking_owner_lives')) throw new NotFoundError('user', { cause: error });
    throw error;
  }
}

/** Until the transaction ends, nobody else counts what this person has of a venue. To be taken before any lot. */
export async function lockParker(
  tx: Transaction<Database>,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<void> {
  await sql`select pg_advisory_xact_lock(1885432427, hashtext(${venueId} || ${userId}))`.execute(tx);
}

/**
 * How many a person has that are not over and for which no car has come. Until the transaction ends, nobody else counts
 * them: what is counted first is reserved first.
 */
export async function countOpenReservations(
  tx: Transaction<Database>,
  { venueId, userId, now }: { readonly venueId: string; readonly userId: string; readonly now: Date },
): Promise<number> {
  await lockParker(tx, { venueId, userId });
  const { count } = await reservationsAt(tx, venueId)
    .clearSelect()
    .select((row) => row.fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .where('ends_at', '>', now)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** What changes of a reservation; and who ended it, when somebody did. */
export async function saveReservation(
  tx: Transaction<Database>,
  reservation: KeptReservation,
  endedBy: Actor | null = null,
): Promise<void> {
  await tx
    .updateTable('parking_reservation')
    .set({
      ends_at: reservation.endsAt,
      status: reservation.status,
      no_show_at: reservation.noShowAt,
      checked_in_at: reservation.checkedInAt,
      ended_at: reservation.endedAt,
      ended_by: endedBy ? JSON.stringify(actorReference(endedBy)) : null,
      cancel_reason: reservation.cancelReason,
      changed_at: reservation.changedAt,
      version: reservation.version,
    })
    .where('id', '=', reservation.id)
    .execute();
}

export async function findReservationsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly KeptReservation[]> {
  if (ids.length === 0) return [];
  return (await reservationsAt(db, venueId).where('id', 'in', ids).execute()).map(reservationOf);
}

/** Which reservations of a venue are meant; null: whatever there is. */
export interface ReservationFilter {
  readonly userId: string | null;
  readonly lotId: string | null;
  readonly statuses: readonly ReservationStatus[] | null;
  /** Those that have not ended by then. */
  readonly from: Date | null;
  /** Those that begin before. */
  readonly to: Date | null;
}

/** By beginning, the latest first; in reverse when read backward. */
export async function listReservations(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: ReservationFilter; readonly range: KeysetRange },
): Promise<readonly KeptReservation[]> {
  const query = filtered(reservationsAt(db, venueId), filter);
  return (await keysetPage(query, { time: 'starts_at', newestFirst: true }, range).execute()).map(
    reservationOf,
  );
}

export async function countReservations(
  db: Kysely<Database>,
  venueId: string,
  filter: ReservationFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(reservationsAt(db, venueId), filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** A lot where something is to be done. */
export interface DueLot {
  readonly venueId: string;
  readonly lotId: string;
}

/** Lots with reservations whose time is over, or whose car should have come by now. */
export async function listLotsOfLapsed(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly DueLot[]> {
  return await lapsedReservations(db, { now })
    .select(['venue_id as venueId', 'lot_id as lotId'])
    .distinct()
    .limit(limit)
    .execute();
}

/** Those nobody came for. */
export const lapsedReservations = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db
    .selectFrom('parking_reservation')
    .where('status', '=', 'ACTIVE')
    .where((is) => is.or([is('no_show_at', '<=', now), is('ends_at', '<=', now)]));

/** Of a lot that is locked: those of which one of the two holds, in the order in which it came to. */
export async function listLapsed(
  db: Kysely<Database>,
  { venueId, lotId }: DueLot,
  now: Date,
): Promise<readonly KeptReservation[]> {
  const rows = await lapsedReservations(db, { now })
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('lot_id', '=', lotId)
    .orderBy(sql`least(no_show_at, ends_at)`)
    .orderBy('id')
    .execute();
  return rows.map(reservationOf);
}

/** What somebody has reserved at whichever venue and has not come for, in the order in which lots are locked. */
export async function listExpectedOf(
  db: Kysely<Database>,
  userId: string,
): Promise<readonly KeptReservation[]> {
  const rows = await db
    .selectFrom('parking_reservation')
    .selectAll()
    .where('user_id', '=', userId)
    .where('status', '=', 'ACTIVE')
    .orderBy('lot_id')
    .orderBy('id')
    .execute();
  return rows.map(reservationOf);
}

/** Which cars somebody drove is known no more. */
export async function forgetPlatesOf(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx
    .updateTable('parking_reservation')
    .set({ plate: null })
    .where('user_id', '=', userId)
    .where('plate', 'is not', null)
    .execute();
  await tx
    .updateTable('parking_session')
    .set({ plate: null })
    .where('user_id', '=', userId)
    .where('plate', 'is not', null)
    .execute();
}

/** Forgets why somebody cancelled what he had reserved, in his own words. */
export async function forgetReasonsOf(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx
    .updateTable('parking_reservation')
    .set({ cancel_reason: null })
    .where('user_id', '=', userId)
    .where('cancel_reason', 'is not', null)
    .where(sql<boolean>`ended_by ->> 'id' = ${userId}`)
    .execute();
}

const reservationsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('parking_reservation').selectAll().where('venue_id', '=', venueId);

function filtered(
  query: ReturnType<typeof reservationsAt>,
  { userId, lotId, statuses, from, to }: ReservationFilter,
): ReturnType<typeof reservationsAt> {
  let found = query;
  if (userId !== null) found = found.where('user_id', '=', userId);
  if (lotId !== null) found = found.where('lot_id', '=', lotId);
  if (statuses !== null) found = found.where('status', '=', (is) => is.fn.any(is.val([...statuses])));
  if (from !== null) found = found.where('ends_at', '>', from);
  if (to !== null) found = found.where('starts_at', '<', to);
  return found;
}

const reservationOf = (row: Selectable<ParkingReservationTable>): KeptReservation => ({
  id: row.id,
  venueId: row.venue_id,
  lotId: row.lot_id,
  spaceId: row.space_id,
  userId: row.user_id,
  plate: row.plate,
  startsAt: row.starts_at,
  endsAt: row.ends_at,
  status: row.status,
  noShowAt: row.no_show_at,
  reservedAt: row.reserved_at,
  checkedInAt: row.checked_in_at,
  endedAt: row.ended_at,
  cancelReason: row.cancel_reason,
  changedAt: row.changed_at,
  version: row.version,
});
