import { system } from '../lib/actor.ts';
import { createBatching } from '../lib/batching.ts';
import type { RunWork } from '../work.ts';
import type { ReportOutcome } from './report.ts';
import { applyReports, type ReportCall } from './report-service.ts';

/** Takes what gates and sensors say: alone when nothing is under way, together with all that waited otherwise. */
export interface ReportQueue {
  /**
   * What became of each report, in their order.
   *
   * @throws ValidationError, NotFoundError, NotOwnerError, LotCountedOtherwiseError: then none was taken;
   * DatabaseUnavailableError, TimeoutError: then it is not known, and the same may be said again
   */
  report(call: ReportCall): Promise<readonly ReportOutcome[]>;
}

/** How many reports go together at most: one transaction stays short. */
const MAX_BATCH = 2_000;
/**
 * At least so much time between two transactions: what a lot is full of changes for a reader as often as that, and a
 * thousand reports a second are ten transactions.
 */
const PACE_MS = 100;

const REPORTS = system('parking-reports');

export function createReportQueue({ runWork }: { readonly runWork: RunWork }): ReportQueue {
  return {
    report: createBatching<ReportCall, readonly ReportOutcome[]>({
      take: (calls) => runWork(REPORTS, (work) => applyReports(work, calls)),
      maxSize: MAX_BATCH,
      sizeOf: ({ reports }) => reports.length,
      paceMs: PACE_MS,
    }),
  };
}
