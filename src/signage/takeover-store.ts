import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { TakeoverTable } from '../db/tables/schedule.ts';
import type { LayoutAt } from './display.ts';
import type { ActorReference, Takeover } from './takeover.ts';
import type { Targetable } from './targets.ts';

export async function insertTakeover(tx: Transaction<Database>, takeover: Takeover): Promise<void> {
  await tx
    .insertInto('takeover')
    .values({
      id: takeover.id,
      venue_id: takeover.venueId,
      layout_id: takeover.layoutId,
      reason: takeover.reason,
      everywhere: takeover.everywhere,
      group_ids: [...takeover.groupIds],
      tags: [...takeover.tags],
      started_at: takeover.startedAt,
      started_by: JSON.stringify(takeover.startedBy),
      ends_at: takeover.endsAt,
    })
    .execute();
}

/** A takeover that nobody else ends until the transaction ends. */
export async function lockTakeover(
  tx: Transaction<Database>,
  venueId: string,
  id: string,
): Promise<Takeover | null> {
  const row = await tx
    .selectFrom('takeover')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst();
  return row ? toTakeover(row) : null;
}

export async function keepEnded(
  tx: Transaction<Database>,
  { id, endedAt, endedBy }: { readonly id: string; readonly endedAt: Date; readonly endedBy: ActorReference },
): Promise<void> {
  await tx
    .updateTable('takeover')
    .set({ ended_at: endedAt, ended_by: JSON.stringify(endedBy) })
    .where('id', '=', id)
    .execute();
}

/** One whose time is over and that nobody has ended; none that another process has in hand. */
export async function lockOverdueTakeover(
  tx: Transaction<Database>,
  { now }: { readonly now: Date },
): Promise<Takeover | null> {
  const row = await overdueTakeovers(tx, { now })
    .selectAll()
    .orderBy('ends_at')
    .limit(1)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  return row ? toTakeover(row) : null;
}

/** Those whose time is over. */
export const overdueTakeovers = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('takeover').where('ended_at', 'is', null).where('ends_at', '<=', now);

export async function findTakeoversByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly Takeover[]> {
  if (ids.length === 0) return [];
  const rows = await db
    .selectFrom('takeover')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return rows.map(toTakeover);
}

/** Those that go on at an instant and those that are over; null: both. */
export interface TakeoverFilter {
  readonly isRunning: boolean | null;
  readonly now: Date;
}

/** The latest first, or in reverse when read backward. */
export async function listTakeovers(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: TakeoverFilter; readonly range: KeysetRange },
): Promise<readonly Takeover[]> {
  const page = keysetPage(filtered(db, venueId, filter), { time: 'started_at', newestFirst: true }, range);
  return (await page.execute()).map(toTakeover);
}

export async function countTakeovers(
  db: Kysely<Database>,
  venueId: string,
  filter: TakeoverFilter,
): Promise<number> {
  const { count } = await db
    .selectFrom(filtered(db, venueId, filter).as('found'))
    .select((found) => found.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

function filtered(db: Kysely<Database>, venueId: string, { isRunning, now }: TakeoverFilter) {
  const query = db.selectFrom('takeover').selectAll().where('venue_id', '=', venueId);
  if (isRunning === null) return query;
  const runs = sql<boolean>`(ended_at is null and (ends_at is null or ends_at > ${now}))`;
  return isRunning ? query.where(runs) : query.where(sql<boolean>`not ${runs}`);
}

/** A takeover that goes on, on one of its screens. */
export interface RunningTakeover extends Takeover {
  readonly deviceId: string;
  /** The newest revision of its layout; null: none can be shown any more. */
  readonly published: LayoutAt | null;
}

/** Those that go on on these screens at an instant, the newest first. */
export async function listRunning(
  db: Kysely<Database>,
  { deviceIds, at }: { readonly deviceIds: readonly string[]; readonly at: Date },
): Promise<readonly RunningTakeover[]> {
  const rows = await db
    .selectFrom('takeover_device')
    .innerJoin('takeover', 'takeover.id', 'takeover_device.takeover_id')
    .innerJoin('layout', 'layout.id', 'takeover.layout_id')
    .selectAll('takeover')
    .select([
      'takeover_device.device_id as deviceId',
      sql<number | null>`case when layout.status = 'PUBLISHED' then layout.published_revision end`.as(
        'revision',
      ),
    ])
    .where('takeover_device.device_id', '=', sql<string>`any(${deviceIds}::uuid[])`)
    .where('takeover.ended_at', 'is', null)
    .where((row) => row.or([row('takeover.ends_at', 'is', null), row('takeover.ends_at', '>', at)]))
    .orderBy('takeover.started_at', 'desc')
    .orderBy('takeover.id', 'desc')
    .execute();
  return rows.map(({ deviceId, revision, ...row }) => ({
    ...toTakeover(row),
    deviceId,
    published: revision === null ? null : { layoutId: row.layout_id, revision },
  }));
}

/** Those of a venue that go on at an instant and are for a screen by its groups or tags, or because they are for all. */
export async function listRunningFor(
  db: Kysely<Database>,
  venueId: string,
  { screen, at }: { readonly screen: Targetable; readonly at: Date },
): Promise<readonly string[]> {
  const rows = await filtered(db, venueId, { isRunning: true, now: at })
    .where(
      sql<boolean>`(everywhere or group_ids && ${screen.groupIds}::uuid[] or tags && ${screen.tags}::text[])`,
    )
    .execute();
  return rows.map(({ id }) => id);
}

const toTakeover = (row: Selectable<TakeoverTable>): Takeover => ({
  id: row.id,
  venueId: row.venue_id,
  layoutId: row.layout_id,
  reason: row.reason,
  everywhere: row.everywhere,
  groupIds: row.group_ids,
  tags: row.tags,
  startedAt: row.started_at,
  startedBy: row.started_by as ActorReference,
  endsAt: row.ends_at,
  endedAt: row.ended_at,
  endedBy: row.ended_by as ActorReference | null,
});
