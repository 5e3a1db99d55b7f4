import { system } from '../lib/actor.ts';
import { createBatching } from '../lib/batching.ts';
import type { RunWork } from '../work.ts';
import { type LayoutReport, parseFailure, reportApplied } from './applied-service.ts';
import type { Display } from './display.ts';

/**
 * Takes what devices say of what they were told to show: alone when nothing is under way, together with all that waited
 * otherwise. What is pushed to a thousand screens is answered by all of them within a moment.
 */
export interface AppliedQueue {
  /**
   * How things stand for the device then.
   *
   * @throws ValidationError for a version it was never told; NotFoundError when it was removed; DatabaseUnavailableError,
   * TimeoutError: then it is not known whether it was taken, and the same may be said again
   */
  report(report: LayoutReport): Promise<Display>;
}

/** How many reports go together at most: one transaction stays short. */
const MAX_BATCH = 500;

const REPORTS = system('layout-reports');

export function createAppliedQueue({ runWork }: { readonly runWork: RunWork }): AppliedQueue {
  const take = createBatching<LayoutReport, Display>({
    take: (reports) => runWork(REPORTS, (work) => reportApplied(work, reports)),
    maxSize: MAX_BATCH,
  });
  return {
    report: async (report) =>
      take({ ...report, failure: report.failure === null ? null : parseFailure(report.failure) }),
  };
}
