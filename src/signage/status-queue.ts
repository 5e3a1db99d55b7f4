import { system } from '../lib/actor.ts';
import type { DomainError } from '../lib/errors.ts';
import type { RunWork } from '../work.ts';
import { parseHealth } from './device-status.ts';
import { type Heartbeat, reportStatuses, type StatusReport } from './device-status-service.ts';

/** Takes what devices say of themselves: alone when nothing is under way, together with all that waited otherwise. */
export interface StatusQueue {
  /**
   * @throws ValidationError, NotFoundError for a device that was removed; DatabaseUnavailableError, TimeoutError: then
   * it is not known whether it was taken, and the same may be said again
   */
  report(report: StatusReport): Promise<void>;
}

interface Waiting {
  readonly report: StatusReport;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/** How many reports go together at most: one transaction stays short. */
const MAX_BATCH = 500;

const REPORTS = system('device-reports');

export function createStatusQueue({
  runWork,
  heartbeatMs,
}: Heartbeat & { readonly runWork: RunWork }): StatusQueue {
  const waiting: Waiting[] = [];
  let isBusy = false;

  async function work(): Promise<void> {
    isBusy = true;
    try {
      while (waiting.length > 0) await takeTogether(waiting.splice(0, MAX_BATCH));
    } finally {
      isBusy = false;
    }
  }

  /** One that makes the work itself fail takes no other with it. */
  async function takeTogether(batch: readonly Waiting[]): Promise<void> {
    try {
      const reports = batch.map(({ report }) => report);
      const refused = await runWork(REPORTS, (each) => reportStatuses(each, reports, { heartbeatMs }));
      for (const { report, resolve, reject } of batch) {
        const refusal: DomainError | undefined = refused.get(report.deviceId);
        if (refusal) reject(refusal);
        else resolve();
      }
    } catch (error) {
      if (batch.length === 1) batch[0]?.reject(error);
      else for (const each of batch) await takeTogether([each]);
    }
  }

  return {
    report: async ({ health, ...device }) => {
      const report = { ...device, health: parseHealth(health) };
      await new Promise<void>((resolve, reject) => {
        waiting.push({ report, resolve, reject });
        if (!isBusy) void work();
      });
    },
  };
}
