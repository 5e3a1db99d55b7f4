import { system } from '../lib/actor.ts';
import { DomainError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import type { ReportOutcome } from './report.ts';
import { applyReports, type ReportAnswer, type ReportCall } from './report-service.ts';

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

interface Waiting {
  readonly call: ReportCall;
  readonly resolve: (outcomes: readonly ReportOutcome[]) => void;
  readonly reject: (error: unknown) => void;
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
  const waiting: Waiting[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    isBusy = true;
    try {
      while (waiting.length > 0) {
        const startedMs = performance.now();
        await applyTogether(runWork, nextOf(waiting));
        await pause(startedMs + PACE_MS - performance.now());
      }
    } finally {
      isBusy = false;
    }
  }

  return {
    report: (call) =>
      new Promise((resolve, reject) => {
        waiting.push({ call, resolve, reject });
        if (!isBusy) void work();
      }),
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));

/** The first, and as many behind it as fit. */
function nextOf(waiting: Waiting[]): readonly Waiting[] {
  let count = 0;
  let reports = 0;
  for (const { call } of waiting) {
    reports += call.reports.length;
    if (count > 0 && reports > MAX_BATCH) break;
    count += 1;
  }
  return waiting.splice(0, count);
}

/** One that makes the work itself fail takes no other with it. */
async function applyTogether(runWork: RunWork, batch: readonly Waiting[]): Promise<void> {
  try {
    const calls = batch.map(({ call }) => call);
    const answers = await runWork(REPORTS, (work) => applyReports(work, calls));
    for (const [index, waiting] of batch.entries()) answer(waiting, answers[index] as ReportAnswer);
  } catch (error) {
    if (batch.length === 1) batch[0]?.reject(error);
    else for (const each of batch) await applyTogether(runWork, [each]);
  }
}

function answer({ resolve, reject }: Waiting, outcome: ReportAnswer): void {
  if (outcome instanceof DomainError) reject(outcome);
  else resolve(outcome);
}
