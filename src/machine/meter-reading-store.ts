import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MeterHistoryPoint } from './meter-store.ts';

/** Behind which of a machine's readings to go on. */
export interface ReadingPlace {
  readonly code: number;
  readonly at: Date;
}

/** Which readings of a machine are meant. */
export interface ReadingRange {
  readonly machineId: string;
  readonly from: Date | null;
  /** Exclusive. */
  readonly to: Date | null;
  readonly after: ReadingPlace | null;
  readonly limit: number;
}

/** Each reading that changed a meter of a machine, meter by meter, the oldest first. */
export async function listMeterReadings(
  db: Kysely<Database>,
  venueId: string,
  { machineId, from, to, after, limit }: ReadingRange,
): Promise<readonly MeterHistoryPoint[]> {
  let query = db
    .selectFrom('meter_history')
    .where('venue_id', '=', venueId)
    .where('machine_id', '=', machineId)
    .select(['code', 'read_at as at', 'value'])
    .select(sql<bigint>`coalesce(delta, 0)`.as('delta'))
    .select(sql<number>`(delta is null)::int`.as('resets'))
    .orderBy('code')
    .orderBy('read_at')
    .limit(limit);
  if (from !== null) query = query.where('read_at', '>=', from);
  if (to !== null) query = query.where('read_at', '<', to);
  if (after !== null) query = query.where(sql<boolean>`(code, read_at) > (${after.code}, ${after.at})`);
  return await query.execute();
}

/** Every machine a venue has had, those removed since included, in one order. */
export async function listMachineIds(db: Kysely<Database>, venueId: string): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('machine')
    .select('id')
    .where('venue_id', '=', venueId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map(({ id }) => id);
}
