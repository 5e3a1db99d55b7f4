import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import {
  type CounterHistory,
  type MeterGap,
  type MeterMovement,
  movementOf,
  UNREAD_MS,
} from './meter-report.ts';

export interface MeterReportSpan {
  /** Null: every machine that was there in the span. */
  readonly machineIds: readonly string[] | null;
  /** Null: every meter. */
  readonly codes: readonly number[] | null;
  readonly from: Date;
  readonly to: Date;
}

/** What each counter moved, by machine; a counter that was not read until the end is left out. */
export async function listMovements(
  db: Kysely<Database>,
  venueId: string,
  span: MeterReportSpan,
): Promise<ReadonlyMap<string, readonly MeterMovement[]>> {
  const { machineIds, codes, from, to } = span;
  const { rows } = await sql<MovementRow>`
    select meter.machine_id, meter.code, meter.value, meter.bcd_bytes, meter.changed_at,
      before.value as before_value,
      next.value as next_value, next.delta as next_delta, next.read_at as next_read_at,
      moved.delta, moved.unknown, moved.last_value
    from machine_meter meter
    join machine on machine.id = meter.machine_id
    left join lateral (
      select value from meter_history step
      where step.machine_id = meter.machine_id and step.code = meter.code and step.read_at <= ${from}
      order by read_at desc limit 1
    ) before on true
    left join lateral (
      select value, delta, read_at from meter_history step
      where step.machine_id = meter.machine_id and step.code = meter.code and step.read_at > ${from}
      order by read_at limit 1
    ) next on true
    cross join lateral (
      select coalesce(sum(delta), 0)::bigint as delta,
        count(*) filter (where delta is null)::int as unknown,
        (array_agg(value order by read_at desc))[1] as last_value
      from meter_history step
      where step.machine_id = meter.machine_id and step.code = meter.code
        and step.read_at > ${from} and step.read_at <= ${to}
    ) moved
    where meter.venue_id = ${venueId}
      and (machine.removed_at is null or machine.removed_at > ${from})
      and (${machineIds}::uuid[] is null or meter.machine_id = any(${machineIds}::uuid[]))
      and (${codes}::smallint[] is null or meter.code = any(${codes}::smallint[]))
    order by meter.machine_id, meter.code`.execute(db);

  const movements = new Map<string, MeterMovement[]>();
  for (const row of rows) {
    const movement = movementOf(toHistory(row), span);
    const known = movements.get(row.machine_id) ?? [];
    movements.set(row.machine_id, movement ? [...known, movement] : known);
  }
  return movements;
}

interface MovementRow {
  readonly machine_id: string;
  readonly code: number;
  readonly value: bigint;
  readonly bcd_bytes: number;
  readonly changed_at: Date;
  readonly before_value: bigint | null;
  readonly next_value: bigint | null;
  readonly next_delta: bigint | null;
  readonly next_read_at: Date | null;
  readonly delta: bigint;
  readonly unknown: number;
  readonly last_value: bigint | null;
}

const toHistory = (row: MovementRow): CounterHistory => ({
  code: row.code,
  current: { value: row.value, bcdBytes: row.bcd_bytes, changedAt: row.changed_at },
  before: row.before_value,
  next:
    row.next_value !== null && row.next_read_at
      ? { value: row.next_value, delta: row.next_delta, readAt: row.next_read_at }
      : null,
  delta: row.delta,
  unknown: row.unknown,
  last: row.last_value,
});

export async function saveGaps(tx: Kysely<Database>, gaps: readonly MeterGap[]): Promise<void> {
  if (gaps.length === 0) return;
  await tx
    .insertInto('meter_gap')
    .values(
      gaps.map(({ machineId, venueId, from, to }) => ({
        machine_id: machineId,
        venue_id: venueId,
        began_at: from,
        ended_at: to,
      })),
    )
    .onConflict((conflict) => conflict.columns(['machine_id', 'began_at']).doNothing())
    .execute();
}

/** When machines were not read within a span, as of `now`; the earliest first. */
export async function listGaps(
  db: Kysely<Database>,
  venueId: string,
  {
    machineIds,
    from,
    to,
    now,
  }: Pick<MeterReportSpan, 'from' | 'to'> & { readonly machineIds: readonly string[]; readonly now: Date },
): Promise<readonly MeterGap[]> {
  const { rows } = await sql<{ machine_id: string; began_at: Date; ended_at: Date }>`
    select machine_id, greatest(began_at, ${from}) as began_at, least(ended_at, ${to}) as ended_at
    from (
      select machine_id, began_at, ended_at from meter_gap
      where venue_id = ${venueId} and machine_id = any(${machineIds}::uuid[])
      union all
      select reading.machine_id, reading.read_at, least(${now}, machine.removed_at)
      from machine_meter_reading reading join machine on machine.id = reading.machine_id
      where reading.venue_id = ${venueId} and reading.machine_id = any(${machineIds}::uuid[])
        and least(${now}, machine.removed_at) - reading.read_at > make_interval(secs => ${UNREAD_MS / 1_000})
    ) gap
    where began_at < ${to} and ended_at > ${from}
    order by began_at`.execute(db);
  return rows.map((row) => ({
    machineId: row.machine_id,
    venueId,
    from: row.began_at,
    to: row.ended_at,
  }));
}

/** Deletes what ended before then. */
export async function pruneGaps(tx: Kysely<Database>, before: Date): Promise<void> {
  await tx.deleteFrom('meter_gap').where('ended_at', '<', before).execute();
}
