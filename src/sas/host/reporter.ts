/** Hands reports to the consumer: which of them wait for which. */

import { type HostReport, isOfMachine } from './report.ts';
import { ReportLane, type ReportLaneOptions } from './report-lane.ts';

export interface Reporter {
  /** Resolves true once the report, or a newer one of its kind, was taken; false when it was given up. */
  readonly deliver: (report: HostReport) => Promise<boolean>;
  /** Tries nothing again, and waits for what is being delivered. */
  close(): Promise<void>;
}

/** No machine has this address, so its lane is the line's. */
const LINE = 0;
/** Added to a machine's address for the lane of its meters. */
const METERS_OF = 0x100;

/** The line and each machine have a lane of their own, in which everything is delivered in order. */
export function createReporter(options: Omit<ReportLaneOptions, 'behind'>): Reporter {
  const lanes = new Map<number, ReportLane>();

  function laneOf(key: number, behind?: ReportLane): ReportLane {
    const existing = lanes.get(key);
    if (existing !== undefined) return existing;
    const lane = new ReportLane(behind ? { ...options, behind } : options);
    lanes.set(key, lane);
    return lane;
  }

  return {
    deliver(report) {
      if (!isOfMachine(report)) return laneOf(LINE).deliver(report);
      const lane = laneOf(report.address);
      if (report.kind !== 'meters') return lane.deliver(report);
      // Meters make sense once it is known whose they are; but nothing waits for them.
      return laneOf(METERS_OF + report.address, lane).deliver(report);
    },
    async close() {
      await Promise.all(Array.from(lanes.values(), (lane) => lane.close()));
    },
  };
}
