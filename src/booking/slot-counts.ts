import type { Kysely } from 'kysely';
import { findVenuesByIds } from '../auth/venue-store.ts';
import type { Database } from '../db/schema.ts';
import { dayOf } from '../lib/calendar.ts';
import { NotFoundError } from '../lib/errors.ts';
import { listClaims } from './claim-store.ts';
import { listSomeResources } from './resource-store.ts';
import { slotsOf } from './slot.ts';
import { boundsOf } from './slot-times.ts';

/** How many slots there are on a day of a venue, and how many of them can be had. */
export interface SlotCounts {
  readonly day: string;
  readonly total: number;
  readonly available: number;
}

const MAX_RESOURCES = 1_000;

/** Of today, by the venue's clock, and of its open resources. @throws NotFoundError */
export async function countSlotsOfToday(
  db: Kysely<Database>,
  { venueId, now }: { readonly venueId: string; readonly now: Date },
): Promise<SlotCounts> {
  const [venue] = await findVenuesByIds(db, [venueId]);
  if (!venue) throw new NotFoundError('venue');
  const day = dayOf(now, venue.timeZone);
  const filter = { kind: null, status: 'ACTIVE' } as const;
  const resources = await listSomeResources(db, venueId, { filter, limit: MAX_RESOURCES });
  const ids = resources.map(({ id }) => id);
  const claims = await listClaims(db, ids, { ...boundsOf(day, venue.timeZone), now });
  const slots = resources.flatMap((resource) => slotsOf(resource, day, claims.get(resource.id) ?? []));
  return { day, total: slots.length, available: slots.filter(({ free }) => free > 0).length };
}
