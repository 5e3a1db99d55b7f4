import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { ParkingSessionTable } from '../db/tables/parking.ts';
import { type Actor, actorReference } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import { CarParkedError, SpaceTakenError } from './errors.ts';
import type { ParkingSession, SessionStatus, Settlement } from './session.ts';

/** @throws CarParkedError, SpaceTakenError; NotFoundError when the account was deleted meanwhile */
export async function insertSession(
  tx: Transaction<Database>,
  session: ParkingSession,
  by: Actor,
): Promise<void> {
  try {
    await tx
      .insertInto('parking_session')
      .values({
        id: session.id,
        venue_id: session.venueId,
        lot_id: session.lotId,
        space_id: session.spaceId,
        user_id: session.userId,
        plate: session.plate,
        reservation_id: session.reservationId,
        started_at: session.startedAt,
        started_by: JSON.stringify(actorReference(by)),
        until: session.until,
        ended_by: null,
        rate_id: session.rateId,
        currency: session.currency,
        changed_at: session.changedAt,
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'parking_session_one_car')) throw new CarParkedError({ cause: error });
    if (session.spaceId !== null && isViolationOf(error, 'parking_session_one_space'))
      throw new SpaceTakenError(session.spaceId, {}, { cause: error });
    if (isViolationOf(error, 'parking_owner_lives')) throw new NotFoundError('user', { cause: error });
    throw error;
  }
}

/** What changes of a stay but who ends it. */
export async function saveSession(tx: Transaction<Database>, session: ParkingSession): Promise<void> {
  await tx
    .updateTable('parking_session')
    .set({
      until: session.until,
      overdue_at: session.overdueAt,
      paid: session.paidMinor,
      changed_at: session.changedAt,
      version: session.version,
    })
    .where('id', '=', session.id)
    .execute();
}

export async function saveSessionEnd(
  tx: Transaction<Database>,
  session: ParkingSession,
  by: Actor,
): Promise<void> {
  await tx
    .updateTable('parking_session')
    .set({
      ended_at: session.endedAt,
      ended_by: JSON.stringify(actorReference(by)),
      charge: session.chargeMinor,
      paid: session.paidMinor,
      changed_at: session.changedAt,
      version: session.version,
    })
    .where('id', '=', session.id)
    .execute();
}

/** That what was due was settled, and what of it counts as paid. */
export async function saveSettlement(
  tx: Transaction<Database>,
  session: ParkingSession & { readonly settlement: Settlement },
): Promise<void> {
  const { amountMinor, how, at, by, note } = session.settlement;
  await tx
    .updateTable('parking_session')
    .set({
      paid: session.paidMinor,
      settled: amountMinor,
      settled_how: how,
      settled_at: at,
      settled_by: JSON.stringify(by),
      settled_note: note,
      changed_at: session.changedAt,
      version: session.version,
    })
    .where('id', '=', session.id)
    .execute();
}

export async function findSessionsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly ParkingSession[]> {
  if (ids.length === 0) return [];
  return (await sessionsAt(db, venueId).where('id', 'in', ids).execute()).map(sessionOf);
}

/** A stay that nobody else changes until the transaction ends. */
export async function lockSession(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<ParkingSession | null> {
  const row = await sessionsAt(tx, venueId).where('id', '=', id).forNoKeyUpdate().executeTakeFirst();
  return row ? sessionOf(row) : null;
}

/** The stays of these reservations. */
export async function findSessionsOfReservations(
  db: Kysely<Database>,
  venueId: string,
  reservationIds: readonly string[],
): Promise<readonly ParkingSession[]> {
  if (reservationIds.length === 0) return [];
  const rows = await sessionsAt(db, venueId).where('reservation_id', 'in', reservationIds).execute();
  return rows.map(sessionOf);
}

/** Which stays of a venue are meant; null: whatever there is. */
export interface SessionFilter {
  readonly userId: string | null;
  readonly lotId: string | null;
  readonly status: SessionStatus | null;
  /** Those that have not ended by then. */
  readonly from: Date | null;
  /** Those that began before. */
  readonly to: Date | null;
}

/** By beginning, the latest first; in reverse when read backward. */
export async function listSessions(
  db: Kysely<Database>,
  venueId: string,
  { filter, range, now }: { readonly filter: SessionFilter; readonly range: KeysetRange; readonly now: Date },
): Promise<readonly ParkingSession[]> {
  const query = filtered(sessionsAt(db, venueId), filter, now);
  return (await keysetPage(query, { time: 'started_at', newestFirst: true }, range).execute()).map(sessionOf);
}

export async function countSessions(
  db: Kysely<Database>,
  venueId: string,
  { filter, now }: { readonly filter: SessionFilter; readonly now: Date },
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(sessionsAt(db, venueId), filter, now).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Whether a car of somebody's stands on any lot. */
export async function isParked(db: Kysely<Database>, userId: string): Promise<boolean> {
  const row = await db
    .selectFrom('parking_session')
    .select('id')
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** How many cars of somebody's stand on lots of a venue. */
export async function countOpenStays(
  db: Kysely<Database>,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<number> {
  const { count } = await sessionsAt(db, venueId)
    .clearSelect()
    .select((row) => row.fn.countAll<string>().as('count'))
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .executeTakeFirstOrThrow();
  return Number(count);
}

const sessionsAt = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('parking_session').selectAll().where('venue_id', '=', venueId);

function filtered(
  query: ReturnType<typeof sessionsAt>,
  { userId, lotId, status, from, to }: SessionFilter,
  now: Date,
): ReturnType<typeof sessionsAt> {
  let found = query;
  if (userId !== null) found = found.where('user_id', '=', userId);
  if (lotId !== null) found = found.where('lot_id', '=', lotId);
  if (status !== null) found = found.where(OF_STATUS[status](now));
  if (from !== null)
    found = found.where((is) => is.or([is('ended_at', 'is', null), is('ended_at', '>', from)]));
  if (to !== null) found = found.where('started_at', '<', to);
  return found;
}

const OF_STATUS = {
  OPEN: () => sql<boolean>`ended_at is null`,
  OVERDUE: (now: Date) => sql<boolean>`(ended_at is null and until <= ${now})`,
  ENDED: () => sql<boolean>`ended_at is not null`,
  DUE: () => sql<boolean>`(ended_at is not null and paid < charge and settled is null)`,
};

export const sessionOf = (row: Selectable<ParkingSessionTable>): ParkingSession => ({
  id: row.id,
  venueId: row.venue_id,
  lotId: row.lot_id,
  spaceId: row.space_id,
  userId: row.user_id,
  plate: row.plate,
  reservationId: row.reservation_id,
  startedAt: row.started_at,
  until: row.until,
  overdueAt: row.overdue_at,
  endedAt: row.ended_at,
  rateId: row.rate_id,
  chargeMinor: row.charge,
  paidMinor: row.paid,
  settlement: settlementOf(row),
  currency: row.currency,
  changedAt: row.changed_at,
  version: row.version,
});

function settlementOf(row: Selectable<ParkingSessionTable>): Settlement | null {
  const { settled, settled_how: how, settled_at: at, settled_by: by, settled_note: note } = row;
  if (settled === null || how === null || at === null || by === null) return null;
  return { amountMinor: settled, how, at, by: by as Settlement['by'], note };
}
