import type { Kysely } from 'kysely';
import { countFailedSignIns, countLockOuts } from '../auth/wrong-sign-in-store.ts';
import type { Database } from '../db/schema.ts';
import { countTransfersInDoubt } from '../machine/aft-transfer-list-store.ts';
import { countWaitingHandpays } from '../machine/handpay-store.ts';
import { listLines } from '../machine/line-store.ts';
import { countConnections } from '../machine/store.ts';
import { freeOf } from '../parking/lot.ts';
import { countParking } from '../parking/lot-counts.ts';
import { findLotsByIds } from '../parking/lot-store.ts';
import { countSilentDevices } from '../signage/device-status-store.ts';
import type { Work } from '../work.ts';
import type { Figure } from './alert-rule.ts';
import type { AlertMetric } from './metric.ts';

/** What a figure of a venue is; null: there is none. */
export type ReadFigure = (venueId: string, figure: Figure) => Promise<number | null>;

/** Figures of one instant, each read once however many ask for it. */
export function figuresOf({ tx, now }: Pick<Work, 'tx' | 'now'>): ReadFigure {
  const known = new Map<string, number | null>();
  return async (venueId, { metric, lotId, windowSeconds }) => {
    const name = [venueId, metric, lotId, windowSeconds].join(' ');
    const before = known.get(name);
    if (before !== undefined) return before;
    const since = new Date(now.getTime() - (windowSeconds ?? 0) * 1_000);
    const value = await READERS[metric](tx, { venueId, lotId, since, now });
    known.set(name, value);
    return value;
  };
}

interface Asked {
  readonly venueId: string;
  readonly lotId: string | null;
  readonly since: Date;
  readonly now: Date;
}

const READERS: Readonly<Record<AlertMetric, (db: Kysely<Database>, asked: Asked) => Promise<number | null>>> =
  {
    MACHINES_OFFLINE: async (db, { venueId }) => (await countConnections(db, venueId)).OFFLINE,
    SAS_LINES_DOWN: async (db, { venueId }) =>
      (await listLines(db, venueId)).filter(({ state }) => state !== 'UP').length,
    SAS_LINES_SILENT: async (db, { venueId }) =>
      (await listLines(db, venueId)).filter(({ silentSince }) => silentSince !== null).length,
    AFT_TRANSFERS_IN_DOUBT: (db, { venueId }) => countTransfersInDoubt(db, venueId),
    HANDPAYS_WAITING: (db, { venueId }) => countWaitingHandpays(db, venueId),
    DEVICES_OFFLINE: (db, { venueId }) => countSilentDevices(db, venueId),
    PARKING_OCCUPANCY_PERCENT: readOccupancy,
    FAILED_SIGN_INS: countFailedSignIns,
    LOCK_OUTS: countLockOuts,
  };

/** Only what is wholly taken is at 100. */
async function readOccupancy(db: Kysely<Database>, { venueId, lotId, now }: Asked): Promise<number | null> {
  const [lot] =
    lotId === null
      ? [await countParking(db, { venueId, now })]
      : (await findLotsByIds(db, venueId, { ids: [lotId], now }))
          .filter(({ status }) => status === 'ACTIVE')
          .map(({ occupancy }) => occupancy);
  if (!lot || lot.capacity === 0) return null;
  return Math.floor(((lot.capacity - freeOf(lot)) * 100) / lot.capacity);
}
