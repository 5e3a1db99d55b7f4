import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { MeterSnapshot, MeterValue } from './meter.ts';

/** The meters of these machines, or of all that are there, as they stand; a machine never read is left out. */
export async function findMeters(
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[] | null,
): Promise<readonly MeterSnapshot[]> {
  if (machineIds?.length === 0) return [];
  let query = db
    .selectFrom('machine_meter_reading as reading')
    .innerJoin('machine_meter as meter', 'meter.machine_id', 'reading.machine_id')
    .where('reading.venue_id', '=', venueId)
    .orderBy('reading.machine_id')
    .orderBy('meter.code')
    .select([
      'reading.machine_id',
      'reading.read_at',
      'reading.version',
      'meter.code',
      'meter.value',
      'meter.bcd_bytes',
      'meter.delta',
      'meter.changed_at',
    ]);
  query = machineIds
    ? query.where('reading.machine_id', 'in', machineIds)
    : query.where('reading.machine_id', 'in', (present) =>
        present
          .selectFrom('machine')
          .select('id')
          .where('venue_id', '=', venueId)
          .where('removed_at', 'is', null),
      );
  const rows = await query.execute();

  const snapshots = new Map<string, MeterSnapshot & { values: MeterValue[] }>();
  for (const row of rows) {
    let snapshot = snapshots.get(row.machine_id);
    if (!snapshot) {
      snapshot = {
        machineId: row.machine_id,
        venueId,
        readAt: row.read_at,
        version: row.version,
        values: [],
      };
      snapshots.set(row.machine_id, snapshot);
    }
    snapshot.values.push({
      code: row.code,
      value: row.value,
      bcdBytes: row.bcd_bytes,
      delta: row.delta,
      changedAt: row.changed_at,
    });
  }
  return [...snapshots.values()];
}

/**
 * Keeps other writers from these machines' meters until the transaction ends; in one order, so that none deadlocks.
 * Answers since when another machine stands there than before, for those of which that is so.
 */
export async function lockReadings(
  tx: Kysely<Database>,
  machineIds: readonly string[],
): Promise<ReadonlyMap<string, Date>> {
  const rows = await tx
    .selectFrom('machine_meter_reading as reading')
    .innerJoin('machine', 'machine.id', 'reading.machine_id')
    .select(['reading.machine_id', 'machine.exchanged_at'])
    .where('reading.machine_id', 'in', machineIds)
    .orderBy('reading.machine_id')
    .forUpdate('reading')
    .execute();
  return new Map(
    rows.flatMap(({ machine_id, exchanged_at }) => (exchanged_at ? [[machine_id, exchanged_at]] : [])),
  );
}

/** Writes the changed meters of one reading and its place in the history: two statements. */
export async function saveChangedMeters(
  tx: Kysely<Database>,
  readings: readonly MeterSnapshot[],
): Promise<void> {
  const rows = readings.flatMap(({ machineId, venueId, values }) =>
    values.map((meter) => ({
      machine_id: machineId,
      venue_id: venueId,
      code: meter.code,
      value: meter.value,
      bcd_bytes: meter.bcdBytes,
      delta: meter.delta,
      changed_at: meter.changedAt,
    })),
  );
  if (rows.length === 0) return;
  await tx
    .insertInto('machine_meter')
    .values(rows)
    .onConflict((conflict) =>
      conflict.columns(['machine_id', 'code']).doUpdateSet((eb) => ({
        value: eb.ref('excluded.value'),
        bcd_bytes: eb.ref('excluded.bcd_bytes'),
        delta: eb.ref('excluded.delta'),
        changed_at: eb.ref('excluded.changed_at'),
      })),
    )
    .execute();
  await tx
    .insertInto('meter_history')
    .values(rows.map(({ bcd_bytes: _, changed_at, ...row }) => ({ ...row, read_at: changed_at })))
    // Two readings within one millisecond are one step of history.
    .onConflict((conflict) =>
      conflict.columns(['machine_id', 'code', 'read_at']).doUpdateSet((eb) => ({
        value: eb.ref('excluded.value'),
        delta: eb('meter_history.delta', '+', eb.ref('excluded.delta')),
      })),
    )
    .execute();
}

export async function saveReadings(
  tx: Kysely<Database>,
  readings: readonly Pick<MeterSnapshot, 'machineId' | 'venueId' | 'readAt' | 'version'>[],
): Promise<void> {
  if (readings.length === 0) return;
  await tx
    .insertInto('machine_meter_reading')
    .values(
      readings.map(({ machineId, venueId, readAt, version }) => ({
        machine_id: machineId,
        venue_id: venueId,
        read_at: readAt,
        version,
      })),
    )
    .onConflict((conflict) =>
      conflict
        .column('machine_id')
        .doUpdateSet((eb) => ({ read_at: eb.ref('excluded.read_at'), version: eb.ref('excluded.version') })),
    )
    .execute();
}

/** One step of a meter's history. */
export interface MeterHistoryPoint {
  readonly code: number;
  /** Start of the interval, or the instant of the reading where none was asked for. */
  readonly at: Date;
  /** The raw counter at the end of the interval. */
  readonly value: bigint;
  /** Sum of the differences; what a reset swallowed is not in it. */
  readonly delta: bigint;
  /** How many resets happened. */
  readonly resets: number;
}

/** History of some meters of a machine, oldest first, summed up by interval where one is given. */
export async function listMeterHistory(
  db: Kysely<Database>,
  venueId: string,
  range: MeterHistoryRange,
): Promise<readonly MeterHistoryPoint[]> {
  const step = range.intervalSeconds;
  const bucket = step
    ? sql<Date>`to_timestamp(floor(extract(epoch from read_at) / ${step}::integer) * ${step}::integer)`
    : sql<Date>`read_at`;
  const rows = await db
    .selectFrom(
      db
        .selectFrom('meter_history')
        .where('venue_id', '=', venueId)
        .where('machine_id', '=', range.machineId)
        .where('code', 'in', range.codes)
        .where('read_at', '>=', range.from)
        .where('read_at', '<', range.to)
        .select(['code', 'value', 'delta', 'read_at', bucket.as('at')])
        .as('step'),
    )
    .groupBy(['code', 'at'])
    .orderBy('at')
    .orderBy('code')
    .limit(range.limit)
    .select([
      'code',
      'at',
      sql<bigint>`(array_agg(value order by read_at desc))[1]`.as('value'),
      sql<bigint>`coalesce(sum(delta), 0)::bigint`.as('delta'),
      sql<number>`count(*) filter (where delta is null)::int`.as('resets'),
    ])
    .execute();
  return rows;
}

export interface MeterHistoryRange {
  readonly machineId: string;
  readonly codes: readonly number[];
  readonly from: Date;
  readonly to: Date;
  readonly intervalSeconds: number | null;
  readonly limit: number;
}

/** Deletes a bounded number of history rows older than `before`; answers how many. */
export async function pruneMeterHistory(
  tx: Kysely<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from meter_history where ctid = any(array(
      select ctid from meter_history where read_at < ${before} limit ${limit}))`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}
