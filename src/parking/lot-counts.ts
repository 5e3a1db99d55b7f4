import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { listEveryLot } from './lot-store.ts';

/** How full the open lots of a venue are together; in cars. */
export interface LotCounts {
  readonly lots: number;
  readonly capacity: number;
  readonly occupied: number;
  readonly reserved: number;
}

/** Of one instant. */
export async function countParking(
  db: Kysely<Database>,
  { venueId, now }: { readonly venueId: string; readonly now: Date },
): Promise<LotCounts> {
  const lots = (await listEveryLot(db, venueId, { ids: null, now })).filter(
    ({ status }) => status === 'ACTIVE',
  );
  const sum = (part: 'capacity' | 'occupied' | 'reserved') =>
    lots.reduce((total, { occupancy }) => total + occupancy[part], 0);
  return {
    lots: lots.length,
    capacity: sum('capacity'),
    occupied: sum('occupied'),
    reserved: sum('reserved'),
  };
}
