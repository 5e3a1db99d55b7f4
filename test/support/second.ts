import type { Pool } from 'pg';
import type { RunWork, Work } from '../../src/work.ts';
import { DESK } from './booking.ts';
import { eventually } from './deadline.ts';
import { aGate } from './gate.ts';
import { lockWaits } from './lock-waits.ts';

/** The first is done and not committed when the second begins; it commits when the second waits for it, or is done. */
export const seconds =
  (floor: { readonly pool: Pick<Pool, 'query'> }, runWork: RunWork) =>
  async <First, Second>(
    first: (work: Work) => Promise<First>,
    second: () => Promise<Second>,
  ): Promise<readonly [First, Second]> => {
    const [isDone, mayCommit] = [aGate(), aGate()];
    const earlier = runWork(DESK, async (work) => {
      const done = await first(work);
      isDone.open();
      await mayCommit.opened;
      return done;
    });
    await Promise.race([isDone.opened, earlier]);
    let isOver = false;
    const later = second().finally(() => {
      isOver = true;
    });
    // Whether it is refused is said by the caller's wait for it.
    later.catch(() => {});
    await eventually(async () => isOver || (await lockWaits(floor)) > 0);
    mayCommit.open();
    return [await earlier, await later];
  };
