import { setTimeout as pause } from 'node:timers/promises';
import { startWakeable } from '../lib/wakeable.ts';
import { type LineDriver, type LineDriverOptions, startLineDriver } from './line-driver.ts';
import { QUIET_MS } from './line-lease.ts';
import type { LineLeases } from './line-leases.ts';
import type { Tenure } from './tenure.ts';

/** Sees to one line: that it is driven while that is this process's turn, and only then. */
export interface LineKeeper extends AsyncDisposable {
  /** Whether this process holds its lease. */
  readonly isDriving: boolean;
  /** How the line stands now. */
  tell(standing: LineStanding): void;
  /** It was configured anew: who drives it begins again. */
  changed(): void;
  /** A command waits for one of its machines; nothing happens unless this process drives the line. */
  commandQueued(): void;
  /** Somebody wants to know which machines are on it; likewise. */
  discoveryRequested(): void;
  /** Jackpots of this venue changed; likewise. */
  jackpotsChanged(venueId: string): void;
  /** Transfers with machines of this venue were ordered, are to be cancelled, or are over; likewise. */
  transferChanged(venueId: string): void;
}

/** `isOurs`: whether this process is to drive it; `isFree`: whether nobody does. */
export interface LineStanding {
  readonly isOurs: boolean;
  readonly isFree: boolean;
}

export interface LineKeeperOptions extends LineDriverOptions {
  readonly lineId: string;
  readonly leases: LineLeases;
  /** A line that could be driven is not: to be asked about again. */
  readonly onIdle: () => void;
}

interface Driving {
  readonly tenure: Tenure;
  /** Null until it has started, and where it could not. */
  driver: LineDriver | null;
}

const IDLE_MS = 60_000;
/** After a start or an end that failed. */
const RETRY_MS = 1_000;

export function keepLine(options: LineKeeperOptions): LineKeeper {
  const { lineId, leases, logger } = options;
  let standing: LineStanding = { isOurs: true, isFree: false };
  let isStale = false;
  let driving: Driving | null = null;

  const loop = startWakeable({
    idleMs: RETRY_MS,
    onError: (error) => logger.warn({ err: error, lineId }, 'line not driven yet'),
    async run() {
      if (driving && (driving.tenure.over.aborted || !standing.isOurs)) await giveUp(driving);
      if (driving && isStale) await renew(driving);
      if (!driving && standing.isOurs && standing.isFree) await take();
      return IDLE_MS;
    },
  });

  async function take(): Promise<void> {
    standing = { ...standing, isFree: false };
    const tenure = await leases.take(lineId);
    if (!tenure) return;
    tenure.over.addEventListener('abort', loop.wake);
    driving = { tenure, driver: null };
    isStale = false;
    await start(driving);
  }

  async function start(held: Driving): Promise<void> {
    try {
      held.driver = await startLineDriver(options, held.tenure);
    } catch (error) {
      await giveUp(held);
      throw error;
    }
  }

  async function renew(held: Driving): Promise<void> {
    isStale = false;
    try {
      if (held.driver && !(await held.driver.isOutdated())) return;
      if (!(await silence(held))) await pause(QUIET_MS);
      await start(held);
    } catch (error) {
      isStale = true;
      throw error;
    }
  }

  async function giveUp(held: Driving): Promise<void> {
    const isSettled = await silence(held);
    driving = null;
    await leases.release(held.tenure, { isSettled });
    options.onIdle();
  }

  /** Stops the driver. Whether the line is settled. */
  async function silence(held: Driving): Promise<boolean> {
    const { driver } = held;
    if (!driver) return true;
    held.driver = null;
    await driver[Symbol.asyncDispose]();
    return driver.isSettled;
  }

  return {
    get isDriving() {
      return driving !== null;
    },
    tell(now) {
      standing = now;
      loop.wake();
    },
    changed() {
      isStale = true;
      loop.wake();
    },
    commandQueued: () => driving?.driver?.wake(),
    discoveryRequested: () => driving?.driver?.discoveryRequested(),
    jackpotsChanged(venueId) {
      if (driving?.tenure.lease.venueId === venueId) driving.driver?.jackpotsChanged();
    },
    transferChanged(venueId) {
      if (driving?.tenure.lease.venueId === venueId) driving.driver?.transferChanged();
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      if (driving)
        await giveUp(driving).catch((error: unknown) =>
          logger.warn({ err: error, lineId }, 'line not given back'),
        );
    },
  };
}
