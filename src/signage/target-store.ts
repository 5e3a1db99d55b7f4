import { type Kysely, type RawBuilder, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Targetable, Targets } from './targets.ts';

/** A screen as far as rules look at it. */
export interface Screen extends Targetable {
  /** Of its own clock (IANA); null: that of the venue. */
  readonly timeZone: string | null;
}

/**
 * What schedules and takeovers have the screens of a venue show is said by one transaction at a time, until it ends, and
 * none takes a screen in meanwhile: to be called before it is asked which screens are meant, or what means a screen.
 */
export async function lockRules(tx: Transaction<Database>, venueId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(1935894644, hashtext(${venueId}))`.execute(tx);
}

/** Those of these devices of a venue that are screens and were not removed; in no order. */
export async function findScreens(
  db: Kysely<Database>,
  venueId: string,
  deviceIds: readonly string[],
): Promise<readonly Screen[]> {
  if (deviceIds.length === 0) return [];
  return await db
    .selectFrom('device')
    .select(['id as deviceId', 'time_zone as timeZone', 'tags'])
    .select(
      sql<string[]>`array(select group_id from device_group_member where device_id = device.id)`.as(
        'groupIds',
      ),
    )
    .where('venue_id', '=', venueId)
    .where('id', '=', sql<string>`any(${deviceIds}::uuid[])`)
    .where('kind', '=', 'SCREEN')
    .where('status', '=', 'ACTIVE')
    .execute();
}

/** The screens of a venue that any of these means, in their order. */
export async function listMeant(
  db: Kysely<Database>,
  venueId: string,
  meant: readonly Targets[],
): Promise<readonly string[]> {
  if (meant.length === 0) return [];
  let query = db
    .selectFrom('device')
    .select('id')
    .where('venue_id', '=', venueId)
    .where('kind', '=', 'SCREEN')
    .where('status', '=', 'ACTIVE')
    .orderBy('id');
  if (!meant.some(({ everywhere }) => everywhere)) {
    const deviceIds = meant.flatMap((targets) => targets.deviceIds);
    const groupIds = meant.flatMap((targets) => targets.groupIds);
    const tags = meant.flatMap((targets) => targets.tags);
    query = query.where(sql<boolean>`(id = any(${deviceIds}::uuid[]) or tags && ${tags}::text[]
      or id in (select device_id from device_group_member where group_id = any(${groupIds}::uuid[])))`);
  }
  return (await query.execute()).map(({ id }) => id);
}

/** Whether a row of `schedule` means a device. */
export const meansDevice = (deviceId: string): RawBuilder<boolean> =>
  sql<boolean>`(schedule.everywhere or schedule.device_ids @> array[${deviceId}::uuid]
    or schedule.group_ids && array(select group_id from device_group_member where device_id = ${deviceId})
    or exists (select from device where id = ${deviceId} and tags && schedule.tags))`;
