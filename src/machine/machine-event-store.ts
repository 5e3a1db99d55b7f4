import { type Kysely, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { MachineEvent, MachineEventType } from './machine-event.ts';

/** Answers the ids that were not there yet; the others stay as they are. */
export async function insertMachineEvents(
  tx: Kysely<Database>,
  events: readonly MachineEvent[],
): Promise<readonly string[]> {
  if (events.length === 0) return [];
  const rows = await tx
    .insertInto('machine_event')
    .values(
      events.map((event) => ({
        id: event.id,
        venue_id: event.venueId,
        machine_id: event.machineId,
        type: event.type,
        exception_code: event.exceptionCode,
        data: event.data && JSON.stringify(event.data),
        occurred_at: event.occurredAt,
      })),
    )
    .onConflict((conflict) => conflict.column('id').doNothing())
    .returning('id')
    .execute();
  return rows.map(({ id }) => id);
}

export interface MachineEventFilter {
  readonly machineIds: readonly string[] | null;
  readonly types: readonly MachineEventType[] | null;
  /** Whether somebody has taken note of them; null: either. */
  readonly acknowledged?: boolean | null;
  /** By when they happened; `to` is no longer in it. */
  readonly from?: Date | null;
  readonly to?: Date | null;
}

/** A page of a venue's machine events, the newest first. */
export async function listMachineEvents(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: MachineEventFilter; readonly range: KeysetRange },
): Promise<readonly MachineEvent[]> {
  const query = filtered(db, venueId, filter).selectAll();
  const rows = await keysetPage(query, { time: 'occurred_at', newestFirst: true }, range).execute();
  return rows.map(toEvent);
}

export async function countMachineEvents(
  db: Kysely<Database>,
  venueId: string,
  filter: MachineEventFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

export async function findMachineEventsByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly MachineEvent[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('machine_event')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toEvent);
}

function filtered(
  db: Kysely<Database>,
  venueId: string,
  { machineIds, types, acknowledged = null, from = null, to = null }: MachineEventFilter,
) {
  let query = db.selectFrom('machine_event').where('venue_id', '=', venueId);
  if (machineIds) query = query.where('machine_id', '=', sql<string>`any(${machineIds}::uuid[])`);
  if (types) query = query.where('type', '=', sql<string>`any(${types}::text[])`);
  if (from !== null) query = query.where('occurred_at', '>=', from);
  if (to !== null) query = query.where('occurred_at', '<', to);
  if (acknowledged !== null) {
    query = query.where((eb) => {
      const noted = eb.exists(
        eb
          .selectFrom('machine_event_acknowledgement as noted')
          .select('noted.event_id')
          .whereRef('noted.event_id', '=', 'machine_event.id'),
      );
      return acknowledged ? noted : eb.not(noted);
    });
  }
  return query;
}

interface EventRow {
  readonly id: string;
  readonly venue_id: string;
  readonly machine_id: string;
  readonly type: string;
  readonly exception_code: number | null;
  readonly data: Record<string, unknown> | null;
  readonly occurred_at: Date;
}

function toEvent(row: EventRow): MachineEvent {
  return {
    id: row.id,
    venueId: row.venue_id,
    machineId: row.machine_id,
    // Written by `insertMachineEvents` alone.
    type: row.type as MachineEventType,
    exceptionCode: row.exception_code,
    data: row.data,
    occurredAt: row.occurred_at,
  };
}
