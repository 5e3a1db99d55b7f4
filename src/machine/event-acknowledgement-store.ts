import type { Kysely, Selectable } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MachineEventAcknowledgementTable } from '../db/tables/machine.ts';
import type { EventAcknowledgement } from './event-acknowledgement.ts';

/** Whether it is the first one of its event; a later one is not kept. */
export async function insertAcknowledgement(
  tx: Kysely<Database>,
  { acknowledgedBy, ...acknowledgement }: EventAcknowledgement,
): Promise<boolean> {
  const rows = await tx
    .insertInto('machine_event_acknowledgement')
    .values({
      event_id: acknowledgement.eventId,
      venue_id: acknowledgement.venueId,
      note: acknowledgement.note,
      acknowledged_at: acknowledgement.acknowledgedAt,
      acknowledged_by: acknowledgedBy?.id ?? null,
      acknowledged_by_kind: acknowledgedBy?.kind ?? null,
    })
    .onConflict((conflict) => conflict.column('event_id').doNothing())
    .returning('event_id')
    .execute();
  return rows.length > 0;
}

export async function findAcknowledgements(
  db: Kysely<Database>,
  venueId: string,
  eventIds: readonly string[],
): Promise<readonly EventAcknowledgement[]> {
  if (eventIds.length === 0) return [];
  const rows = await db
    .selectFrom('machine_event_acknowledgement')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('event_id', 'in', eventIds)
    .execute();
  return rows.map(toAcknowledgement);
}

const toAcknowledgement = (row: Selectable<MachineEventAcknowledgementTable>): EventAcknowledgement => ({
  eventId: row.event_id,
  venueId: row.venue_id,
  note: row.note,
  acknowledgedAt: row.acknowledged_at,
  acknowledgedBy:
    row.acknowledged_by && row.acknowledged_by_kind
      ? { kind: row.acknowledged_by_kind, id: row.acknowledged_by }
      : null,
});
