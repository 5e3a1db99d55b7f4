import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { ValidationError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import type { ParkingLot } from '../parking/lot.ts';
import { countLotsNear, type DistancePlace, listLotsNear } from '../parking/lot-search-store.ts';
import { countLots, type LotFilter, listLots } from '../parking/lot-store.ts';
import { type Near, parseNear } from '../parking/near.ts';
import { type Page, type PageArguments, type PageKeyCodec, resolvePage, resolvePageBy } from './page.ts';
import type { ShownLot } from './parking-lot-type.ts';

export interface LotSearch {
  /** Null: wherever. */
  readonly near: Near | null;
  readonly filter: LotFilter;
  readonly now: Date;
}

/** A page of lots by age, or by distance. @throws ValidationError */
export function lotPage(
  db: Kysely<Database>,
  venueId: string,
  {
    args,
    search,
    counting,
  }: {
    readonly args: PageArguments;
    readonly search: LotSearch;
    /** What counts all of them, when that is asked for later. */
    readonly counting: Kysely<Database>;
  },
): Promise<Page<ShownLot>> {
  const { filter, now } = search;
  if (search.near === null)
    return resolvePage(args, {
      keyOf: ({ createdAt, id }: ParkingLot) => ({ at: createdAt, id }),
      load: (range) => listLots(db, venueId, { filter, range, now }),
      count: () => countLots(counting, venueId, { filter, now }),
    });
  const near = parseNear(search.near);
  return resolvePageBy<ShownLot, DistancePlace>(DISTANCE_KEYS, args, {
    keyOf: ({ id, distanceMeters = 0 }) => ({ id, distanceMeters }),
    load: async (range) => {
      const found = await listLotsNear(db, venueId, { near, filter, range, now });
      return found.map(({ lot, distanceMeters }) => ({ ...lot, distanceMeters }));
    },
    count: () => countLotsNear(counting, venueId, { near, filter, now }),
  });
}

const DISTANCE_KEYS: PageKeyCodec<DistancePlace> = {
  encode: ({ distanceMeters, id }) => Buffer.from(`${distanceMeters}m:${id}`, 'latin1').toString('base64url'),
  decode(text) {
    const decoded = text.length <= 96 ? Buffer.from(text, 'base64url').toString('latin1') : '';
    const [, meters, id = ''] = /^(\d[\d.e+-]*)m:(.+)$/.exec(decoded) ?? [];
    const key = { distanceMeters: Number(meters), id };
    if (!Number.isFinite(key.distanceMeters) || !isUuid(id) || DISTANCE_KEYS.encode(key) !== text)
      throw new ValidationError('This is not a cursor of this connection.');
    return key;
  },
};
