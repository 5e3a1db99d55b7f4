import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Display } from './display.ts';
import { toDisplay } from './display-store.ts';

interface OfLayout {
  readonly venueId: string;
  readonly layoutId: string;
}

/** The devices that shall show a layout now, or were pushed it and show something else for a while. */
const displaysOf = (db: Kysely<Database>, { venueId, layoutId }: OfLayout) =>
  db
    .selectFrom('device_display')
    .innerJoin('device', 'device.id', 'device_display.device_id')
    .where('device_display.venue_id', '=', venueId)
    .where('device.status', '=', 'ACTIVE')
    .where((row) =>
      row.or([row('desired_layout_id', '=', layoutId), row('pushed_layout_id', '=', layoutId)]),
    );

/** Which devices of the venue shall show a layout now, or were pushed it and show something else for a while. */
export async function listDevicesShowing(
  db: Kysely<Database>,
  venueId: string,
  layoutId: string,
): Promise<readonly string[]> {
  const rows = await displaysOf(db, { venueId, layoutId })
    .select('device_display.device_id as id')
    .orderBy('device_display.device_id')
    .execute();
  return rows.map(({ id }) => id);
}

/** A page of them in the order of their ids, or in its reverse when read backward. */
export async function listDisplaysOf(
  db: Kysely<Database>,
  of: OfLayout,
  {
    after,
    before,
    limit,
    backward,
  }: {
    readonly after: string | null;
    readonly before: string | null;
    readonly limit: number;
    readonly backward: boolean;
  },
): Promise<readonly Display[]> {
  let page = displaysOf(db, of)
    .selectAll('device_display')
    .orderBy('device_display.device_id', backward ? 'desc' : 'asc')
    .limit(limit);
  if (after !== null) page = page.where('device_display.device_id', '>', after);
  if (before !== null) page = page.where('device_display.device_id', '<', before);
  return (await page.execute()).map(toDisplay);
}

export async function countDisplaysOf(db: Kysely<Database>, of: OfLayout): Promise<number> {
  const { count } = await displaysOf(db, of)
    .select((row) => row.fn.countAll<string>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Which devices of the venue were pushed a layout, also those that show something else for a while. */
export async function listDevicesPushed(
  db: Kysely<Database>,
  venueId: string,
  layoutId: string,
): Promise<readonly string[]> {
  const rows = await db
    .selectFrom('device_display')
    .innerJoin('device', 'device.id', 'device_display.device_id')
    .select('device_display.device_id as id')
    .where('device_display.venue_id', '=', venueId)
    .where('device.status', '=', 'ACTIVE')
    .where('pushed_layout_id', '=', layoutId)
    .orderBy('device_display.device_id')
    .execute();
  return rows.map(({ id }) => id);
}
