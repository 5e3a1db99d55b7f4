import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';

/** An exception on record, of which it is not on record that its machine was told so. */
export interface HeldException {
  readonly machineId: string;
  readonly venueId: string;
  readonly eventId: string;
  readonly code: number;
}

/** Keeps what a machine holds from now on: what it held before, it was told of. */
export async function holdException(tx: Kysely<Database>, held: HeldException): Promise<void> {
  const columns = { event_id: held.eventId, exception_code: held.code };
  await tx
    .insertInto('machine_held_exception')
    .values({ machine_id: held.machineId, venue_id: held.venueId, ...columns })
    .onConflict((conflict) => conflict.column('machine_id').doUpdateSet(columns))
    .execute();
}

/** Forgets what these machines held, unless they hold something else by now. */
export async function releaseExceptions(
  tx: Kysely<Database>,
  released: readonly Pick<HeldException, 'machineId' | 'eventId'>[],
): Promise<void> {
  if (released.length === 0) return;
  await tx
    .deleteFrom('machine_held_exception')
    .where((eb) =>
      eb.or(released.map(({ machineId, eventId }) => eb.and({ machine_id: machineId, event_id: eventId }))),
    )
    .execute();
}

export async function listHeldExceptions(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
): Promise<readonly HeldException[]> {
  if (machineIds.length === 0) return [];
  const rows = await db
    .selectFrom('machine_held_exception')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('machine_id', 'in', machineIds)
    .execute();
  return rows.map((row) => ({
    machineId: row.machine_id,
    venueId: row.venue_id,
    eventId: row.event_id,
    code: row.exception_code,
  }));
}
