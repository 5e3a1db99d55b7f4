import { system } from '../lib/actor.ts';
import { createBatching } from '../lib/batching.ts';
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

/** How many reports go together at most: one transaction stays short. */
const MAX_BATCH = 500;

const REPORTS = system('device-reports');

export function createStatusQueue({
  runWork,
  heartbeatMs,
}: Heartbeat & { readonly runWork: RunWork }): StatusQueue {
  const take = createBatching<StatusReport, undefined>({
    take: async (reports) => {
      const refused = await runWork(REPORTS, (work) => reportStatuses(work, reports, { heartbeatMs }));
      return reports.map(({ deviceId }) => refused.get(deviceId));
    },
    maxSize: MAX_BATCH,
  });
  return { report: async ({ health, ...device }) => take({ ...device, health: parseHealth(health) }) };
}
