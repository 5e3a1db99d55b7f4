import type { Kysely } from 'kysely';
import type { Database } from '../../src/db/schema.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { type LineDriver, startLineDriver } from '../../src/machine/line-driver.ts';
import { thisMoment } from '../../src/machine/line-lease.ts';
import { takeLine } from '../../src/machine/line-lease-service.ts';
import { beginTenure, type Tenure } from '../../src/machine/tenure.ts';
import { MACHINE_PROFILES } from '../../src/sas/host/profiles.ts';
import type { RunWork } from '../../src/work.ts';

/**
 * Where a driver dies: as the n-th step of a transfer is about to be committed, when it just was and nobody heard of
 * it, or as the n-th message is about to be sent, counted from when it is armed. Not a byte and not a row follows.
 */
export interface Death {
  readonly at: 'BEFORE_COMMIT' | 'AFTER_COMMIT' | 'BEFORE_MESSAGE';
  readonly n: number;
}

/** The death of one driver. */
export interface Dying {
  readonly runWork: RunWork;
  arm(): void;
  of(tenure: Tenure): Tenure;
}

export function aDeath(runWork: RunWork, { at, n }: Death): Dying {
  let left = n;
  let isArmed = false;
  let tenure: Tenure | null = null;
  const isNow = (moment: Death['at']) => {
    if (!isArmed || at !== moment) return false;
    left -= 1;
    return left === 0;
  };
  function die(): void {
    tenure?.end();
    throw new Error('died');
  }
  const mortal: RunWork = async (actor, task, origin) => {
    let isStep = false;
    const value = await runWork(
      actor,
      async (work) => {
        isStep = false;
        const result = await task({
          ...work,
          emit(event, author) {
            isStep ||= event.type === 'machine.aft-transfer-changed';
            work.emit(event, author);
          },
        });
        if (isStep && isNow('BEFORE_COMMIT')) die();
        return result;
      },
      origin,
    );
    if (isStep && isNow('AFTER_COMMIT')) die();
    return value;
  };
  return {
    runWork: mortal,
    arm() {
      isArmed = true;
    },
    of(mine) {
      tenure = mine;
      return {
        ...mine,
        isCurrent() {
          if (isNow('BEFORE_MESSAGE')) mine.end();
          return mine.isCurrent();
        },
      };
    },
  };
}

export interface Driving {
  readonly driver: LineDriver;
  readonly tenure: Tenure;
}

/** Drives a line that nobody drives; null for a driver that lives. */
export async function drive(
  lineId: string,
  { db, runWork, portFolder }: { db: Kysely<Database>; runWork: RunWork; portFolder: string },
  death: Dying | null,
): Promise<Driving> {
  const lease = await runWork(system('test'), (work) =>
    takeLine(work, lineId, { driver: { processId: newId(), name: 'test' }, leaseMs: 0 }),
  );
  if (!lease) throw new Error('the line is driven');
  const tenure = beginTenure(lease, { termMs: 600_000, askedAt: thisMoment() });
  const driver = await startLineDriver(
    {
      db,
      runWork: death?.runWork ?? runWork,
      portFolder,
      profiles: MACHINE_PROFILES,
      clockDriftMs: null,
      signals: { metersChanged: () => {}, connectionChanged: () => {} },
      logger: createLogger('silent'),
    },
    death?.of(tenure) ?? tenure,
  );
  if (!driver) throw new Error('no line');
  return { driver, tenure };
}

/** Has it stop in good order. */
export async function park({ driver, tenure }: Driving): Promise<void> {
  await driver[Symbol.asyncDispose]();
  tenure.end();
}
