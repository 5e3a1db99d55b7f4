import type { Transaction } from 'kysely';
import { findVenuesByIds } from '../auth/venue-store.ts';
import type { Database } from '../db/schema.ts';
import { grouped } from '../lib/grouped.ts';
import { candidatesFor, ranked } from './candidates.ts';
import type { Display } from './display.ts';
import { listRanked } from './schedule-store.ts';
import { listRunning } from './takeover-store.ts';
import { findScreens } from './target-store.ts';
import { type Outlook, weigh } from './weighing.ts';

/**
 * What each of these displays of a venue shall show at an instant: the one place that weighs what is wanted of a device.
 * However many they are, and however many schedules there are, it asks as often.
 */
export async function findOutlooks(
  tx: Transaction<Database>,
  { venueId, displays }: { readonly venueId: string; readonly displays: readonly Display[] },
  at: Date,
): Promise<ReadonlyMap<string, Outlook>> {
  const deviceIds = displays.map(({ deviceId }) => deviceId);
  const [venue] = await findVenuesByIds(tx, [venueId]);
  const takeovers = grouped(await listRunning(tx, { deviceIds, at }), ({ deviceId }) => deviceId);
  const published = venue ? await listRanked(tx, venueId, { mayBeOn: true }) : [];
  const schedules = ranked(published, { at, venueZone: venue?.timeZone ?? 'UTC' });
  const screens = schedules.length > 0 ? await findScreens(tx, venueId, deviceIds) : [];
  const screenOf = new Map(screens.map((screen) => [screen.deviceId, screen]));
  return new Map(
    displays.map(({ deviceId, pushed }) => {
      const rules = { takeovers: takeovers.get(deviceId) ?? [], schedules, at };
      return [deviceId, weigh(candidatesFor(screenOf.get(deviceId) ?? null, pushed, rules))];
    }),
  );
}
