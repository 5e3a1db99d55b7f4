import type { FloorDatabase } from '../../src/db/database.ts';
import type { RunWork, Work } from '../../src/work.ts';
import { DESK } from './booking.ts';
import { eventually } from './deadline.ts';
import { lockWaits } from './lock-waits.ts';

/**
 * Starts the second when the first has done all it does and not committed, which it does when the second waits for it
 * or has ended. Answers how the second ended.
 */
export async function meanwhile<T>(
  { floor, runWork }: { readonly floor: FloorDatabase; readonly runWork: RunWork },
  first: (work: Work) => Promise<unknown>,
  second: () => Promise<T>,
): Promise<PromiseSettledResult<T>> {
  const { ended } = await runWork(DESK, async (work) => {
    await first(work);
    const ended = Promise.allSettled([second()]);
    await Promise.race([ended, eventually(async () => (await lockWaits(floor)) > 0)]);
    return { ended };
  });
  const [outcome] = await ended;
  return outcome;
}
