import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { PlayTable } from '../db/tables/play.ts';
import type { LayoutAt } from './display.ts';
import type { Play, PlayGrouping, PlayTotal } from './play.ts';

/** What can have been shown: a layout as it was published, with what its regions are called. */
export interface Showable extends LayoutAt {
  readonly name: string;
  readonly regionNames: ReadonlyMap<string, string>;
}

/** Those of these revisions that the venue has, or had. */
export async function findShowables(
  db: Kysely<Database>,
  venueId: string,
  revisions: readonly LayoutAt[],
): Promise<readonly Showable[]> {
  const { rows } = await sql<{
    layout_id: string;
    revision: number;
    name: string;
    regions: readonly { readonly id: string; readonly name: string }[];
  }>`
    select distinct published.layout_id, published.revision, published.name, published.regions
    from layout_revision published
    join unnest(${revisions.map(({ layoutId }) => layoutId)}::uuid[],
      ${revisions.map(({ revision }) => revision)}::integer[]) as wanted (layout_id, revision)
      on wanted.layout_id = published.layout_id and wanted.revision = published.revision
    where published.venue_id = ${venueId}`.execute(db);
  return rows.map((row) => ({
    layoutId: row.layout_id,
    revision: row.revision,
    name: row.name,
    regionNames: new Map(row.regions.map(({ id, name }) => [id, name])),
  }));
}

/** What these media of a venue are called, or were when they were deleted; by id. */
export async function findMediaNames(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const rows = await db
    .selectFrom('media')
    .select(['id', 'name'])
    .where('venue_id', '=', venueId)
    .where('id', 'in', ids)
    .execute();
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Since when there is a device; null: there is none. */
export async function findDeviceSince(
  db: Kysely<Database>,
  venueId: string,
  deviceId: string,
): Promise<Date | null> {
  const row = await db
    .selectFrom('device')
    .select('created_at')
    .where('id', '=', deviceId)
    .where('venue_id', '=', venueId)
    .executeTakeFirst();
  return row?.created_at ?? null;
}

/** Gives the device's numbers of those that were not on record yet. */
export async function insertPlays(
  tx: Transaction<Database>,
  plays: readonly Play[],
): Promise<ReadonlySet<string>> {
  if (plays.length === 0) return new Set();
  const rows = await tx
    .insertInto('play')
    .values(plays.map(toRow))
    .onConflict((conflict) => conflict.constraint('play_once').doNothing())
    .returning('play_id')
    .execute();
  return new Set(rows.map((row) => row.play_id));
}

/** Which plays of a venue are meant; null: whatever there is. */
export interface PlayFilter {
  readonly deviceId: string | null;
  readonly layoutId: string | null;
  readonly mediaId: string | null;
  /** Only those that began then or later. */
  readonly from: Date | null;
  /** Only those that began earlier. */
  readonly to: Date | null;
}

/** The latest first, or in reverse when read backward. */
export async function listPlays(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: PlayFilter; readonly range: KeysetRange },
): Promise<readonly Play[]> {
  const page = keysetPage(filtered(db, venueId, filter), { time: 'started_at', newestFirst: true }, range);
  return (await page.execute()).map(toPlay);
}

/** All of them together. */
export async function sumPlays(
  db: Kysely<Database>,
  venueId: string,
  filter: PlayFilter,
): Promise<{ readonly plays: number; readonly durationMs: bigint }> {
  return await db
    .selectFrom(filtered(db, venueId, filter).as('play'))
    .select([PLAYS.as('plays'), DURATION_MS.as('durationMs')])
    .executeTakeFirstOrThrow();
}

/** By device, layout or medium, the longest shown first, at most so many. */
export async function totalPlays(
  db: Kysely<Database>,
  venueId: string,
  { filter, by, limit }: { readonly filter: PlayFilter; readonly by: PlayGrouping; readonly limit: number },
): Promise<readonly PlayTotal[]> {
  const { key, name } = COLUMNS[by];
  const rows = await db
    .selectFrom(filtered(db, venueId, filter).as('play'))
    .select([
      `${key} as key`,
      sql<string>`(array_agg(${sql.ref(name)} order by started_at desc))[1]`.as('name'),
      PLAYS.as('plays'),
      DURATION_MS.as('duration_ms'),
    ])
    .where(key, 'is not', null)
    .groupBy(key)
    .orderBy('duration_ms', 'desc')
    .orderBy('key')
    .limit(limit)
    .execute();
  return rows.map((row) => ({
    deviceId: by === 'DEVICE' ? row.key : null,
    layoutId: by === 'LAYOUT' ? row.key : null,
    mediaId: by === 'MEDIA' ? row.key : null,
    name: by === 'DEVICE' ? null : row.name,
    plays: row.plays,
    durationMs: row.duration_ms,
  }));
}

/** Forgets those that began earlier, at most so many. Gives how many there were. */
export async function prunePlays(
  tx: Transaction<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('play')
    .where('id', 'in', (play) =>
      play.selectFrom('play').select('id').where('started_at', '<', before).limit(limit),
    )
    .executeTakeFirst();
  return Number(numDeletedRows);
}

const COLUMNS = {
  DEVICE: { key: 'device_id', name: 'layout_name' },
  LAYOUT: { key: 'layout_id', name: 'layout_name' },
  MEDIA: { key: 'media_id', name: 'media_name' },
} as const;

const PLAYS = sql<number>`count(*)::int`;
const DURATION_MS = sql<bigint>`coalesce(sum(duration_ms), 0)::bigint`;

function filtered(
  db: Kysely<Database>,
  venueId: string,
  { deviceId, layoutId, mediaId, from, to }: PlayFilter,
) {
  let query = db.selectFrom('play').selectAll().where('venue_id', '=', venueId);
  if (deviceId !== null) query = query.where('device_id', '=', deviceId);
  if (layoutId !== null) query = query.where('layout_id', '=', layoutId);
  if (mediaId !== null) query = query.where('media_id', '=', mediaId);
  if (from !== null) query = query.where('started_at', '>=', from);
  if (to !== null) query = query.where('started_at', '<', to);
  return query;
}

const toRow = (play: Play): PlayTable => ({
  id: play.id,
  venue_id: play.venueId,
  device_id: play.deviceId,
  play_id: play.playId,
  batch_id: play.batchId,
  layout_id: play.layoutId,
  layout_name: play.layoutName,
  revision: play.revision,
  region_id: play.regionId,
  region_name: play.regionName,
  media_id: play.mediaId,
  media_name: play.mediaName,
  started_at: play.startedAt,
  duration_ms: play.durationMs,
  reported_at: play.reportedAt,
});

const toPlay = (row: Selectable<PlayTable>): Play => ({
  id: row.id,
  venueId: row.venue_id,
  deviceId: row.device_id,
  playId: row.play_id,
  batchId: row.batch_id,
  layoutId: row.layout_id,
  layoutName: row.layout_name,
  revision: row.revision,
  regionId: row.region_id,
  regionName: row.region_name,
  mediaId: row.media_id,
  mediaName: row.media_name,
  startedAt: row.started_at,
  durationMs: row.duration_ms,
  reportedAt: row.reported_at,
});
