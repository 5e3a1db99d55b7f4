import { startWakeable } from '../lib/wakeable.ts';
import type { LineDriverOptions } from './line-driver.ts';
import { keepLine, type LineKeeper } from './line-keeper.ts';
import type { Driver } from './line-lease.ts';
import { listDrivable } from './line-lease-store.ts';
import type { LineLeases } from './line-leases.ts';

export interface FloorOptions extends LineDriverOptions {
  readonly driver: Driver;
  readonly leases: LineLeases;
}

export interface Floor extends AsyncDisposable {
  /** A command waits for a line; nothing happens when another process drives it. */
  commandQueued(lineId: string): void;
  /** Somebody wants to know which machines are on a line; likewise. */
  discoveryRequested(lineId: string): void;
  /** A jackpot of this venue changed. */
  jackpotsChanged(venueId: string): void;
  /** A transfer with a machine of this venue was ordered, is to be cancelled, or is over. */
  transferChanged(venueId: string): void;
  /** A line was added, or configured anew. */
  lineConfigured(lineId: string): void;
  /** A line was given back, its driver is gone, or it was removed: another may be to drive it, or its port. */
  lineFreed(): void;
}

/** How long a line may be free before this is noticed, when nobody says so. */
const LOOK_MS = 5_000;
/** So that a lease has expired for sure. */
const LATER_MS = 20;

/** Drives the serial lines this process is to drive, of whatever venue, as far as no other process does. */
export function startFloor(options: FloorOptions): Floor {
  const { db, driver, leases, logger } = options;
  const keepers = new Map<string, LineKeeper>();

  const loop = startWakeable({
    idleMs: LOOK_MS,
    onError: (error) => logger.warn({ err: error }, 'the serial lines could not be looked at'),
    async run() {
      const drivable = await listDrivable(db, driver.drives);
      const lines = new Map(drivable.map(({ lineId, leftMs }) => [lineId, leftMs]));
      for (const lineId of lines.keys()) if (!keepers.has(lineId)) keepers.set(lineId, keep(lineId));
      for (const [lineId, keeper] of keepers) {
        const leftMs = lines.get(lineId);
        keeper.tell({ isOurs: leftMs !== undefined, isFree: leftMs !== undefined && leftMs <= 0 });
        if (leftMs !== undefined || keeper.isDriving) continue;
        keepers.delete(lineId);
        await keeper[Symbol.asyncDispose]();
      }
      const expiries = drivable.map(({ leftMs }) => leftMs + LATER_MS).filter((ms) => ms > LATER_MS);
      return Math.min(LOOK_MS, ...expiries);
    },
  });

  const keep = (lineId: string): LineKeeper =>
    keepLine({ ...options, lineId, leases, onIdle: () => loop.wake() });

  return {
    commandQueued: (lineId) => keepers.get(lineId)?.commandQueued(),
    discoveryRequested: (lineId) => keepers.get(lineId)?.discoveryRequested(),
    jackpotsChanged(venueId) {
      for (const keeper of keepers.values()) keeper.jackpotsChanged(venueId);
    },
    transferChanged(venueId) {
      for (const keeper of keepers.values()) keeper.transferChanged(venueId);
    },
    lineConfigured(lineId) {
      keepers.get(lineId)?.changed();
      loop.wake();
    },
    lineFreed: loop.wake,
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await Promise.all([...keepers.values()].map((keeper) => keeper[Symbol.asyncDispose]()));
    },
  };
}
