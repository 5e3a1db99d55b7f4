import type { RunWork } from '../work.ts';
import { LineLeaseLostError } from './errors.ts';
import { holdEpoch } from './line-lease-store.ts';
import type { Tenure } from './tenure.ts';

/**
 * Units of work about one line, for its driver: each commits only while the line's lease is in the driver's
 * epoch, whatever the driver itself believes. A refusal ends the tenure.
 *
 * @throws LineLeaseLostError, besides what `runWork` and the task throw
 */
export function fenced(runWork: RunWork, tenure: Tenure): RunWork {
  return async (actor, task, origin) => {
    tenure.demand();
    return await runWork(
      actor,
      async (work) => {
        if (!(await holdEpoch(work.tx, tenure.lease))) {
          tenure.end();
          throw new LineLeaseLostError();
        }
        return await task(work);
      },
      origin,
    );
  };
}
