import { type Kysely, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { LayoutAt } from './display.ts';
import type { ConditionState, Schedule } from './schedule.ts';
import { ruleColumns, toSchedule } from './schedule-row.ts';
import { meansDevice } from './target-store.ts';

export async function insertSchedule(tx: Transaction<Database>, schedule: Schedule): Promise<void> {
  await tx
    .insertInto('schedule')
    .values({
      ...ruleColumns(schedule, schedule.conditionState),
      id: schedule.id,
      venue_id: schedule.venueId,
      created_at: schedule.createdAt,
      updated_at: schedule.updatedAt,
    })
    .execute();
}

export async function updateSchedule(tx: Transaction<Database>, schedule: Schedule): Promise<void> {
  await tx
    .updateTable('schedule')
    .set({
      ...ruleColumns(schedule, schedule.conditionState),
      version: schedule.version,
      updated_at: schedule.updatedAt,
    })
    .where('id', '=', schedule.id)
    .where('venue_id', '=', schedule.venueId)
    .execute();
}

export async function deleteSchedule(
  tx: Transaction<Database>,
  { id, venueId }: Pick<Schedule, 'id' | 'venueId'>,
): Promise<void> {
  await tx.deleteFrom('schedule').where('id', '=', id).where('venue_id', '=', venueId).execute();
}

/** A schedule that nobody else changes until the transaction ends. */
export async function lockSchedule(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Schedule | null> {
  const row = await tx
    .selectFrom('schedule')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? toSchedule(row) : null;
}

/** All whose condition is about this, in their order; nobody else changes them until the transaction ends. */
export async function lockConditioned(
  tx: Transaction<Database>,
  venueId: string,
  subject: { readonly jackpotId: string } | { readonly lotId: string },
): Promise<readonly Schedule[]> {
  const all = tx.selectFrom('schedule').selectAll().where('venue_id', '=', venueId);
  const rows = await ('jackpotId' in subject
    ? all.where('jackpot_id', '=', subject.jackpotId)
    : all.where('lot_id', '=', subject.lotId)
  )
    .orderBy('id')
    .forNoKeyUpdate()
    .execute();
  return rows.map(toSchedule);
}

export async function keepConditionState(
  tx: Transaction<Database>,
  { id, holds, turnedAt }: ConditionState & { readonly id: string },
): Promise<void> {
  await tx
    .updateTable('schedule')
    .set({ condition_holds: holds, condition_turned_at: turnedAt })
    .where('id', '=', id)
    .execute();
}

export async function findSchedulesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Schedule[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('schedule')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toSchedule);
}

/** Which schedules of a venue are meant; null: whatever there is. */
export interface ScheduleFilter {
  readonly layoutId: string | null;
  /** Those that mean this device, by whatever way. */
  readonly deviceId: string | null;
  readonly isEnabled: boolean | null;
}

/** The newest first, or in reverse when read backward. */
export async function listSchedules(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: ScheduleFilter; readonly range: KeysetRange },
): Promise<readonly Schedule[]> {
  const page = keysetPage(filtered(db, venueId, filter), { time: 'created_at', newestFirst: true }, range);
  return (await page.execute()).map(toSchedule);
}

export async function countSchedules(
  db: Kysely<Database>,
  venueId: string,
  filter: ScheduleFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(db, venueId, filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(db: Kysely<Database>, venueId: string, { layoutId, deviceId, isEnabled }: ScheduleFilter) {
  let query = db.selectFrom('schedule').selectAll().where('venue_id', '=', venueId);
  if (layoutId !== null) query = query.where('layout_id', '=', layoutId);
  if (isEnabled !== null) query = query.where('is_enabled', '=', isEnabled);
  if (deviceId !== null) query = query.where(meansDevice(deviceId));
  return query;
}

/** A schedule with what it has screens show: the newest revision of its layout; null: none can be shown. */
export interface PublishedSchedule extends Schedule {
  readonly published: LayoutAt | null;
}

/** All of a venue, or only those that may be on, by their rank: what goes before comes before. */
export async function listRanked(
  db: Kysely<Database>,
  venueId: string,
  { mayBeOn }: { readonly mayBeOn: boolean },
): Promise<readonly PublishedSchedule[]> {
  let query = db
    .selectFrom('schedule')
    .innerJoin('layout', 'layout.id', 'schedule.layout_id')
    .selectAll('schedule')
    .select(
      sql<number | null>`case when layout.status = 'PUBLISHED' then layout.published_revision end`.as(
        'revision',
      ),
    )
    .where('schedule.venue_id', '=', venueId)
    .orderBy('priority', 'desc')
    .orderBy('schedule.created_at', 'desc')
    .orderBy('schedule.id', 'desc');
  if (mayBeOn)
    query = query
      .where('is_enabled', '=', true)
      .where('layout.status', '=', 'PUBLISHED')
      .where(sql<boolean>`condition_holds is distinct from false`);
  const rows = await query.execute();
  return rows.map(({ revision, ...row }) => ({
    ...toSchedule(row),
    published: revision === null ? null : { layoutId: row.layout_id, revision },
  }));
}
