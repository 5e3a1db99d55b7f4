import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { DeviceDisplayTable } from '../db/tables/signage.ts';
import type { Work } from '../work.ts';
import type { Display, LayoutAt, Wanted } from './display.ts';

/**
 * The displays of these devices of a venue that are in use, each made if it is not there, in their order. What they show is changed
 * by nobody else until the transaction ends.
 */
export async function lockDisplays(
  tx: Transaction<Database>,
  venueId: string,
  deviceIds: readonly string[],
): Promise<readonly Display[]> {
  if (deviceIds.length === 0) return [];
  await sql`
    insert into device_display (device_id, venue_id)
    select id, venue_id from device where id = any(${deviceIds}::uuid[]) and venue_id = ${venueId} and status = 'ACTIVE'
    order by id
    on conflict do nothing`.execute(tx);
  const locked = await tx
    .selectFrom('device_display')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('device_id', '=', sql<string>`any(${deviceIds}::uuid[])`)
    .orderBy('device_id')
    .forNoKeyUpdate()
    .execute();
  // By themselves, once they are held: a device that was removed while they were waited for is seen to be only now.
  const inUse = await tx
    .selectFrom('device')
    .select('id')
    .where('id', '=', sql<string>`any(${locked.map((row) => row.device_id)}::uuid[])`)
    .where('status', '=', 'ACTIVE')
    .execute();
  const ids = new Set(inUse.map(({ id }) => id));
  return locked.filter((row) => ids.has(row.device_id)).map(toDisplay);
}

/**
 * What time it is by now. Who waited for displays weighs by that, and not by when he began: another may have had them
 * show since what it was time for meanwhile.
 */
export async function readPresent({ tx, now }: Pick<Work, 'tx' | 'now'>): Promise<Date> {
  const { rows } = await sql<{ elapsed: number }>`
    select (extract(epoch from clock_timestamp() - now()) * 1000)::double precision as elapsed`.execute(tx);
  return new Date(now.getTime() + (rows[0]?.elapsed ?? 0));
}

/** Those of them that ever were to show something; in no order. */
export async function findDisplays(
  db: Kysely<Database>,
  venueId: string,
  deviceIds: readonly string[],
): Promise<readonly Display[]> {
  if (deviceIds.length === 0) return [];
  const rows = await db
    .selectFrom('device_display')
    .selectAll()
    .where('venue_id', '=', venueId)
    .where('device_id', '=', sql<string>`any(${deviceIds}::uuid[])`)
    .execute();
  return rows.map(toDisplay);
}

/** What these devices show from now on when nothing goes before it; null for nothing. */
export async function keepPushed(
  tx: Transaction<Database>,
  venueId: string,
  { deviceIds, layout }: { readonly deviceIds: readonly string[]; readonly layout: LayoutAt | null },
): Promise<void> {
  await tx
    .updateTable('device_display')
    .set({ pushed_layout_id: layout?.layoutId ?? null, pushed_revision: layout?.revision ?? null })
    .where('venue_id', '=', venueId)
    .where('device_id', '=', sql<string>`any(${deviceIds}::uuid[])`)
    .execute();
}

/**
 * A device that was removed shall show nothing any more, and what it said it shows is in use no more. One that never had
 * anything to show has a display from now on: whoever is about to make it one waits for it, and finds the device removed.
 */
export async function clearDisplay(
  tx: Transaction<Database>,
  venueId: string,
  deviceId: string,
): Promise<void> {
  await sql`
    insert into device_display as display (device_id, venue_id) values (${deviceId}, ${venueId})
    on conflict (device_id) do update set pushed_layout_id = null, pushed_revision = null, desired_layout_id = null,
      desired_revision = null, cause = null, cause_id = null, due_at = null, applied_version = null,
      applied_layout_id = null, applied_revision = null, applied_at = null, failed_version = null, failure = null,
      failed_at = null, version = display.version + 1`.execute(tx);
}

/** What a device shall show from now on, and until when time alone changes nothing of it. */
export interface Settled {
  readonly deviceId: string;
  readonly wanted: Wanted | null;
  readonly dueAt: Date | null;
  /** Whether the device has to hear of it. */
  readonly isNews: boolean;
}

/** Gives the version that each has then. */
export async function keepDesired(
  tx: Transaction<Database>,
  settled: readonly Settled[],
  { now }: { readonly now: Date },
): Promise<ReadonlyMap<string, bigint>> {
  const { rows } = await sql<{ id: string; version: bigint }>`
    update device_display display
    set desired_layout_id = settled.layout_id, desired_revision = settled.revision, cause = settled.cause,
      cause_id = settled.cause_id, due_at = settled.due_at, version = display.version + settled.is_news::integer,
      desired_at = case when settled.is_news then ${now} else display.desired_at end
    from unnest(${settled.map(({ deviceId }) => deviceId)}::uuid[],
      ${settled.map(({ wanted }) => wanted?.layoutId ?? null)}::uuid[],
      ${settled.map(({ wanted }) => wanted?.revision ?? null)}::integer[],
      ${settled.map(({ wanted }) => wanted?.cause ?? null)}::text[],
      ${settled.map(({ wanted }) => wanted?.causeId ?? null)}::uuid[],
      ${settled.map(({ dueAt }) => dueAt)}::timestamptz[],
      ${settled.map(({ isNews }) => isNews)}::boolean[])
      as settled (device_id, layout_id, revision, cause, cause_id, due_at, is_news)
    where display.device_id = settled.device_id
    returning display.device_id as id, display.version`.execute(tx);
  return new Map(rows.map(({ id, version }) => [id, version]));
}

/** What devices say of the versions they shall show, from now on. */
export async function saveReported(tx: Transaction<Database>, displays: readonly Display[]): Promise<void> {
  if (displays.length === 0) return;
  await sql`
    update device_display display
    set applied_version = said.applied_version, applied_layout_id = said.layout_id, applied_revision = said.revision,
      applied_at = said.applied_at, failed_version = said.failed_version, failure = said.failure,
      failed_at = said.failed_at
    from unnest(${displays.map(({ deviceId }) => deviceId)}::uuid[],
      ${displays.map(({ applied }) => applied?.version ?? null)}::bigint[],
      ${displays.map(({ applied }) => applied?.layout?.layoutId ?? null)}::uuid[],
      ${displays.map(({ applied }) => applied?.layout?.revision ?? null)}::integer[],
      ${displays.map(({ applied }) => applied?.at ?? null)}::timestamptz[],
      ${displays.map(({ failed }) => failed?.version ?? null)}::bigint[],
      ${displays.map(({ failed }) => failed?.reason ?? null)}::text[],
      ${displays.map(({ failed }) => failed?.at ?? null)}::timestamptz[])
      as said (device_id, applied_version, layout_id, revision, applied_at, failed_version, failure, failed_at)
    where display.device_id = said.device_id`.execute(tx);
}

/** Those for which it is time to weigh again what they shall show. */
export const dueDisplays = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('device_display').where('due_at', '<=', now);

/** Devices of one venue of which time alone may have changed what they shall show; at most so many. */
export async function findDueDevices(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<{
  readonly venueId: string;
  readonly deviceIds: readonly string[];
  /** Whether others are, of this venue or of another. */
  readonly hasMore: boolean;
} | null> {
  const rows = await dueDisplays(tx, { now })
    .select(['device_id', 'venue_id'])
    .orderBy('due_at')
    .limit(limit)
    .execute();
  const venueId = rows[0]?.venue_id;
  if (venueId === undefined) return null;
  const deviceIds = rows.filter((row) => row.venue_id === venueId).map((row) => row.device_id);
  return { venueId, deviceIds, hasMore: deviceIds.length < rows.length || rows.length === limit };
}

export const toDisplay = (row: Selectable<DeviceDisplayTable>): Display => ({
  deviceId: row.device_id,
  venueId: row.venue_id,
  pushed: layoutAt(row.pushed_layout_id, row.pushed_revision),
  desired: wantedOf(row),
  version: row.version,
  desiredAt: row.desired_at,
  applied:
    row.applied_version === null || row.applied_at === null
      ? null
      : {
          version: row.applied_version,
          layout: layoutAt(row.applied_layout_id, row.applied_revision),
          at: row.applied_at,
        },
  failed:
    row.failed_version === null || row.failure === null || row.failed_at === null
      ? null
      : { version: row.failed_version, reason: row.failure, at: row.failed_at },
});

function wantedOf(row: Selectable<DeviceDisplayTable>): Wanted | null {
  const at = layoutAt(row.desired_layout_id, row.desired_revision);
  return at && row.cause ? { ...at, cause: row.cause, causeId: row.cause_id } : null;
}

const layoutAt = (layoutId: string | null, revision: number | null): LayoutAt | null =>
  layoutId !== null && revision !== null ? { layoutId, revision } : null;
