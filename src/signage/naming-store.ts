import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Schedule } from './schedule.ts';
import { toSchedule } from './schedule-row.ts';
import type { Targets } from './targets.ts';

/** What goes on or is to come that has screens show a layout. */
export interface Naming {
  readonly scheduleIds: readonly string[];
  /** Those that go on. */
  readonly takeoverIds: readonly string[];
}

/** Schedules, and takeovers that go on, that name a layout; each in their order, at most so many. */
export async function findNaming(
  db: Kysely<Database>,
  venueId: string,
  { layoutId, limit }: { readonly layoutId: string; readonly limit: number },
): Promise<Naming> {
  const schedules = await db
    .selectFrom('schedule')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', layoutId)
    .orderBy('id')
    .limit(limit)
    .execute();
  const takeovers = await db
    .selectFrom('takeover')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', layoutId)
    .where('ended_at', 'is', null)
    .orderBy('id')
    .limit(limit)
    .execute();
  return { scheduleIds: schedules.map(({ id }) => id), takeoverIds: takeovers.map(({ id }) => id) };
}

/** Which screens schedules mean that name a layout. */
export async function listTargetsNaming(
  db: Kysely<Database>,
  venueId: string,
  layoutId: string,
): Promise<readonly Targets[]> {
  const rows = await db
    .selectFrom('schedule')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', layoutId)
    .execute();
  return rows.map((row) => toSchedule(row).targets);
}

/** The screens of takeovers that go on and name a layout. */
export async function listTakenOverBy(
  db: Kysely<Database>,
  venueId: string,
  layoutId: string,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('takeover')
    .innerJoin('takeover_device', 'takeover_device.takeover_id', 'takeover.id')
    .select('takeover_device.device_id as id')
    .distinct()
    .where('takeover.venue_id', '=', venueId)
    .where('takeover.layout_id', '=', layoutId)
    .where('takeover.ended_at', 'is', null)
    .execute();
  return rows.map(({ id }) => id);
}

interface Replacement {
  readonly layoutId: string;
  readonly by: string;
  readonly now: Date;
}

/** Has schedules name another layout from now on. Gives them as they are then. */
export async function replaceInSchedules(
  tx: Transaction<Database>,
  venueId: string,
  { layoutId, by, now }: Replacement,
): Promise<readonly Schedule[]> {
  const rows = await tx
    .updateTable('schedule')
    .set((row) => ({ layout_id: by, version: row('version', '+', 1), updated_at: now }))
    .where('venue_id', '=', venueId)
    .where('layout_id', '=', layoutId)
    .returningAll()
    .execute();
  return rows.map(toSchedule);
}

/** Has takeovers that go on show another layout from now on. Gives their screens. */
export async function replaceInTakeovers(
  tx: Transaction<Database>,
  venueId: string,
  { layoutId, by }: Replacement,
): Promise<readonly string[]> {
  const { rows } = await sql<{ id: string }>`
    with replaced as (
      update takeover set layout_id = ${by}
      where venue_id = ${venueId} and layout_id = ${layoutId} and ended_at is null returning id)
    select distinct device_id as id from takeover_device where takeover_id in (select id from replaced)`.execute(
    tx,
  );
  return rows.map(({ id }) => id);
}
